"""Records are taken from batches as they stand there, by a part of aiokafka that we lean on from inside."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import FetchError, FetchResult, PartitionRecords
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from agents.kafka.batches import Batches
from agents.kafka.taken import Buffer, Taken
from stream.native import is_there

P = TopicPartition("messages", 3)
FIELDS = ("topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers")
ROWS: list[tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]] = [
    (None, b'{"text":"hello"}', []),
    (b"key", None, []),
    (b"", b"", [("traceparent", b"00-1"), ("ce_id", b"7")]),
]


def unpacked(fetched: type[Any] = MemoryRecords) -> PartitionRecords:
    batch = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 65_536)
    for at, (key, value, headers) in enumerate(ROWS):
        batch.append(at, 1_800_000_000_000 + at, key, value, headers)
    return PartitionRecords(P, fetched(bytes(batch.build())), [], 0, None, None, True, 1)


class Assigned:
    """An assignment of one partition that is read from its beginning."""

    active = True

    def __init__(self) -> None:
        self.paused, self.position = False, 0

    def state_value(self, _partition: Any) -> Assigned:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


@pytest.mark.parametrize("at", range(len(ROWS)))
def test_a_taken_record_says_what_aiokafka_says(at: int) -> None:
    buffer, assignment = Buffer(), type("Assigned", (), {"active": False})()
    result: Any = FetchResult(P, assignment=assignment, partition_records=unpacked(), backoff=0)
    buffer[P] = result
    taken, theirs = list(result._partition_records)[at], list(unpacked())[at]
    assert type(taken) is Taken
    assert [getattr(taken, field) for field in FIELDS] == [getattr(theirs, field) for field in FIELDS]


@pytest.mark.parametrize("fetched", [MemoryRecords, Batches] if is_there() else [MemoryRecords])
@pytest.mark.parametrize("thrown_away", ["by a seek", "by a rebalance", "by another fetch"])
def test_what_is_thrown_away_half_read_is_gone_at_once(thrown_away: str, fetched: type[Any]) -> None:
    """aiokafka's own waits for the collector, with up to a whole fetch of bytes for each rebalance."""
    buffer, assignment = Buffer(), Assigned()
    buffer[P] = FetchResult(P, assignment=assignment, partition_records=unpacked(fetched), backoff=0)
    records = buffer[P]._partition_records
    assert len(buffer[P].getall(1)) == 1
    left = weakref.ref(records)
    del records
    gc.disable()
    try:
        if thrown_away == "by a seek":
            del buffer[P]
        elif thrown_away == "by a rebalance":
            buffer.clear()
        else:
            buffer[P] = FetchResult(P, assignment=assignment, partition_records=unpacked(), backoff=0)
        assert left() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("most", [1, 2, 3, 4, None])
def test_records_come_as_aiokafka_hands_them_out(most: int | None) -> None:
    """As many at a time, with the same positions in between and the same end."""
    runs = []
    for kept in (Buffer(), dict[Any, Any]()):
        assigned = Assigned()
        kept[P] = result = FetchResult(P, assignment=assigned, partition_records=unpacked(), backoff=0)
        steps = []
        while result.has_more():
            steps.append(([record.offset for record in result.getall(most)], assigned.position, result.has_more()))
        runs.append(steps)
    assert runs[0] == runs[1]
    assert [offset for step in runs[0] for offset in step[0]] == [0, 1, 2]


def test_what_another_position_was_read_for_is_not_handed_out() -> None:
    assigned, buffer = Assigned(), Buffer()
    buffer[P] = result = FetchResult(P, assignment=assigned, partition_records=unpacked(), backoff=0)
    assigned.position = 7
    assert result.getall(2) == []
    assert not result.has_more()


def test_an_error_is_kept_as_it_is() -> None:
    buffer, error = Buffer(), FetchError(error=ValueError("x"), backoff=0)
    buffer[P] = error
    assert buffer[P] is error
