"""Reading spans of topics without a group, from one offset to another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient
from msgspec import Struct

from agents.kafka.connection import Connection
from agents.kafka.topics import AdminError, watermarks
from agents.kafka.values import Partition

_AT_ONCE = 2000
_SILENT_SECONDS = 20


class Kept(Struct, frozen=True):
    """A record as it was kept; see `stream.model.Record`."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


def present(admin: AdminClient, topics: Sequence[str]) -> dict[Partition, tuple[int, int]]:
    """The watermarks; raises `AdminError` where a topic is missing: nothing found there would look like nothing."""
    marks = watermarks(admin, topics)
    if missing := sorted(set(topics) - {place.topic for place in marks}):
        raise AdminError(f"missing, or we may not see them: {', '.join(missing)} (saring setup, saring doctor)")
    return marks


def read_spans(connection: Connection, spans: Mapping[Partition, tuple[int, int]]) -> Iterator[list[Kept]]:
    """The records of each partition from its first offset up to (not with) its second, in batches.

    Offsets that no longer exist are passed over; silence of 20 seconds before the end raises `TimeoutError`.
    """
    left = {partition: end for partition, (first, end) in spans.items() if first < end}
    consumer = _consumer(connection)
    consumer.assign([TopicPartition(*partition, spans[partition][0]) for partition in left])
    silent = 0
    try:
        while left:
            messages = [each for each in consumer.consume(_AT_ONCE, 1.0) if not _about_the_group(each)]
            silent = 0 if messages else silent + 1
            if silent > _SILENT_SECONDS:
                raise TimeoutError(f"no answer for {', '.join(f'{each.topic}-{each.partition}' for each in left)}")
            if batch := list(_within(messages, left)):
                yield batch
    finally:
        consumer.close()


def _consumer(connection: Connection, **settings: object) -> Consumer:
    return Consumer(
        connection.librdkafka()
        | {"group.id": "saring-spans", "enable.auto.commit": False, "auto.offset.reset": "earliest"}
        | {"isolation.level": "read_committed", "enable.partition.eof": True}
        | {"fetch.queue.backoff.ms": 10}  # a full queue otherwise waits a second before it asks for more: 64 MB/s
        | settings
    )


class Looker:
    """Counts the records between two offsets; one connection for many questions."""

    def __init__(self, connection: Connection) -> None:
        self._consumer = _consumer(connection, **{"fetch.message.max.bytes": 65_536, "fetch.wait.max.ms": 10})

    def close(self) -> None:
        """Disconnect."""
        self._consumer.close()

    def count(self, partition: Partition, first: int, last: int) -> int:
        """How many records there are from first to last; markers of transactions and aborted records are none."""
        self._consumer.assign([TopicPartition(*partition, first)])
        found = 0
        while True:
            message = self._consumer.poll(_SILENT_SECONDS)
            if message is None:
                raise TimeoutError(f"no answer for {partition.topic}-{partition.partition}")
            if _about_the_group(message):
                continue
            if _ended(message) or message.offset() > last:
                return found
            found += 1
            if message.offset() == last:
                return found


def _about_the_group(message: Any) -> bool:
    """librdkafka looks for the coordinator of a group although none is joined; we need no rights on one."""
    error = message.error()
    return bool(error) and error.code() == KafkaError.GROUP_AUTHORIZATION_FAILED


def _ended(message: Any) -> bool:
    """Whether this says that the log ends here. Any other error is raised: what cannot be read proves nothing."""
    error = message.error()
    if error and error.code() != KafkaError._PARTITION_EOF:
        raise KafkaException(error)
    return bool(error)


def _within(messages: list[Any], left: dict[Partition, int]) -> Iterator[Kept]:
    for message in messages:
        partition = Partition(message.topic(), message.partition())
        end, ended = left.get(partition, 0), _ended(message)
        if ended or message.offset() + 1 >= end:  # the end of the log counts too: markers are no records
            left.pop(partition, None)
        if not ended and message.offset() < end:
            headers = tuple((name, value or b"") for name, value in message.headers() or ())
            yield Kept(*partition, message.offset(), message.timestamp()[1], message.key(), message.value(), headers)
