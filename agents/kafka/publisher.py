"""Writing: everything of a batch is acknowledged, or nothing of it counts. Two publishers, one contract."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import InvalidProducerEpoch, ProducerFenced
from aiokafka.structs import OffsetAndMetadata

from agents.kafka.connection import Connection
from agents.kafka.limits import Limits, read_limits
from agents.kafka.options import DeliveryOptions
from agents.kafka.values import Chunk, Outgoing, Partition, TooLarge

_CLOSE_SECONDS = 5.0
_TRANSACTION_BACKOFF_MS = 10  # aiokafka's 100 ms between the steps of a transaction costs two thirds of the speed


class FencedError(RuntimeError):
    """Another process owns this partition now; nothing that we write for it counts any more."""


class Publisher(Protocol):
    """What a line needs of either mode."""

    @property
    def commits(self) -> bool:
        """Whether publishing also commits the source offsets."""

    async def start(self) -> None:
        """Connect; raises when no broker answers."""

    async def stop(self) -> None:
        """Disconnect, after everything in hand has ended."""

    async def fence(self, partitions: Sequence[Partition]) -> None:
        """Make sure that no former owner can still write for these partitions."""

    async def publish(self, outgoing: Sequence[Outgoing], chunks: Sequence[Chunk]) -> None:
        """Return when all is acknowledged; raise when that cannot be known."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Where and what a publisher writes. `too_large` gives what to write in place of a record above a topic's limit."""

    connection: Connection
    group: str
    outputs: Sequence[str]
    options: DeliveryOptions
    too_large: TooLarge = lambda outgoing, limit: None

    async def limits(self) -> Limits:
        """The size limits as the broker has them now."""
        largest = self.options.largest_record_bytes
        return Limits(await read_limits(self.connection, self.outputs, largest), largest, self.too_large)


def create_publisher(writing: Writing) -> Publisher:
    """The publisher of the configured mode."""
    return ExactlyOnce(writing) if writing.options.mode == "exactly_once" else AtLeastOnce(writing)


async def _send_all(producer: Any, outgoing: Sequence[Outgoing]) -> None:
    """Faust would only log a failed send, and commit its message all the same; here it is raised."""
    sent = [await producer.send(each.topic, each.value, key=each.key, headers=list(each.headers)) for each in outgoing]
    if sent:
        await asyncio.gather(*sent)


class AtLeastOnce:
    """One idempotent producer: a retry never writes twice, a crash may."""

    commits = False

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._limits = Limits({}, writing.options.largest_record_bytes, writing.too_large)
        self._producer: Any = None

    async def start(self) -> None:
        """Connect; raises when no broker answers."""
        self._limits = await self._writing.limits()
        self._producer = AIOKafkaProducer(**_settings(self._writing, self._limits), enable_idempotence=True)
        await self._producer.start()

    async def stop(self) -> None:
        """Disconnect."""
        await self._producer.stop()

    async def fence(self, partitions: Sequence[Partition]) -> None:
        """Nothing: a former owner may repeat what it had in hand, and the ids of the repeats are equal."""

    async def publish(self, outgoing: Sequence[Outgoing], chunks: Sequence[Chunk]) -> None:
        """Return when all is acknowledged."""
        await _send_all(self._producer, self._limits.fit(outgoing))


class ExactlyOnce:
    """One transaction a batch, with the source offset inside; one transactional id a source partition.

    One id a process would not be safe: aiokafka speaks TxnOffsetCommit v0, which cannot tell the generation.
    """

    commits = True

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self._limits = Limits({}, writing.options.largest_record_bytes, writing.too_large)
        self._producers: dict[Partition, Any] = {}

    async def start(self) -> None:
        """Read the size limits; the producers come with the partitions."""
        self._limits = await self._writing.limits()

    async def stop(self) -> None:
        """Disconnect all producers."""
        await asyncio.gather(*(self._close(partition) for partition in list(self._producers)))

    async def fence(self, partitions: Sequence[Partition]) -> None:
        """A fresh producer for every partition: InitProducerId raises the epoch, so a former owner is refused and what
        it left open is aborted."""
        await asyncio.gather(*(self._close(partition) for partition in list(self._producers)))
        await asyncio.gather(*(self._open(partition) for partition in partitions))

    async def _open(self, partition: Partition) -> None:
        producer = AIOKafkaProducer(
            **_settings(self._writing, self._limits),
            transactional_id=f"{self._writing.group}-{partition.topic}-{partition.partition}",
            transaction_timeout_ms=int(self._writing.options.transaction_timeout_seconds * 1000),
            retry_backoff_ms=_TRANSACTION_BACKOFF_MS,
        )
        await producer.start()
        self._producers[partition] = producer

    async def _close(self, partition: Partition) -> None:
        producer = self._producers.pop(partition)
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await producer.stop()
        except Exception:  # noqa: BLE001, S110  # it may be fenced or hang; the new epoch shuts it out either way
            pass

    async def publish(self, outgoing: Sequence[Outgoing], chunks: Sequence[Chunk]) -> None:
        """Return when the transaction with the records and the source offset is committed."""
        last = chunks[-1]
        producer = self._producers.get(last.source)
        if producer is None:
            raise FencedError(f"no producer for {last.source}")
        try:
            await producer.begin_transaction()
            await _send_all(producer, self._limits.fit(outgoing))
            offsets = {TopicPartition(*last.source): OffsetAndMetadata(last.last + 1, "")}
            await producer.send_offsets_to_transaction(offsets, self._writing.group)
            await producer.commit_transaction()
        except (ProducerFenced, InvalidProducerEpoch) as error:
            raise FencedError(f"{last.source} belongs to another process: {error!r}") from error


def _settings(writing: Writing, limits: Limits) -> dict[str, Any]:
    return writing.connection.aiokafka() | {
        "acks": "all",
        "linger_ms": 0,
        "request_timeout_ms": int(writing.options.request_timeout_seconds * 1000),
        "max_batch_size": limits.batch_bytes,
        "max_request_size": limits.request_bytes,
    }
