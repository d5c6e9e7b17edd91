"""Topics and first offsets as the cluster has them, and making them so; for `saring setup`, `doctor` and the start."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import (
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    OffsetSpec,
    ResourceType,
)

from agents.kafka.admin import AGAIN_SECONDS, SECONDS, patiently, text
from agents.kafka.admin import AdminError as AdminError  # what callers of this module catch
from agents.kafka.connection import Connection
from agents.kafka.values import Partition

_NO_LEADER_YET = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
)
From = Literal["now", "beginning"] | float  # a number: seconds since the epoch


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """A topic as it should be."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TopicState:
    """A topic as it is; `config` is empty where we may not read it."""

    name: str
    partitions: int
    replication: int
    config: Mapping[str, str]


class _Admin(AdminClient):  # type: ignore[misc]  # confluent-kafka is untyped
    """An admin client that remembers how it was connected."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.librdkafka())
        self.connection = connection


def admin_client(connection: Connection) -> AdminClient:
    """A client for the functions below; it must be kept alive until their results are there."""
    return _Admin(connection)


def brokers(admin: AdminClient) -> int:
    """How many brokers the cluster has."""
    return len(_metadata(admin).brokers)


def is_embedded(admin: AdminClient) -> bool:
    """Whether this is the embedded broker, which answers no admin requests."""
    return str(_metadata(admin).cluster_id).startswith("mockCluster")


def describe(admin: AdminClient, names: Sequence[str]) -> dict[str, TopicState]:
    """The topics among `names` that exist and that we may see."""
    known = _metadata(admin).topics
    found = [name for name in names if name in known and not known[name].error]
    configs = _configs(admin, found)
    return {name: _state(name, known[name], configs.get(name, {})) for name in found}


def _state(name: str, metadata: Any, config: Mapping[str, str]) -> TopicState:
    replicas = [len(partition.replicas) for partition in metadata.partitions.values()]
    return TopicState(name, len(metadata.partitions), min(replicas, default=0), config)


def _metadata(admin: AdminClient) -> Any:
    try:
        return admin.list_topics(timeout=SECONDS)
    except KafkaException as error:
        raise AdminError(f"the cluster does not answer: {text(error)}") from error


def _configs(admin: AdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    found = {}
    for resource, answer in admin.describe_configs(resources).items() if resources else ():
        try:
            entries = answer.result(SECONDS)
        except KafkaException:  # denied, or a broker without this request: known to be unknown
            continue
        found[resource.name] = {name: str(entry.value) for name, entry in entries.items()}
    return found


def create(admin: AdminClient, specs: Sequence[TopicSpec]) -> None:
    """Create topics that do not exist; returns when they are seen.

    A busy broker takes a while to know of them, and until then whoever asks for their partitions is told of none.
    """
    new = [NewTopic(spec.name, spec.partitions, spec.replication, config=dict(spec.config)) for spec in specs]
    if not new:
        return
    _all(admin.create_topics(new), "create topic")
    end = time.monotonic() + SECONDS
    while missing := {spec.name for spec in specs if spec.partitions > len(_partitions(admin, [spec.name]))}:
        if time.monotonic() > end:
            raise AdminError(f"created, but not seen since: {', '.join(sorted(missing))}")
        time.sleep(AGAIN_SECONDS)


def configure(admin: AdminClient, name: str, config: Mapping[str, str]) -> None:
    """Change settings of one topic and leave its others alone."""
    entries = [ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in config.items()]
    resource = ConfigResource(ResourceType.TOPIC, name, incremental_configs=entries)
    _all(admin.incremental_alter_configs([resource]), "configure")


def watermarks(admin: AdminClient, topics: Iterable[str]) -> dict[Partition, tuple[int, int]]:
    """The first offset and the one after the last, for every partition of the topics."""
    partitions = _partitions(admin, topics)
    low, high = _offsets(admin, partitions, OffsetSpec.earliest()), _offsets(admin, partitions, OffsetSpec.latest())
    return {partition: (low[partition], high[partition]) for partition in partitions}


def committed(admin: AdminClient, group: str, partitions: Iterable[Partition] | None = None) -> dict[Partition, int]:
    """The committed offsets of a group, where it has any: of the partitions, or of all."""
    wanted = _partitions(admin, _metadata(admin).topics) if partitions is None else list(partitions)
    asked = [TopicPartition(*partition) for partition in wanted]
    with _as_group(admin, group) as consumer:
        answer = patiently(lambda: consumer.committed(asked, timeout=SECONDS), f"offsets of group {group}")
    return {Partition(each.topic, each.partition): each.offset for each in answer if each.offset >= 0}


@contextmanager
def _as_group(admin: AdminClient, group: str) -> Iterator[Any]:
    """A client that speaks for a group without joining it.

    The admin client could ask the same, but librdkafka 2.16 crashes (rd_kafka_cgrp_op without a group) when a
    coordinator refuses such a question while it loads.
    """
    consumer = Consumer(admin.connection.librdkafka() | {"group.id": group, "enable.auto.commit": False})
    try:
        yield consumer
    finally:
        consumer.close()


def without_first_offset(admin: AdminClient, group: str, topics: Iterable[str]) -> list[Partition]:
    """Partitions that the group would not know where to begin."""
    wanted = _partitions(admin, topics)
    have = committed(admin, group, wanted) if wanted else {}
    return [partition for partition in wanted if partition not in have]


def commit_first(admin: AdminClient, group: str, topics: Iterable[str], begin: From) -> dict[Partition, int]:
    """Give the group a first offset where it has none; what was written."""
    missing = without_first_offset(admin, group, topics)
    if not missing:
        return {}
    offsets = _begin_offsets(admin, missing, begin)
    first = [TopicPartition(*partition, offset) for partition, offset in offsets.items()]
    with _as_group(admin, group) as consumer:
        patiently(lambda: _commit(consumer, first), f"first offsets of group {group}")
    return offsets


def _commit(consumer: Any, offsets: list[TopicPartition]) -> None:
    """Commit; raises for a partition that was refused, which the client only notes on it."""
    for each in consumer.commit(offsets=offsets, asynchronous=False):
        if each.error:
            raise KafkaException(each.error)


def offsets_at(admin: AdminClient, topics: Iterable[str], when: float) -> dict[Partition, int]:
    """The first offset at or after a time (seconds since the epoch) in every partition; the end where there is none."""
    return _begin_offsets(admin, _partitions(admin, topics), when)


def _begin_offsets(admin: AdminClient, partitions: Sequence[Partition], begin: From) -> dict[Partition, int]:
    latest = _offsets(admin, partitions, OffsetSpec.latest())
    if begin == "now":
        return latest
    if begin == "beginning":
        return _offsets(admin, partitions, OffsetSpec.earliest())
    found = _offsets(admin, partitions, OffsetSpec.for_timestamp(int(float(begin) * 1000)))
    return {partition: offset if offset >= 0 else latest[partition] for partition, offset in found.items()}


def _partitions(admin: AdminClient, topics: Iterable[str]) -> list[Partition]:
    known = _metadata(admin).topics
    return [Partition(name, number) for name in topics if name in known for number in sorted(known[name].partitions)]


def _offsets(admin: AdminClient, partitions: Sequence[Partition], spec: Any) -> dict[Partition, int]:
    """One offset of each partition. A topic just made has no leader for a moment, which is waited out."""
    if not partitions:
        return {}
    end = time.monotonic() + SECONDS
    while True:
        found, failed = _answers(admin.list_offsets({TopicPartition(*partition): spec for partition in partitions}))
        if not failed:
            return found
        if any(error.args[0].code() not in _NO_LEADER_YET for error in failed) or time.monotonic() > end:
            raise AdminError(f"offsets: {text(failed[0])}") from failed[0]
        time.sleep(AGAIN_SECONDS)


def _answers(answers: Mapping[Any, Any]) -> tuple[dict[Partition, int], list[KafkaException]]:
    """All answers, good and bad. One that is not waited for comes back into a client that may be gone: a crash."""
    found, failed = {}, []
    for at, answer in answers.items():
        try:
            found[Partition(at.topic, at.partition)] = answer.result(SECONDS).offset
        except KafkaException as error:
            failed.append(error)
    return found, failed


def _all(answers: Mapping[Any, Any], what: str) -> None:
    """Wait for every answer, then raise one error that names all that failed."""
    failed = []
    for name, answer in answers.items():
        try:
            answer.result(SECONDS)
        except KafkaException as error:
            failed.append(f"{what} {name}: {text(error)}")
    if failed:
        raise AdminError("; ".join(failed))


def age_seconds(admin: AdminClient, partition: Partition) -> float | None:
    """Age of the newest record, for the clock check of `doctor`; None for an empty partition."""
    answer = admin.list_offsets({TopicPartition(*partition): OffsetSpec.max_timestamp()})
    timestamp = next(iter(answer.values())).result(SECONDS).timestamp
    return None if timestamp <= 0 else time.time() - timestamp / 1000
