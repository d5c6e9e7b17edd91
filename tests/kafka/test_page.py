"""The page: what was in hand when a process died is judged record by record, and in the end not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.kafka.page import DEADLY, NoPage, Range, SupervisorPage, WorkerPage, create_page
from agents.kafka.values import Chunk, Partition

SOURCE = Partition("messages", 3)


@dataclass(frozen=True)
class Bare:
    """A record of which only the offset matters."""

    offset: int
    topic: str = "messages"
    partition: int = 3
    timestamp: int = 0
    key: bytes | None = None
    value: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def _chunk(*offsets: int, source: Partition = SOURCE) -> Chunk:
    return Chunk(source, 1, [Bare(offset) for offset in offsets])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    create_page(tmp_path / "page", 2)
    return tmp_path / "page"


def _offsets(page: WorkerPage | NoPage, *chunks: Chunk) -> list[list[int]]:
    return [[record.offset for chunk in part for record in chunk.records] for part in page.parts(chunks)]


def test_what_is_in_hand_outlives_the_worker(path: Path) -> None:
    worker, supervisor = WorkerPage(path, 1), SupervisorPage(path)
    assert supervisor.in_hand(1) is None
    worker.hold([_chunk(4, 5), _chunk(6, 9)])
    assert supervisor.in_hand(1) == Range(SOURCE, 4, 9, 1)
    assert supervisor.in_hand(0) is None
    worker.release()
    assert supervisor.in_hand(1) is None


def test_a_new_worker_starts_with_nothing_in_hand(path: Path) -> None:
    WorkerPage(path, 0).hold([_chunk(1)])
    WorkerPage(path, 0)
    assert SupervisorPage(path).in_hand(0) is None


def test_nobody_is_blamed_when_nothing_was_in_hand(path: Path) -> None:
    assert SupervisorPage(path).blame(0) is None


def test_a_range_is_judged_alone_and_a_record_after_three_deaths_not_at_all(path: Path) -> None:
    worker, supervisor = WorkerPage(path, 0), SupervisorPage(path)
    worker.hold([_chunk(4, 5, 6)])
    assert supervisor.blame(0) == Range(SOURCE, 4, 6, 0)
    other = WorkerPage(path, 1)  # the partition may well move to another worker
    assert _offsets(other, _chunk(2, 3, 4), _chunk(5, 6, 7, 8)) == [[2, 3], [4], [5], [6], [7, 8]]
    for deaths in range(1, DEADLY + 1):
        assert other.deaths([_chunk(5)]) == 0
        other.hold([_chunk(5)])
        assert supervisor.blame(1) == Range(SOURCE, 5, 5, deaths)
    assert other.deaths([_chunk(5)]) == DEADLY
    assert other.deaths([_chunk(4)]) == other.deaths([_chunk(5, 6)]) == 0


@pytest.mark.parametrize("source", [Partition("messages", 2), Partition("others", 3)])
def test_other_partitions_are_not_suspect(path: Path, source: Partition) -> None:
    worker = WorkerPage(path, 0)
    worker.hold([_chunk(4, 5, 6)])
    SupervisorPage(path).blame(0)
    assert _offsets(worker, _chunk(4, 5, 6, source=source)) == [[4, 5, 6]]


def test_the_page_never_overflows(path: Path) -> None:
    worker, supervisor = WorkerPage(path, 0), SupervisorPage(path)
    for offset in range(200):
        worker.hold([_chunk(offset)])
        supervisor.blame(0)
    assert [each.first for each in supervisor.suspects()] == list(range(136, 200))


def test_without_a_page_all_is_judged_together() -> None:
    assert _offsets(NoPage(), _chunk(1, 2), _chunk(3)) == [[1, 2, 3]]
    assert NoPage().deaths([_chunk(1)]) == 0
