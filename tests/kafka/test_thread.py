"""The consumer thread: what is fetched while the flow stands is not lost."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from agents.kafka.embedded import EmbeddedBroker
from agents.kafka.thread import ConsumerThread
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
