"""A laboratory on a broker: fresh topics, records in, records out, offsets."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from agents.kafka.connection import Connection
from agents.kafka.embedded import EmbeddedBroker
from agents.kafka.topics import TopicSpec, admin_client, commit_first, committed, create, watermarks
from agents.kafka.values import Partition

_QUIET = {"log_level": 0}


@dataclass(frozen=True)
class Lab:
    """One broker and the client that asks it questions."""

    connection: Connection
    admin: AdminClient
    embedded: EmbeddedBroker | None = None  # it takes no requests to make topics

    @property
    def bootstrap(self) -> str:
        return self.connection.bootstrap_servers

    def name(self, prefix: str) -> str:
        return f"{prefix}-{uuid.uuid4().hex[:12]}"

    def topic(self, prefix: str, partitions: int = 1, replication: int = 1, **config: str) -> str:
        """A new topic; underscores in setting names stand for dots."""
        name = self.name(prefix)
        if self.embedded:
            self.embedded.create(name, partitions)
            return name
        settings = {key.replace("_", "."): value for key, value in config.items()}
        create(self.admin, [TopicSpec(name, partitions, replication, settings)])
        return name

    def first_offsets(self, group: str, topic: str) -> None:
        commit_first(self.admin, group, [topic], "beginning")

    def produce(
        self,
        topic: str,
        values: Iterable[bytes | None],
        partitions: int = 1,
        transaction: str = "",
        abort: bool = False,
    ) -> None:
        """Write the values in turn to the partitions, in one transaction if that is given an id."""
        producer = self.producer(**({"transactional.id": transaction} if transaction else {}))
        if transaction:
            producer.init_transactions(20)
            producer.begin_transaction()
        for number, value in enumerate(values):
            producer.produce(topic, value, partition=place(number, partitions))
            if number % 10_000 == 0:
                producer.poll(0)
        producer.flush(60)
        if transaction:
            producer.abort_transaction(20) if abort else producer.commit_transaction(20)

    def produce_keyed(self, topic: str, count: int, keys: int) -> None:
        """Messages of which compaction will keep few, where segments may be closed after a second: only what is written
        later closes one, and only a closed one is cleaned."""
        producer = self.producer()
        for number in range(count):
            if number and number % (count // 3) == 0:
                producer.flush(60)
                time.sleep(1.5)
            value = b"scam" if number % 20 == 0 else b"ok"
            producer.produce(topic, value, key=b"%d" % (number * 7919 % keys if number % 100 else number))
            if number % 1000 == 0:
                producer.flush(60)
        producer.flush(60)

    def producer(self, **settings: str) -> Any:
        conf = {"linger.ms": 5, "queue.buffering.max.messages": 2_000_000, "enable.idempotence": True}
        return Producer(self.connection.librdkafka() | _QUIET | conf | settings)

    def read(self, topic: str, isolation: str = "read_committed") -> list[Any]:
        """Every record that is in the topic now."""
        ends = {partition: high for partition, (low, high) in watermarks(self.admin, [topic]).items() if high > low}
        consumer = Consumer(
            self.connection.librdkafka()
            | _QUIET
            | {"group.id": self.name("reader"), "isolation.level": isolation, "enable.partition.eof": True}
            | {"auto.offset.reset": "earliest"}  # where the beginning was deleted
        )
        consumer.assign([TopicPartition(topic, each.partition, 0) for each in ends])
        records, open_partitions = [], {each.partition for each in ends}
        while open_partitions:
            for message in consumer.consume(10_000, 1.0):
                if message.error():
                    open_partitions.discard(message.partition())
                else:
                    records.append(message)
        consumer.close()
        return records

    def values(self, topic: str) -> list[bytes]:
        return [record.value() for record in self.read(topic)]

    def lag(self, group: str, topic: str) -> int:
        """Records between the committed offsets and the end."""
        marks = watermarks(self.admin, [topic])
        offsets = committed(self.admin, group, marks)
        return sum(high - offsets.get(partition, low) for partition, (low, high) in marks.items())

    def drained(self, group: str, topic: str, seconds: float = 60.0) -> bool:
        """Wait until the lag is zero; False when it is not after that time."""
        end = time.monotonic() + seconds
        while self.lag(group, topic):
            if time.monotonic() > end:
                return False
            time.sleep(0.1)
        return True

    def committed(self, group: str, topic: str) -> Mapping[Partition, int]:
        return committed(self.admin, group, watermarks(self.admin, [topic]))


def open_lab(broker: str | EmbeddedBroker) -> Lab:
    """A lab without security."""
    embedded = broker if isinstance(broker, EmbeddedBroker) else None
    connection = Connection(broker.bootstrap if isinstance(broker, EmbeddedBroker) else broker)
    return Lab(connection, admin_client(connection), embedded)


def place(number: int, partitions: int) -> int:
    """The partition of a message: in turn, and one further every 20, or all that make alerts would be in the first."""
    return (number + number // 20) % partitions


def duplicates(values: Sequence[bytes]) -> int:
    return len(values) - len(set(values))
