"""The topics of a deployment as they should be: what setup makes and workers verify."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents import connect
from agents.kafka.topics import TopicSpec, TopicState
from config.settings import Settings

DAY_MS = 86_400_000
OUR_RECORD_BYTES = 1_048_588  # Kafka's default; an alert is about 4 KB, a ledger record of 4,000 messages about 40 KB
SMALLEST_LIMIT = 65_536  # bytes; the largest alert that the bounds allow fits


def planned(settings: Settings, brokers: int) -> list[TopicSpec]:
    """Our topics in a deployment, for a cluster of so many brokers."""
    replication = settings.kafka.replication or min(3, brokers)
    names, many = connect.topics(settings), settings.topics.partitions
    insync = {"min.insync.replicas": str(max(1, replication - 1))}
    return [TopicSpec(names[kind], many if wide else 1, replication, insync | config) for kind, wide, config in _TABLE]


def sources(settings: Settings, brokers: int) -> list[TopicSpec]:
    """The platform's topics as setup makes them where the platform has not; those that exist may be as they like."""
    replication = settings.kafka.replication or min(3, brokers)
    kept = {"retention.ms": str(7 * DAY_MS)}
    names = [source.topic for source in settings.sources.values()]
    return [TopicSpec(name, settings.topics.partitions, replication, kept) for name in names]


def _kept(days: float) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(int(days * DAY_MS))}


# kind, as wide as the sources, settings. The reasons for each figure stand in design order: an alert is evidence for
# over a year, a review alert for a quarter; a dead letter must outlive a holiday; sightings are the retro window.
_TABLE: tuple[tuple[str, bool, dict[str, str]], ...] = (
    ("alerts", True, _kept(400)),
    ("review", True, _kept(90)),
    ("dead", True, _kept(14)),
    ("links", True, _kept(3)),
    ("lists", False, {"cleanup.policy": "compact"}),
    ("chunks", False, {"cleanup.policy": "compact", "segment.bytes": "67108864", "segment.ms": "600000"}),
    ("entries", False, {"cleanup.policy": "compact"}),
    ("feedback", True, _kept(400)),
    ("shadow", True, _kept(7)),
    ("ledger", True, _kept(7)),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as planned, with the command that mends it; `fatal` ones keep a worker from starting."""

    topic: str
    what: str
    mend: str
    fatal: bool = False


def differences(spec: TopicSpec, state: TopicState) -> Iterator[Difference]:
    """How an existing topic of ours differs from the plan; what we may not read is taken to be right."""
    for name, wanted in spec.config.items():
        have = state.config.get(name)
        if have is None or have == wanted or (name == "cleanup.policy" and wanted in have.split(",")):
            continue
        mend = _alter(spec.name, name, wanted)
        yield Difference(spec.name, f"{name} is {have}, planned is {wanted}", mend, (name, wanted) in _FATAL)
    if int(state.config.get("max.message.bytes", OUR_RECORD_BYTES)) < SMALLEST_LIMIT:
        mend = _alter(spec.name, "max.message.bytes", str(OUR_RECORD_BYTES))
        yield Difference(spec.name, "max.message.bytes is too small for an alert", mend, fatal=True)
    if state.partitions < spec.partitions:
        mend = f"kafka-topics.sh --alter --topic {spec.name} --partitions {spec.partitions}"
        yield Difference(spec.name, f"has {state.partitions} partitions, planned are {spec.partitions}", mend)
    if state.replication < spec.replication:
        yield Difference(spec.name, f"has {state.replication} replicas, planned are {spec.replication}",
                         f"kafka-reassign-partitions.sh with {spec.replication} replicas for {spec.name}")  # fmt: skip


def _alter(topic: str, name: str, value: str) -> str:
    return f"kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {name}={value}"


# A list topic that is not compacted loses the last good set when it expires: workers refuse to start on it.
_FATAL = {("cleanup.policy", "compact")}
