"""The consumer groups as the brokers see them: a dead worker cannot hide its lag there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import Consumer, ConsumerGroupState, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient

from agents import connect
from agents.kafka import topics as kafka
from agents.kafka.values import Partition
from config.settings import Settings

ROLES: Final = ("scan", "retro", "campaigns")
INFINITE: Final = float("inf")
_ANSWER_SECONDS: Final = 10.0
_READ_SECONDS: Final = 3.0  # for the oldest unread records of a group
_RETENTION_SECONDS: Final = 60.0  # how long a topic's settings are believed


@dataclass(frozen=True, slots=True)
class Watched:
    """A role's group, and what its topics are called in metrics; only the scan role must be there."""

    role: str
    group: str
    names: Mapping[str, str]
    required: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a group is on one source. `headroom` is None where we may not read how long records are kept."""

    messages: int
    seconds: float
    headroom: float | None


@dataclass(frozen=True, slots=True)
class Looked:
    """A group at one moment."""

    members: int
    unowned: int
    standings: Mapping[str, Standing]


def watched(settings: Settings) -> list[Watched]:
    """The groups of this deployment; sources under their configured names, our own topics under their kinds."""
    ours = {topic: kind for kind, topic in connect.topics(settings).items()}
    sources = {source.topic: name for name, source in settings.sources.items()}
    names = {"scan": sources}
    return [Watched(role, connect.group(settings, role), names.get(role, ours), role == "scan") for role in ROLES]


@dataclass(slots=True)
class Eyes:
    """What is needed to look: a client for questions, one for reading, how long records are kept, and the offset
    and time of the record that was a group's oldest unread one when it was last read.
    """

    admin: AdminClient
    reader: Consumer
    kept: dict[str, float | None] = field(default_factory=dict)
    asked: float = -INFINITE
    read: dict[tuple[str, Partition], tuple[int, float]] = field(default_factory=dict)

    def close(self) -> None:
        """Disconnect."""
        self.reader.close()


def open_eyes(settings: Settings) -> Eyes:
    """Clients that connect when they are first used."""
    config = connect.connection(settings.kafka, "saring-keeper").librdkafka()
    reading = {
        "group.id": "saring.keeper",  # the library wants one; it is never joined and nothing is committed
        "enable.auto.commit": False,
        "enable.partition.eof": True,
        "queued.min.messages": 1,
        "fetch.message.max.bytes": 65_536,
        "isolation.level": "read_committed",
    }
    return Eyes(kafka.admin_client(connect.connection(settings.kafka, "saring-keeper")), Consumer(config | reading))


def look(eyes: Eyes, group: Watched, marks: Mapping[Partition, tuple[int, int]]) -> Looked | None:
    """The group now; None for one that was never used."""
    done = kafka.committed(eyes.admin, group.group)
    members, owned = _members(eyes.admin, group.group)
    if not (group.required or done or members):
        return None
    read = {each.topic for each in (*done, *owned)} & set(group.names)
    topics = set(group.names) if group.required else read
    if missing := topics - {partition.topic for partition in marks}:
        marks = {**marks, **kafka.watermarks(eyes.admin, missing)}
    mine = {partition: mark for partition, mark in marks.items() if partition.topic in topics}
    ages = oldest(eyes, group.group, _unread(mine, done))
    standings = {
        group.names[topic]: _standing(eyes, topic, {at: mark for at, mark in mine.items() if at.topic == topic}, ages)
        for topic in sorted(topics)
    }
    return Looked(members, len(set(mine) - owned), standings)


def _members(admin: AdminClient, group: str) -> tuple[int, set[Partition]]:
    answer = admin.describe_consumer_groups([group], request_timeout=_ANSWER_SECONDS)[group]
    try:
        described = answer.result(_ANSWER_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
            return 0, set()
        raise
    if described.state == ConsumerGroupState.DEAD:
        return 0, set()
    assigned = [each for member in described.members for each in member.assignment.topic_partitions]
    return len(described.members), {Partition(each.topic, each.partition) for each in assigned}


@dataclass(frozen=True, slots=True)
class Unread:
    """Where a partition's unread records begin, how many offsets that is, and whether some were deleted already."""

    partition: Partition
    begin: int
    offsets: int
    lost: bool


