"""What the keeper measures of groups, against a real broker: lag, time left, owners, arrivals, and blindness."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import msgspec
import pytest
from confluent_kafka import Consumer, TopicPartition

from agents import metrics
from agents.feeds.wire import Control
from agents.group_metrics import note_brakes, watch
from agents.groups import Unread, oldest, open_eyes
from agents.kafka.topics import configure
from agents.kafka.values import Partition
from bench.cluster import Cluster
from config.load import load
from config.settings import Settings
from tests.support.lab import Lab, open_lab

Value = float | None
LATER = 15.0


def deployment(lab: Lab, topic: str) -> Settings:
    environment = {
        "SARING_SOURCES__CHAT": msgspec.json.encode({"topic": topic}).decode(),
        "SARING_KAFKA__BOOTSTRAP_SERVERS": lab.bootstrap,
        "SARING_DEPLOYMENT": lab.name("d"),
    }
    # The default source goes with the first of one's own only in a file; here both are named.
    return load(None, environment).settings.model_copy(
        update={"deployment": environment["SARING_DEPLOYMENT"], "sources": _only(environment)}
    )


def _only(environment: dict[str, str]) -> dict[str, object]:
    sources = load(None, environment).settings.sources
    return {"chat": sources["chat"]}


async def until(look: Callable[[], bool]) -> bool:
    end = time.monotonic() + LATER
    while not look():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.1)
    return True


def value(meters: metrics.Metrics, name: str, **labels: str) -> Value:
    return meters.registry.get_sample_value(f"saring_{name}", labels)


@pytest.fixture
def lab(kafka: Cluster) -> Lab:
    return open_lab(kafka.bootstrap)


@pytest.mark.kafka
async def test_lag_members_and_time_left(lab: Lab) -> None:
    topic = lab.topic("chat", 2, retention_ms="3600000")
    settings, meters = deployment(lab, topic), metrics.create()
    group = f"{settings.deployment}.saring.scan"
    lab.first_offsets(group, topic)
    lab.produce(topic, [b"a", b"b", b"c"], 2)
    task = asyncio.create_task(watch(settings, meters, 0.2))
    at = {"group": "scan", "source": "chat"}
    try:
        assert await until(lambda: value(meters, "group_lag_messages", **at) == 3)
        assert await until(lambda: (value(meters, "group_lag_seconds", **at) or 0) > 1)
        assert value(meters, "group_members", group="scan") == 0
        assert value(meters, "group_unowned_partitions", group="scan") == 2
        assert 3500 < (value(meters, "retention_headroom_seconds", **at) or 0) < 3600
        assert value(meters, "group_members", group="retro") is None  # never used: nobody waits for it
        lab.produce(topic, [b"d"] * 5)
        assert await until(lambda: value(meters, "arrived_messages_total", source="chat") == 5)
        await asyncio.to_thread(catch_up, lab, group, topic)
        assert await until(lambda: value(meters, "group_lag_messages", **at) == 0)
        assert value(meters, "group_lag_seconds", **at) == 0
        assert await until(lambda: value(meters, "retention_headroom_seconds", **at) == 3600)
    finally:
        task.cancel()


def catch_up(lab: Lab, group: str, topic: str) -> None:
    consumer = Consumer({"bootstrap.servers": lab.bootstrap, "group.id": group})
    ends = [(each, consumer.get_watermark_offsets(TopicPartition(topic, each), 10)[1]) for each in range(2)]
    consumer.commit(offsets=[TopicPartition(topic, *pair) for pair in ends], asynchronous=False)
    consumer.close()


@pytest.mark.kafka
def test_every_look_reads_the_record_that_is_the_oldest_then(lab: Lab) -> None:
    topic = lab.topic("chat", 1)
    eyes, at = open_eyes(deployment(lab, topic)), Partition(topic, 0)
    lab.produce(topic, [b"a", b"b", b"c"])
    began = time.time()
    try:
        for begin in range(3):
            seen = oldest(eyes, "g", [Unread(at, begin, 3 - begin, lost=False)])[at]
            assert seen.offsets == 3 - begin
            assert seen.time is not None
            assert seen.time < began
            assert eyes.read["g", at] == (begin, seen.time)
        assert oldest(eyes, "g", [Unread(at, 3, 0, lost=False)])[at].time is None
        assert not eyes.read
    finally:
        eyes.close()


def test_a_record_that_does_not_come_is_as_old_as_the_one_before() -> None:
    at = Partition("nowhere", 0)
    eyes = open_eyes(load(None, {"SARING_KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:1"}).settings)
    try:
        assert (oldest(eyes, "g", [Unread(at, 7, 2, lost=False)])[at].time or 0) == pytest.approx(time.time(), abs=5)
        eyes.read["g", at] = 6, 1000.0
        assert oldest(eyes, "g", [Unread(at, 7, 2, lost=False)])[at].time == 1000.0
    finally:
        eyes.close()


@pytest.mark.kafka
async def test_a_member_owns_its_partitions(lab: Lab) -> None:
    topic = lab.topic("chat", 3)
    settings, meters = deployment(lab, topic), metrics.create()
    group = f"{settings.deployment}.saring.scan"
    lab.first_offsets(group, topic)
    consumer = Consumer({"bootstrap.servers": lab.bootstrap, "group.id": group, "session.timeout.ms": 6000})
    consumer.subscribe([topic])
    task = asyncio.create_task(watch(settings, meters, 0.2))
    try:
        assert await until(lambda: not consumer.consume(1, 0.0) and value(meters, "group_members", group="scan") == 1)
        assert await until(lambda: value(meters, "group_unowned_partitions", group="scan") == 0)
        consumer.close()
        assert await until(lambda: value(meters, "group_unowned_partitions", group="scan") == 3)
    finally:
        task.cancel()


@pytest.mark.kafka
async def test_nothing_is_left_when_messages_expired(lab: Lab) -> None:
    topic = lab.topic("chat", 1, segment_bytes="1048576")
    settings, meters = deployment(lab, topic), metrics.create()
    lab.first_offsets(f"{settings.deployment}.saring.scan", topic)
    lab.produce(topic, [bytes(100_000)] * 40)
    configure(lab.admin, topic, {"retention.ms": "1"})
    task = asyncio.create_task(watch(settings, meters, 0.2))
    at = {"group": "scan", "source": "chat"}
    try:
        assert await until(lambda: value(meters, "retention_headroom_seconds", **at) == 0)
    finally:
        task.cancel()


@pytest.mark.kafka
async def test_a_marker_of_a_transaction_is_no_lag(lab: Lab) -> None:
    topic = lab.topic("chat", 1)
    settings, meters = deployment(lab, topic), metrics.create()
    group = f"{settings.deployment}.saring.scan"
    lab.produce(topic, [b"x"], transaction=lab.name("t"))
    lab.first_offsets(group, topic)
    consumer = Consumer({"bootstrap.servers": lab.bootstrap, "group.id": group})
    consumer.commit(offsets=[TopicPartition(topic, 0, 1)], asynchronous=False)  # read, but not the marker at 1
    consumer.close()
    task = asyncio.create_task(watch(settings, meters, 0.2))
    at = {"group": "scan", "source": "chat"}
    try:
        assert await until(lambda: value(meters, "group_lag_seconds", **at) is not None)
        assert value(meters, "group_lag_messages", **at) == 0
        assert value(meters, "group_lag_seconds", **at) == 0
    finally:
        task.cancel()


@pytest.mark.kafka
@pytest.mark.slow
async def test_no_figures_are_better_than_old_ones(lab: Lab, kafka: Cluster) -> None:
    topic = lab.topic("chat", 1)
    settings, meters = deployment(lab, topic), metrics.create()
    lab.first_offsets(f"{settings.deployment}.saring.scan", topic)
    task = asyncio.create_task(watch(settings, meters, 0.2))
    at = {"group": "scan", "source": "chat"}
    try:
        assert await until(lambda: value(meters, "group_lag_seconds", **at) == 0)
        kafka.pause(1)
        end = time.monotonic() + 45
        while value(meters, "group_lag_seconds", **at) is not None and time.monotonic() < end:  # noqa: ASYNC110  # a metric tells nobody
            await asyncio.sleep(0.2)
        assert value(meters, "group_lag_seconds", **at) is None
        kafka.resume(1)
        assert await until(lambda: value(meters, "group_lag_seconds", **at) == 0)
    finally:
        kafka.resume(1)
        task.cancel()


def test_brakes_are_counted_by_kind_and_end() -> None:
    meters = metrics.create()
    paused = [Control("pause", name, "op", "2026-11-23T00:00:00Z") for name in ("a", "b")]
    note_brakes(meters, [*paused, Control("approve", "c", "op", "2026-11-23T00:00:00Z")])
    assert value(meters, "brakes", control="pause") == 2
    assert value(meters, "brakes", control="rollback") == 0
    note_brakes(meters, [])
    assert value(meters, "brakes", control="pause") == 0
