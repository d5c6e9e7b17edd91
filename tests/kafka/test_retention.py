"""What was deleted unread is counted, and the line goes on behind it; holes are no loss."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka import TopicPartition as AioPartition
from confluent_kafka import TopicPartition

from agents.kafka.exits import Exit
from agents.kafka.thread import ConsumerThread
from bench.cluster import Cluster
from tests.support.field import Field
from tests.support.lab import open_lab

pytestmark = pytest.mark.kafka


@pytest.fixture
def field(kafka: Cluster, tmp_path: Path) -> Iterator[Field]:
    field = Field(open_lab(kafka.bootstrap), partitions=1, log=tmp_path / "log")
    field.lab.first_offsets(field.group, field.source)
    yield field
    field.throw_away()


def _delete(field: Field, before: int) -> None:
    answers = field.lab.admin.delete_records([TopicPartition(field.source, 0, before)])
    for answer in answers.values():
        answer.result(20)


def _expired(field: Field) -> int:
    return sum(int(line.split("), ")[-1].rstrip(")")) for line in field.said().splitlines() if "told expired" in line)


@pytest.mark.parametrize("before", [500, 1000])
def test_deleted_while_nobody_read(field: Field, before: int) -> None:
    field.produce(1000)
    _delete(field, before)
    worker = field.start()
    assert field.drain(30)  # also when the whole log is gone: Faust alone commits nothing then, and lag stays for ever
    assert _expired(field) == before
    assert f"{before} messages were deleted before they were read" in field.said()
    assert field.stop(worker) == Exit.OK
    assert field.verdict().good("at_least_once", 0), field.verdict()


def test_deleted_under_a_running_worker(field: Field) -> None:
    """aiokafka alone jumps to the new beginning with a line at level INFO."""
    field.produce(100)
    worker = field.start()
    assert field.drain(30)
    worker.send_signal(signal.SIGSTOP)
    field.produce(1000)  # a fetch that was under way may bring these
    field.produce(1000)
    _delete(field, 2000)
    worker.send_signal(signal.SIGCONT)
    assert field.drain(30)
    assert 900 <= _expired(field) <= 1900
    assert field.stop(worker) == Exit.OK


def test_markers_of_transactions_are_holes(field: Field) -> None:
    for number in range(4):
        field.lab.produce(field.source, [b"scam", b"ok"], 1, f"{field.group}-{number}", abort=number == 1)
    worker = field.start()
    assert field.drain(30)  # the last offset is a marker
    _until_said(field, "told hole")
    assert _expired(field) == 0
    assert field.stop(worker) == Exit.OK
    verdict = field.verdict()
    assert verdict.good("at_least_once", 0), verdict
    assert verdict.alerts == 3  # what was aborted was never sent


async def test_what_an_open_transaction_wrote_is_no_work_yet(kafka: Cluster) -> None:
    """It is there and may not be read: a watchdog that took it for lag would end a worker that has nothing to do."""
    lab = open_lab(kafka.bootstrap)
    topic, producer = lab.topic("open"), lab.producer(**{"transactional.id": lab.name("open")})
    producer.init_transactions(20)
    producer.begin_transaction()
    producer.produce(topic, b"scam", partition=0)
    producer.flush(20)
    options = {"isolation_level": "read_committed", "auto_offset_reset": "earliest", "enable_auto_commit": False}
    thread = ConsumerThread.__new__(ConsumerThread)  # nothing of it but the end
    async with AIOKafkaConsumer(bootstrap_servers=kafka.bootstrap, **options) as consumer:
        partition, thread._consumer = AioPartition(topic, 0), consumer
        consumer.assign([partition])
        assert await consumer.getmany(timeout_ms=1000) == {}
        assert (consumer.highwater(partition), thread.highwater(partition)) == (1, 0)
        producer.commit_transaction(20)
        await consumer.getone()
        assert thread.highwater(partition) == 2


def _until_said(field: Field, text: str) -> None:
    end = time.monotonic() + 10
    while text not in field.said():
        assert time.monotonic() < end, field.said()
        time.sleep(0.05)
