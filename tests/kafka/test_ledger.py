"""Proof from ledger records."""

from __future__ import annotations

import pytest

from agents.kafka.ledger import Entry, decode, verify
from agents.kafka.options import Mode
from agents.kafka.values import Partition

P = Partition("messages", 0)
NONE = "have no outcome"
INSIDE = f"2 records within entries {NONE}"


def _entry(first: int, last: int, seen: int | None = None, clean: int | None = None) -> Entry:
    count = last - first + 1 if seen is None else seen
    return Entry("s", "messages", 0, first, last, count, count if clean is None else clean)


@pytest.mark.parametrize(
    ("entries", "committed", "held", "exactly_once", "at_least_once"),
    [
        ([_entry(0, 4), _entry(5, 9)], 10, range(10), [], []),
        ([_entry(5, 9), _entry(0, 4)], 10, range(10), [], []),
        ([_entry(0, 4)], 10, range(10), [f"offsets 5 to 9 {NONE}"], [f"offsets 5 to 9 {NONE}"]),
        ([_entry(0, 4), _entry(7, 9)], 10, range(10), [f"offsets 5 to 6 {NONE}"], [f"offsets 5 to 6 {NONE}"]),
        ([_entry(0, 4), _entry(7, 9)], 10, (0, 1, 2, 3, 4, 7, 8, 9), [], []),  # a hole: markers, compaction
        ([_entry(0, 4)], 6, range(5), [], []),  # a marker at the end
        ([_entry(0, 5), _entry(3, 9)], 10, range(10), ["3 offsets have more than one outcome"], []),
        ([_entry(0, 9), _entry(0, 9)], 10, range(10), ["10 offsets have more than one outcome"], []),
        ([_entry(0, 9), _entry(2, 3), _entry(4, 12)], 10, range(20), ["8 offsets have more than one outcome"], []),
        ([_entry(0, 4, clean=4)], 5, range(5), ["1 entries do not add up"], ["1 entries do not add up"]),
        ([_entry(0, 9, seen=8)], 10, range(10), [INSIDE], [INSIDE]),
        ([_entry(0, 9, seen=8)], 10, range(8), [], []),  # holes within an entry
        ([_entry(100, 104)], 105, range(200), [], []),  # what came before the oldest entry is not claimed
        ([_entry(0, 4), _entry(8, 9)], 5, range(10), [], []),  # written, not yet committed
    ],
)  # fmt: skip
def test_verify(
    entries: list[Entry], committed: int, held: range, exactly_once: list[str], at_least_once: list[str]
) -> None:
    def count(partition: Partition, first: int, last: int) -> int:
        return sum(first <= offset <= last for offset in held)

    (coverage,) = verify(entries, {P: committed}, count)
    modes: tuple[Mode, Mode] = ("exactly_once", "at_least_once")
    assert [coverage.faults(mode) for mode in modes] == [exactly_once, at_least_once]


def test_replays_prove_nothing() -> None:
    live = b'{"source":"s","topic":"t","partition":0,"first":0,"last":0,"seen":1,"clean":1,"offsets":{},"kind":"live"}'
    assert [entry.kind for entry in decode([live, live.replace(b'"live"', b'"replay"'), None])] == ["live"]


def test_partitions_without_a_commit_are_left_out() -> None:
    assert verify([_entry(0, 4)], {}, lambda partition, first, last: 0) == []
