"""Single records out of topics, by their place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from confluent_kafka import Consumer, TopicPartition

from agents.kafka.connection import Connection

_NEAR: Final = 200  # offsets; reading on is quicker than seeking
_SECONDS: Final = 10.0


class Where(NamedTuple):
    """The place of one record."""

    topic: str
    partition: int
    offset: int


def fetched(connection: Connection, group: str, places: Iterable[Where]) -> dict[Where, bytes]:
    """The values at these places; what has expired or cannot be read within ten seconds is left out."""
    wanted: dict[tuple[str, int], list[int]] = defaultdict(list)
    for place in set(places):
        wanted[place.topic, place.partition].append(place.offset)
    if not wanted:
        return {}
    consumer = Consumer(
        connection.librdkafka()
        | {"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest", "fetch.wait.max.ms": 50}
    )
    try:
        found: dict[Where, bytes] = {}
        for (topic, partition), offsets in wanted.items():
            found |= _of_partition(consumer, topic, partition, sorted(offsets))
        return found
    finally:
        consumer.close()


def _of_partition(consumer: Any, topic: str, partition: int, offsets: list[int]) -> dict[Where, bytes]:
    found: dict[Where, bytes] = {}
    at = -_NEAR
    for offset in offsets:
        if not at <= offset < at + _NEAR:
            consumer.assign([TopicPartition(topic, partition, offset)])
        at = offset
        while (message := consumer.poll(_SECONDS)) is not None:
            if message.error():
                continue
            at = message.offset() + 1
            if message.offset() >= offset:
                if message.offset() == offset:
                    found[Where(topic, partition, offset)] = message.value() or b""
                break
    return found
