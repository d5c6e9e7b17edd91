"""Records as the line takes them: a value that is made in a fifth of the time that aiokafka's own takes."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from msgspec import Struct


class Taken(Struct, frozen=True, gc=False):
    """One record of a source; see `stream.model.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Buffer(OrderedDict[Any, Any]):
    """What aiokafka's fetcher keeps until it is asked for, by partition: batches that unpack into `Taken`."""

    def __setitem__(self, partition: Any, result: Any) -> None:
        records = getattr(result, "_partition_records", None)  # an error has none
        if records is not None:
            records._consumer_record = taken
        super().__setitem__(partition, result)


def taken(partition: Any, record: Any) -> Taken:
    """The record of a batch in place of aiokafka's frozen dataclass, which costs more to make than to read a batch."""
    headers = record.headers
    return Taken(
        partition.topic,
        partition.partition,
        record.offset,
        record.timestamp,
        record.timestamp_type,
        record.key,
        record.value,
        tuple(headers) if headers else (),
    )
