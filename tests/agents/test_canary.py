"""The canary's message fits every mapping, and comes back or does not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition

from agents import connect, doctor
from agents.canary import Canary, event, open_canary, trip
from bench.background import running
from bench.cluster import Cluster
from config.load import load
from config.settings import Settings
from config.sources import sources_by_topic
from stream.bounds import Bounds
from stream.model import Message
from stream.wire import decoder
from tests.support.lab import Lab, open_lab

LINK = "https://saring-test.invalid/token"

SOURCES = {
    "default event": {},
    "plain text": {"format": "text"},
    "CloudEvents": {"format": "cloudevents"},
    "nested text": {"mapping": {"text": "/body/caption", "id": "/meta/id"}},
    "several texts": {"mapping": {"text": ["/title", "/caption"]}},
    "text in a list": {"mapping": {"text": "/entries/0/text"}},
    "only some kinds": {"mapping": {"text": "/a/text", "only": {"pointer": "/a/kind", "values": ["post", "ad"]}}},
}


class Kept(msgspec.Struct):
    """A record as decoding sees it."""

    value: bytes
    headers: list[tuple[str, bytes]]
    topic: str = "messages"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = None


def settings(source: dict[str, object]) -> Settings:
    text = msgspec.json.encode(source | {"topic": "messages"}).decode()
    environment = {"SARING_SOURCES__MESSAGES": text}
    return load(None, environment).settings


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_mapping_reads_it(source: dict[str, object]) -> None:
    spec = next(iter(sources_by_topic(settings(source)).values()))
    value, headers = event(spec, LINK, "token")
    [message] = decoder(spec, Bounds())([Kept(value, list(headers))])
    assert isinstance(message, Message)
    assert LINK in message.text
    assert message.ignored == ()


@contextmanager
def copying(bootstrap: str, source: str, alerts: str) -> Iterator[None]:
    """A stand-in for the worker: whatever is written to the source appears among the alerts."""
    reader = Consumer({"bootstrap.servers": bootstrap, "group.id": source, "auto.offset.reset": "earliest"})
    reader.subscribe([source])

    def copy(ended: threading.Event) -> None:
        producer = Producer({"bootstrap.servers": bootstrap})
        while not ended.is_set():
            for message in reader.consume(100, timeout=0.1):
                producer.produce(alerts, message.value())
                producer.flush(5)

    try:
        with running(copy):
            yield
    finally:
        reader.close()


@pytest.fixture
def lab(kafka: Cluster) -> Lab:
    return open_lab(kafka.bootstrap)


@pytest.fixture
def deployment(lab: Lab) -> Settings:
    name = lab.name("d")  # so that the group is one of our own
    environment = {
        "SARING_SOURCES__MESSAGES": msgspec.json.encode({"topic": lab.topic("source", 2)}).decode(),
        "SARING_KAFKA__BOOTSTRAP_SERVERS": lab.bootstrap,
        "SARING_TOPICS__ALERTS": lab.topic(f"{name}.alerts", 2).removeprefix(f"{name}."),
        "SARING_DEPLOYMENT": name,
    }
    return load(None, environment).settings


@pytest.fixture
def canary(deployment: Settings) -> Iterator[Canary]:
    bird = open_canary(deployment)
    yield bird
    bird.close()


@pytest.mark.kafka
def test_it_comes_back_every_time(kafka: Cluster, canary: Canary) -> None:
    with copying(kafka.bootstrap, canary.source.topic, canary.alerts):
        trips = [trip(canary, 20).seconds for _ in range(3)]
    assert all(took is not None and took < 20 for took in trips)


@pytest.mark.kafka
def test_an_old_alert_is_not_taken_for_the_new_one(canary: Canary) -> None:
    for _ in range(2):
        ended = trip(canary, 1.5)
        assert ended.seconds is None
        assert ended.written is not None


@pytest.mark.kafka
def test_the_doctor_says_how_far_it_came(lab: Lab, deployment: Settings, canary: Canary) -> None:
    with copying(lab.bootstrap, canary.source.topic, canary.alerts):
        assert doctor.canary(deployment, lab.admin, 20).state == "ok"
    lost = doctor.canary(deployment, lab.admin, 1)
    assert (lost.state, lost.mend) == ("fail", "is a worker at work?")
    ahead = [TopicPartition(canary.source.topic, each, 100) for each in range(2)]
    group = connect.group(deployment, "scan")
    lab.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, ahead)])[group].result(20)
    judged = doctor.canary(deployment, lab.admin, 1)
    assert judged.state == "fail"
    assert "was judged, but no alert came" in judged.found
