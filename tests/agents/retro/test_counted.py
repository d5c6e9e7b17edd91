"""What campaigns has counted comes back after a start, and never more than the group has committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agents.kafka.spans import Kept
from agents.kafka.values import Partition
from agents.lookback.counted import Counted, Notebook, newest
from config.load import load
from config.rules import rules_from
from stream.campaigns import Counter, Limits
from stream.lists.memory import NO_LISTS
from stream.pipeline import scanner
from stream.sighting import unpack
from stream.sightings import packer
from tests.support.look_back import SPREADING

A, B, SAID = Partition("links", 0), Partition("links", 1), Partition("alerts", 0)

SPANS = {  # first and end of two partitions, most → what is read
    "few": ([(0, 10), (5, 10)], 100, [(0, 10), (5, 10)]),
    "nothing": ([(7, 7), (9, 3)], 100, [(7, 7), (9, 3)]),
    "the newest of many, each in its share": ([(0, 300), (100, 200)], 100, [(225, 300), (175, 200)]),
    "one that is read already": ([(0, 400), (50, 50)], 100, [(300, 400), (50, 50)]),
}


@pytest.mark.parametrize("case", SPANS)
def test_a_start_reads_no_more_than_so_much(case: str) -> None:
    spans, most, expected = SPANS[case]
    assert newest(dict(zip((A, B), spans, strict=True)), most) == dict(zip((A, B), expected, strict=True))


def taken(path: Path) -> tuple[Notebook, Counter]:
    rules, counter = rules_from(load(None, {}).settings), Counter(Limits())
    events = [json.dumps({"id": str(n), "user": f"u{n}", "text": SPREADING.format(host=f"lembah{n % 2}.test")})
              for n in range(6)]  # fmt: skip
    batch = [Kept(next(iter(rules.sources)), 0, n, n, None, event.encode()) for n, event in enumerate(events)]
    for written in packer(rules)(batch, scanner(rules, NO_LISTS)(batch), 0):
        if block := unpack(written.value):
            counter.count(block)
    notebook = Notebook(path / "counted")
    notebook.take(counter.groups, {b"case": 2}, {A: 30, B: 7}, {SAID: 4})
    return notebook, counter


def test_what_was_counted_comes_back(tmp_path: Path) -> None:
    notebook, counter = taken(tmp_path)
    notebook.write({A: 30, B: 8})
    read = Notebook(tmp_path / "counted").read()
    assert read.groups == counter.groups
    assert any(group.strongest for group in read.groups.values())
    assert read.told == {b"case": 2}
    assert [read.after(place, 5) for place in (A, B, SAID, Partition("links", 2))] == [30, 7, 5, 5]


@pytest.mark.parametrize("committed", [{}, {A: 30}, {A: 29, B: 7}])
def test_what_is_not_committed_is_not_written(tmp_path: Path, committed: dict[Partition, int]) -> None:
    notebook, _ = taken(tmp_path)
    notebook.write(committed)
    assert notebook.read() == Counted()


@pytest.mark.parametrize("content", [b"", b"\x93", b"no such thing"])
def test_a_file_that_cannot_be_read_is_forgotten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "counted").write_bytes(content)
    assert Notebook(tmp_path / "counted").read() == Counted()
