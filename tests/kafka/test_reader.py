"""Reading whole topics without a group."""

from __future__ import annotations

import asyncio

import pytest

from agents.kafka.connection import Connection
from agents.kafka.embedded import EmbeddedBroker
from agents.kafka.reader import follow, read
from bench.cluster import Cluster
from tests.support.lab import open_lab


async def _values_until_end(connection: Connection, topics: list[str]) -> list[bytes | None]:
    at_end, values = asyncio.Event(), list[bytes | None]()

    async def collect() -> None:
        async for records in follow(connection, topics, at_end):
            values.extend(record.value for record in records)

    task = asyncio.create_task(collect())
    async with asyncio.timeout(20):
        await at_end.wait()
    task.cancel()
    await asyncio.wait([task])
    return values


@pytest.mark.kafka
async def test_everything_then_the_end(kafka: Cluster) -> None:
    lab = open_lab(kafka.bootstrap)
    first, second, empty = lab.topic("l", 2), lab.topic("l"), lab.topic("l")
    lab.produce(first, [b"%d" % number for number in range(1000)], partitions=2)
    lab.produce(second, [b"a", None])
    values = await _values_until_end(lab.connection, [first, second, empty])
    assert sorted(values, key=str) == sorted([b"%d" % number for number in range(1000)] + [b"a", None], key=str)
    assert len(await read(lab.connection, [first, second, empty])) == 1002


@pytest.mark.kafka
async def test_a_topic_that_ends_in_a_transaction_marker_has_an_end(kafka: Cluster) -> None:
    lab = open_lab(kafka.bootstrap)
    topic = lab.topic("l")
    lab.produce(topic, [b"a", b"b"], transaction=lab.name("txn"))
    assert await _values_until_end(lab.connection, [topic]) == [b"a", b"b"]
    assert [record.value for record in await read(lab.connection, [topic])] == [b"a", b"b"]


@pytest.mark.kafka
async def test_what_comes_later_is_followed(kafka: Cluster) -> None:
    lab = open_lab(kafka.bootstrap)
    topic, at_end = lab.topic("l"), asyncio.Event()
    stream = follow(lab.connection, [topic], at_end)
    first = asyncio.ensure_future(anext(stream))
    async with asyncio.timeout(20):
        await at_end.wait()
        await asyncio.to_thread(lab.produce, topic, [b"late"])
        assert [record.value for record in await first] == [b"late"]
    await stream.aclose()  # type: ignore[attr-defined]  # an async generator behind an iterator's type


@pytest.mark.embedded
async def test_the_embedded_broker_too(embedded: EmbeddedBroker) -> None:
    lab = open_lab(embedded.bootstrap)
    topic = lab.name("l")
    embedded.create(topic, 2)
    lab.produce(topic, [b"%d" % number for number in range(10)], partitions=2)
    assert len(await _values_until_end(lab.connection, [topic])) == 10
