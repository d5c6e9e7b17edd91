"""The consumer thread: what is fetched while the flow stands is not lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import aiokafka.conn
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.memory_records import MemoryRecords
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from agents.kafka.app import create_faust_app
from agents.kafka.batches import Batches
from agents.kafka.connection import Connection
from agents.kafka.embedded import EmbeddedBroker
from agents.kafka.options import DeliveryOptions
from agents.kafka.taken import Buffer
from agents.kafka.thread import EMBEDDED_WAIT_MS, READ_AHEAD_BYTES, ConsumerThread
from stream.native import is_there
from tests.support.lab import open_lab

pytestmark = pytest.mark.embedded


class _Flow:
    """A flow that is asked twice a fetch: before it and after it."""

    def __init__(self, *answers: bool) -> None:
        self._answers: Iterator[bool] = iter(answers)

    @property
    def flow_active(self) -> bool:
        return next(self._answers)


async def _fetch(thread: ConsumerThread, consumer: Any, *answers: bool) -> Any:
    thread.consumer = _Flow(*answers)
    consumer._coordinator = SimpleNamespace(generation=1)
    return await thread._fetch_records(consumer, list(consumer.assignment()), timeout=10.0, max_records=100)


async def test_records_that_come_while_the_flow_stands_are_read_again(embedded: EmbeddedBroker) -> None:
    lab = open_lab(embedded)
    topic = lab.topic("unread")
    lab.produce(topic, [b"%d" % number for number in range(10)])
    consumer = AIOKafkaConsumer(
        bootstrap_servers=embedded.bootstrap, auto_offset_reset="earliest", check_crcs=False, enable_auto_commit=False
    )
    await consumer.start()
    coordinator, partition = consumer._coordinator, TopicPartition(topic, 0)
    try:
        consumer.assign([partition])
        consumer.seek(partition, 3)
        thread = ConsumerThread.__new__(ConsumerThread)  # nothing of it but the fetch
        assert await _fetch(thread, consumer, True, False) is None
        fetched = await _fetch(thread, consumer, True, True)
        assert [record.offset for record in fetched.records[partition]] == list(range(3, 10))
    finally:
        consumer._coordinator = coordinator
        await consumer.stop()


WAY = 0.05  # seconds that an answer takes


class _Coordinator:
    """A group that answers one heartbeat, and knows us no more at the next."""

    def __init__(self) -> None:
        self._answers = iter((True, False))

    async def _do_heartbeat(self) -> bool:
        await asyncio.sleep(WAY)
        return next(self._answers)


async def test_a_worker_is_a_member_as_of_its_assignment_and_each_answered_heartbeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One that fails says that the group goes on without us: what is in hand may be somebody else's."""

    async def connected(_thread: Any) -> None:
        """There is a consumer already."""

    monkeypatch.setattr(AIOKafkaConsumerThread, "on_start", connected)
    monkeypatch.setattr(aiokafka.conn, "READER_LIMIT", 1)
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    thread, coordinator = ConsumerThread.__new__(ConsumerThread), _Coordinator()
    fetching = SimpleNamespace(_records={})
    thread._consumer = SimpleNamespace(_fetcher=fetching, _coordinator=coordinator, assignment=tuple)
    await thread.on_start()
    assert isinstance(fetching._records, Buffer)
    assert fetcher.MemoryRecords is (Batches if is_there() else MemoryRecords)
    assert aiokafka.conn.READER_LIMIT == READ_AHEAD_BYTES
    known = []
    for step in (thread._begin, coordinator._do_heartbeat, coordinator._do_heartbeat):
        before = thread.member_at
        await step()
        known.append(thread.member_at > before)
    assert known == [True, True, False]
    assert time.monotonic() - thread.member_at > 2 * WAY  # as of when it asked: an answer may lie there for a while


@pytest.mark.parametrize(("kafka", "wait"), [(True, 1500), (False, EMBEDDED_WAIT_MS)])
def test_only_the_embedded_broker_is_asked_again_soon(monkeypatch: pytest.MonkeyPatch, kafka: bool, wait: int) -> None:
    """Kafka answers a waiting fetch as records come; the embedded broker would hold them back for that long."""

    def made(_thread: Any, _transport: object) -> Any:
        return SimpleNamespace(_fetch_max_wait_ms=1500)

    monkeypatch.setattr(AIOKafkaConsumerThread, "_create_worker_consumer", made)
    thread = ConsumerThread.__new__(ConsumerThread)
    connection = Connection("broker.example:9092", check_crcs=kafka)  # as settings tell of the embedded broker
    thread.app = create_faust_app(connection, "group", DeliveryOptions())
    consumer = thread._create_worker_consumer(None)
    assert (consumer._fetch_max_wait_ms, consumer._isolation_level) == (wait, "read_committed")