def _unread(marks: Mapping[Partition, tuple[int, int]], done: Mapping[Partition, int]) -> list[Unread]:
    found = []
    for partition, (low, high) in marks.items():
        begin = done.get(partition, low)
        found.append(Unread(partition, max(begin, low), max(0, high - begin), begin < low))
    return found


@dataclass(frozen=True, slots=True)
class Oldest:
    """The oldest unread record of a partition: its time, in seconds since the epoch; None where nothing waits."""

    offsets: int
    time: float | None
    lost: bool


def oldest(eyes: Eyes, group: str, unread: Sequence[Unread]) -> dict[Partition, Oldest]:
    """One record of every partition that has unread ones; what is left may be markers of transactions only.

    A group that stands still is answered from memory. A record that does not come in time is taken to be as old as
    the one before it, so that a slow broker never makes a lag look smaller; only where none was read before, as new.
    """
    waiting = {each.partition: each for each in unread if each.offsets}
    unknown = {at: each.begin for at, each in waiting.items() if eyes.read.get((group, at), (-1, 0.0))[0] != each.begin}
    for at, stamp in _first_of_each(eyes.reader, unknown):
        if stamp is None:
            del waiting[at]
        else:
            eyes.read[group, at] = unknown[at], stamp
    return {each.partition: _aged(eyes, group, each, each.partition in waiting) for each in unread}


def _aged(eyes: Eyes, group: str, each: Unread, waits: bool) -> Oldest:
    at = group, each.partition
    if waits:
        return Oldest(each.offsets, eyes.read.get(at, (0, time.time()))[1], each.lost)
    eyes.read.pop(at, None)
    return Oldest(0, None, each.lost)


def _first_of_each(reader: Consumer, begins: Mapping[Partition, int]) -> Iterator[tuple[Partition, float | None]]:
    """The time of the first record of each partition that gave one in time; None where there was none to give."""
    if not begins:
        return
    assigned = [TopicPartition(*at, begin) for at, begin in begins.items()]
    reader.assign(assigned)
    try:
        yield from _first(reader, set(begins))
    finally:
        reader.resume(assigned)  # the library would still hold them at the next look
        reader.unassign()


def _first(reader: Consumer, open_: set[Partition]) -> Iterator[tuple[Partition, float | None]]:
    end = time.monotonic() + _READ_SECONDS
    while open_ and time.monotonic() < end:
        for message in reader.consume(500, timeout=0.2):
            at = Partition(message.topic() or "", message.partition() or 0)
            error = message.error()
            if at not in open_ or (error is not None and error.code() != KafkaError._PARTITION_EOF):
                continue
            open_.discard(at)
            reader.pause([TopicPartition(*at)])
            yield at, None if error is not None else message.timestamp()[1] / 1000


def _standing(eyes: Eyes, topic: str, marks: Iterable[Partition], ages: Mapping[Partition, Oldest]) -> Standing:
    mine = [ages[at] for at in marks]
    now = time.time()
    seconds = max((max(0.0, now - each.time) for each in mine if each.time is not None), default=0.0)
    kept = _kept(eyes, topic)
    left = None if kept is None else 0.0 if any(each.lost for each in mine) else max(0.0, kept - seconds)
    return Standing(sum(each.offsets for each in mine), seconds, left)


def _kept(eyes: Eyes, topic: str) -> float | None:
    """How long the topic keeps a record, in seconds; None when we may not know."""
    now = time.monotonic()
    if now - eyes.asked > _RETENTION_SECONDS:
        eyes.kept.clear()
        eyes.asked = now
    if topic not in eyes.kept:
        state = kafka.describe(eyes.admin, [topic]).get(topic)
        eyes.kept[topic] = _retention(state.config) if state else None
    return eyes.kept[topic]


def _retention(config: Mapping[str, str]) -> float | None:
    if "delete" not in config.get("cleanup.policy", "delete"):
        return INFINITE
    if "retention.ms" not in config:
        return None
    milliseconds = int(config["retention.ms"])
    return INFINITE if milliseconds < 0 else milliseconds / 1000
