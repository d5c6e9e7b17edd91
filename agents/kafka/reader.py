"""Reading whole topics without a group: every process sees every record, first to the end, then as they come."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from agents.kafka.connection import Connection
from agents.kafka.exits import log
from stream.model import Record

_WAIT_MS = 500
_METADATA_SECONDS = 30.0
_HURRY_SECONDS = 5.0
_BACKOFF_SECONDS = 1.0


async def follow(
    connection: Connection, topics: Sequence[str], at_end: asyncio.Event, since_ms: int = 0
) -> AsyncIterator[list[Record]]:
    """Records of the topics from a time or their beginning on, in order within a partition, for ever.

    `at_end` is set once everything is out that was there when reading began. Only committed records are read. A broken
    connection is waited out; a topic that is not there after half a minute raises `TimeoutError`.
    """
    async with _consumer(connection, topics, since_ms) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while True:
            fetched = await _fetch(consumer)
            records = [record for part in fetched.values() for record in part]
            if records:
                yield records
            # After the yield: whoever waits for the event finds everything before it taken in.
            if not at_end.is_set() and await _reached(consumer, ends):
                at_end.set()


async def read(connection: Connection, topics: Sequence[str]) -> list[Record]:
    """All records that are in the topics now; raises `TimeoutError` soon where one is missing: a person waits."""
    at_end, records = asyncio.Event(), list[Record]()
    async with _consumer(connection, topics, patience=_HURRY_SECONDS) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while not at_end.is_set():
            for part in (await _fetch(consumer)).values():
                records.extend(part)
            if await _reached(consumer, ends):
                at_end.set()
    return [record for record in records if record.offset < ends[TopicPartition(record.topic, record.partition)]]


@asynccontextmanager
async def _consumer(
    connection: Connection, topics: Sequence[str], since_ms: int = 0, patience: float = _METADATA_SECONDS
) -> AsyncIterator[Any]:
    consumer = AIOKafkaConsumer(
        **connection.aiokafka(),
        check_crcs=connection.check_crcs,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        fetch_max_wait_ms=_WAIT_MS,
    )
    try:
        await consumer.start()
        partitions = [each for topic in topics for each in await _partitions(consumer, topic, patience)]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        if since_ms:
            await _seek(consumer, partitions, since_ms)
        yield consumer
    finally:
        await consumer.stop()


async def _seek(consumer: Any, partitions: Sequence[Any], since_ms: int) -> None:
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, since_ms))
    for partition, place in found.items():
        if place is None:
            await consumer.seek_to_end(partition)  # nothing is as young
        else:
            consumer.seek(partition, place.offset)


async def _partitions(consumer: Any, topic: str, patience: float) -> list[Any]:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience):
            # Its own partitions_for_topic knows only topics that are subscribed to.
            while True:
                cluster = await consumer._client.fetch_all_metadata()
                if numbers := cluster.partitions_for_topic(topic):
                    return [TopicPartition(topic, number) for number in sorted(numbers)]
                await asyncio.sleep(_BACKOFF_SECONDS)
    raise TimeoutError(f"there is no topic {topic}: run `saring setup`")


async def _fetch(consumer: Any) -> dict[Any, list[Any]]:
    try:
        fetched: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=_WAIT_MS)
    except KafkaError as error:
        log.warning("reading lists: %r", error)
        await asyncio.sleep(_BACKOFF_SECONDS)
        return {}
    return fetched


async def _reached(consumer: Any, ends: dict[Any, int]) -> bool:
    return all([await consumer.position(partition) >= end for partition, end in ends.items()])
