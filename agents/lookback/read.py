"""Reading parts of topics without a group: what a store missed while nobody was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from confluent_kafka import Consumer, TopicPartition

from agents.kafka.connection import Connection
from agents.kafka.values import Partition

_AT_ONCE: Final = 2_000
_SILENCE: Final = 20  # polls of a second without anything: the rest is gone


class Read(NamedTuple):
    """A record, by the names that ours have."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()


Range = tuple[int, int]  # first offset, and the one after the last


def read_between(connection: Connection, group: str, ranges: Mapping[Partition, Range]) -> Iterator[list[Read]]:
    """The records in these ranges, in batches; offsets that no longer exist are passed over."""
    wanted = {place: (first, end) for place, (first, end) in ranges.items() if first < end}
    if not wanted:
        return
    consumer = Consumer(
        connection.librdkafka()
        | {"group.id": group, "enable.auto.commit": False, "auto.offset.reset": "earliest"}
        | {"isolation.level": "read_committed", "enable.partition.eof": True}
    )
    consumer.assign([TopicPartition(topic, number, first) for (topic, number), (first, _) in wanted.items()])
    unfinished, silent = set(wanted), 0
    try:
        while unfinished and silent < _SILENCE:
            messages = consumer.consume(_AT_ONCE, 1.0)
            silent = 0 if messages else silent + 1
            batch = []
            for message in messages:
                place = Partition(message.topic(), message.partition())
                # The end of a partition is an event too: markers of transactions are no records.
                if message.error() or message.offset() + 1 >= wanted[place][1]:
                    unfinished.discard(place)
                if not message.error() and message.offset() < wanted[place][1]:
                    stamp = message.timestamp()[1]
                    headers = message.headers() or ()
                    batch.append(Read(*place, message.offset(), stamp, message.key(), message.value(), headers))
            yield batch
    finally:
        consumer.close()
