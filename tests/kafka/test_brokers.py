"""The brokers that other tests stand on."""

from __future__ import annotations

import uuid

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from agents.kafka.embedded import EmbeddedBroker
from bench.cluster import Cluster


def _round_trip(bootstrap: str, topic: str) -> bytes | None:
    producer = Producer({"bootstrap.servers": bootstrap})
    producer.produce(topic, b"hello", headers={"a": b"1"})
    assert producer.flush(10) == 0
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "auto.offset.reset": "earliest"})
    consumer.subscribe([topic])
    message = consumer.poll(20)
    consumer.close()
    return None if message is None else message.value()


@pytest.mark.embedded
def test_embedded_broker_stores_and_returns(embedded: EmbeddedBroker) -> None:
    topic = f"t-{uuid.uuid4()}"
    embedded.create(topic, 3)
    assert len(AdminClient({"bootstrap.servers": embedded.bootstrap}).list_topics(topic).topics[topic].partitions) == 3
    assert _round_trip(embedded.bootstrap, topic) == b"hello"


@pytest.mark.kafka
def test_real_broker_stores_and_returns(kafka: Cluster) -> None:
    topic = f"t-{uuid.uuid4()}"
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
    admin.create_topics([NewTopic(topic, 2)])[topic].result(20)
    assert _round_trip(kafka.bootstrap, topic) == b"hello"
