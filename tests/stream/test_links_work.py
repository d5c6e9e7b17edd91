"""What was once looked at is not looked at again: measured in turns of a loop, so that any machine may run it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from stream.links import reader
from stream.suffixes import bundled

LONG = 65_536
MOST_TURNS = 600_000  # 16 ms where a turn takes 27 ns


def fastest(work: Callable[[], object], times: int) -> float:
    """Processor seconds of the quickest of so many runs."""
    seconds = []
    for _ in range(times):
        start = time.thread_time()
        work()
        seconds.append(time.thread_time() - start)
    return min(seconds)


def turns() -> int:
    """A hundred thousand turns of a loop."""
    total = 0
    for turn in range(100_000):
        total += turn & 7
    return total


TALK = "you’ve said it all before, and to the cat = the dog\n" * 20 + "https://pay.example/%2F "


UNITS = ["http://a.example/)", "ａ．点a", "http://a.example/[.]", "a@b.c/", "%25", "go to pay dot my/ ", TALK]


@pytest.mark.parametrize("unit", [*UNITS, "a\u034f", "ａb", "s／／", "【/】", "a【/】", "a=\n"])
def test_a_long_text_of_tricks_costs_little(unit: str) -> None:
    read = reader(bundled())
    text = (unit * LONG)[:LONG]
    assert fastest(lambda: read(text), 5) < MOST_TURNS * fastest(turns, 5) / 100_000
