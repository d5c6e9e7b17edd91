"""What a fetch brought, batch by batch: where `native/` is installed, a batch gives all of its records as one value."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from struct import Struct
from typing import Any, Final
from weakref import proxy

import aiokafka.consumer.fetcher
from aiokafka import codec
from aiokafka.record.default_records import DefaultRecordBatch
from aiokafka.record.memory_records import MemoryRecords

from stream.model import Record
from stream.native import Records

_LENGTH: Final = Struct(">i")
_LENGTH_AT, _REST_AT, _BODY_AT = 8, 12, 61
_FORMAT: Final = 2  # in which Kafka keeps records since 0.11
_DECODERS: Final = {1: codec.gzip_decode, 2: codec.snappy_decode, 3: codec.lz4_decode, 4: codec.zstd_decode}


def install() -> None:
    """Let aiokafka's consumers take what they fetch as `Batches`, where these can be read natively."""
    if Records is not None:
        aiokafka.consumer.fetcher.MemoryRecords = Batches


class Batches(MemoryRecords):  # type: ignore[misc]  # untyped
    """The batches of a fetch, which aiokafka takes one after the other: as its own until they are read natively."""

    def __init__(self, fetched: bytes) -> None:
        super().__init__(fetched)
        self._fetched, self._at = fetched, 0
        self._source: Any = None
        self._reader: Any = None

    def read_natively(self, reader: Any, made: type) -> None:
        """Give the records of a batch as one to the `PartitionRecords` that reads them; `made` is the class of each."""
        self._source, self._reader = (made, *reader._tp), proxy(reader)  # weak, or they would hold each other

    def next_batch(self) -> Any:
        """The next batch; None behind the last."""
        batch, begin, fetched = super().next_batch(), self._at, self._fetched
        if batch is None:
            return None
        self._at = begin + _REST_AT + _LENGTH.unpack_from(fetched, begin + _LENGTH_AT)[0]
        if self._source is not None and isinstance(batch, DefaultRecordBatch) and batch.magic == _FORMAT:
            return _Batch(batch, self, (begin, self._at))
        return batch

    def unpacked(self, between: tuple[int, int], compression: int) -> Records | None:
        """The records of the batch there that were not read before; None where aiokafka must see to it."""
        body = None
        if compression:
            if (decode := _DECODERS.get(compression)) is None:
                return None
            body = decode(self._fetched[between[0] + _BODY_AT : between[1]])
        return Records.unpacked(self._source, self._fetched, between, body, self._reader.next_fetch_offset)


class _Batch:
    """A batch that answers all that aiokafka asks, but for one record has all of its records."""

    __slots__ = ("_batch", "_batches", "_between")

    def __init__(self, batch: Any, batches: Batches, between: tuple[int, int]) -> None:
        self._batch, self._batches, self._between = batch, batches, between

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        records = self._batches.unpacked(self._between, self._batch.compression_type)
        if records is None:
            return iter(self._batch)
        return iter((records,) if records else ())


def drawn(reader: Any, most: int | None) -> tuple[Sequence[Record], bool]:
    """Up to `most` records of a `PartitionRecords`, and whether there may be more."""
    if not isinstance(reader._records, Batches):
        found = list(islice(reader._records_iterator, most))
        return found, most is not None and len(found) == most
    parts, more = _parts(reader, most)
    if parts and all(type(part) is Records for part in parts):
        return parts[0] if len(parts) == 1 else Records.joined(parts), more
    return [record for part in parts for record in (part if type(part) is Records else (part,))], more


def _parts(reader: Any, most: int | None) -> tuple[list[Any], bool]:
    """Single records, and such as are of one batch: of that to which the last belong, some may be left."""
    parts, number = list[Any](), 0
    while most is None or number < most:
        part = reader.left or next(reader._records_iterator, None)
        reader.left = None
        if part is None:
            return parts, False
        size = len(part) if type(part) is Records else 1
        if most is not None and size > (room := most - number):
            part, reader.left, size = part[:room], part[room:], room
        parts.append(part)
        number += size
    reader.next_fetch_offset = parts[-1].offset + 1  # aiokafka's generator says so of all that it gave
    return parts, True
