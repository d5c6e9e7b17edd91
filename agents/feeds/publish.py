"""Publishing a set: chunks first, the manifest last, under one transactional id that fences a second keeper."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cramjam
from aiokafka import AIOKafkaProducer
from aiokafka.errors import InvalidProducerEpoch, KafkaError, ProducerFenced

from agents.feeds.wire import FileRef, Manifest, chunk_key, encode, manifest_key
from agents.kafka.connection import Connection

CHUNK_BYTES: Final = 512 * 1024  # of the file; far below a broker's default limit even where nothing can be packed
_CHUNKS_AT_ONCE: Final = 16
_TRANSACTION_MS: Final = 15_000  # how long a killed keeper's open transaction can hide what comes after it
_BACKOFF_MS: Final = 10


class FencedError(RuntimeError):
    """Another keeper has taken over."""


@dataclass(frozen=True)
class Press:
    """A producer that only one keeper at a time can use, and the topics that it writes."""

    producer: Any
    lists: str
    chunks: str
    turn: asyncio.Lock  # a producer knows one transaction at a time


async def open_press(connection: Connection, lists: str, chunks: str) -> Press:
    """Take over: from here on whoever held the transactional id before can write nothing."""
    producer = AIOKafkaProducer(
        **connection.aiokafka(),
        acks="all",
        transactional_id=f"{lists}.keeper",
        transaction_timeout_ms=_TRANSACTION_MS,
        retry_backoff_ms=_BACKOFF_MS,
        max_request_size=4 * CHUNK_BYTES,
        max_batch_size=2 * CHUNK_BYTES,
    )
    await producer.start()
    return Press(producer, lists, chunks, asyncio.Lock())


async def write(press: Press, records: Sequence[tuple[str, bytes, bytes | None]]) -> list[int]:
    """Write topic, key, value records in one transaction; returns their offsets."""
    try:
        async with press.turn, press.producer.transaction():
            sent = [await press.producer.send(topic, value, key=key) for topic, key, value in records]
            return [each.offset for each in await asyncio.gather(*sent)]
    except (ProducerFenced, InvalidProducerEpoch) as error:
        raise FencedError("another keeper has taken over") from error


async def upload(press: Press, path: Path) -> FileRef:
    """Write a file as chunks; the intent is noted first, so that the chunks of a killed keeper can be cleared away."""
    sha256, size = path.stem, path.stat().st_size  # noqa: ASYNC240  # one call
    count = -(-size // CHUNK_BYTES)
    await write(press, [(press.lists, intent_key(sha256), str(count).encode())])
    offsets: list[int] = []
    for batch in _batches(path, sha256):
        packed = await asyncio.to_thread(lambda rows: [(key, _packed(piece)) for key, piece in rows], batch)
        offsets += await write(press, [(press.chunks, key, value) for key, value in packed])
    return FileRef(sha256, size, CHUNK_BYTES, tuple(offsets))


def intent_key(sha256: str) -> bytes:
    """The record key under which the lists topic says that a file is being written."""
    return f"upload/{sha256}".encode()


def _batches(path: Path, sha256: str) -> Iterator[list[tuple[bytes, bytes]]]:
    batch: list[tuple[bytes, bytes]] = []
    with path.open("rb") as file:
        number = 0
        while piece := file.read(CHUNK_BYTES):
            batch.append((chunk_key(sha256, number), piece))
            number += 1
            if len(batch) == _CHUNKS_AT_ONCE:
                yield batch
                batch = []
    if batch:
        yield batch


def _packed(piece: bytes) -> bytes:
    return bytes(cramjam.zstd.compress(piece, 3))


async def announce(press: Press, manifest: Manifest) -> None:
    """Put a set in force: its manifest, and the intents of its files taken back, in one transaction."""
    done = [(press.lists, intent_key(ref.sha256), None) for ref in files_of(manifest)]
    await write(press, [(press.lists, manifest_key(manifest.sequence), encode(manifest)), *done])


def files_of(manifest: Manifest) -> list[FileRef]:
    """The files that a manifest names."""
    return [ref for ref in (manifest.base, manifest.delta) if ref]


async def clear(press: Press, old: Iterable[Manifest], kept: Iterable[Manifest], orphans: dict[str, int]) -> None:
    """Write tombstones for manifests that have served, and for chunks that no kept manifest names."""
    in_use = {ref.sha256 for manifest in kept for ref in files_of(manifest)}
    old = list(old)
    counts = {ref.sha256: len(ref.offsets) for manifest in old for ref in files_of(manifest)} | orphans
    gone = {sha256: count for sha256, count in counts.items() if sha256 not in in_use}
    # The manifest goes first: nobody may read one whose chunks are gone.
    records = [(press.lists, manifest_key(manifest.sequence), None) for manifest in old]
    records += [(press.chunks, chunk_key(sha256, n), None) for sha256, count in gone.items() for n in range(count)]
    records += [(press.lists, intent_key(sha256), None) for sha256 in gone]
    if records:
        await write(press, records)


async def close_press(press: Press) -> None:
    """Let go of the producer."""
    try:
        await press.producer.stop()
    except KafkaError:
        return  # fenced, or no broker: nothing is in hand
