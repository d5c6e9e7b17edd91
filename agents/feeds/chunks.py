"""A compiled set out of the chunks topic into the cache: by seek, checked, put in place whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

import cramjam
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.feeds.mapped import sha256_of
from agents.feeds.wire import FileRef, chunk_key
from agents.kafka.connection import Connection

_SILENCE_SECONDS: Final = 10.0  # a chunk that was committed is there at once; if not, it is gone
_FETCH_BYTES: Final = 4 << 20


class IncompleteError(RuntimeError):
    """A set whose chunks are missing or are not what the manifest says."""


async def fetched(connection: Connection, topic: str, ref: FileRef, folder: Path) -> Path:
    """The file of a set, from the cache or from Kafka; raises `IncompleteError` and leaves nothing behind."""
    path = folder / f"{ref.sha256}.set"
    if await asyncio.to_thread(_is_whole, path, ref):
        return path
    with _aside(path) as file:
        try:
            await _copy(connection, topic, ref, file)
        except KafkaError as error:
            raise IncompleteError(f"chunks cannot be read: {error!r}") from error
    return path


def _is_whole(path: Path, ref: FileRef) -> bool:
    return path.exists() and sha256_of(path) == ref.sha256


@contextmanager
def _aside(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its place under `path` if the block ends well, and is gone if not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".fetch-")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


async def _copy(connection: Connection, topic: str, ref: FileRef, file: Any) -> None:
    digest, size = hashlib.sha256(), 0
    async for packed in _chunks(connection, topic, ref):
        piece = await asyncio.to_thread(_unpacked, packed, ref.chunk_bytes)
        size += len(piece)
        await asyncio.to_thread(_take, digest, file, piece)
    if size != ref.size or digest.hexdigest() != ref.sha256:
        raise IncompleteError(f"set {ref.sha256[:8]}: content does not match its hash")


def _take(digest: Any, file: Any, piece: bytes) -> None:
    digest.update(piece)
    file.write(piece)


def _unpacked(packed: bytes, limit: int) -> bytes:
    room = bytearray(limit)
    try:
        return bytes(memoryview(room)[: cramjam.zstd.decompress_into(packed, room)])
    except cramjam.DecompressionError as error:
        raise IncompleteError(f"a chunk cannot be unpacked: {error}") from None


async def _chunks(connection: Connection, topic: str, ref: FileRef) -> AsyncIterator[bytes]:
    consumer = AIOKafkaConsumer(
        **connection.aiokafka(),
        check_crcs=connection.check_crcs,
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        max_partition_fetch_bytes=_FETCH_BYTES,
    )
    await consumer.start()
    partition = TopicPartition(topic, 0)
    try:
        consumer.assign([partition])
        number = 0
        while number < len(ref.offsets):
            consumer.seek(partition, ref.offsets[number])
            for record in await _some(consumer, partition, ref):
                if number < len(ref.offsets) and record.offset == ref.offsets[number]:
                    yield _value(record, ref, number)
                    number += 1
    finally:
        await consumer.stop()


async def _some(consumer: Any, partition: Any, ref: FileRef) -> list[Any]:
    wanted = await consumer.position(partition)
    found = await consumer.getmany(partition, timeout_ms=int(_SILENCE_SECONDS * 1000))
    records = found.get(partition, [])
    if not records or records[0].offset != wanted:
        raise IncompleteError(f"set {ref.sha256[:8]}: the chunk at offset {wanted} is gone")
    return list(records)


def _value(record: Any, ref: FileRef, number: int) -> bytes:
    if record.key != chunk_key(ref.sha256, number) or record.value is None:
        raise IncompleteError(f"set {ref.sha256[:8]}: another record stands in the place of chunk {number}")
    return bytes(record.value)
