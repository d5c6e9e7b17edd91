"""What `saring doctor` looks at: each look is one question with its answer and, where needed, the remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from agents import connect
from agents.canary import LIMIT_SECONDS, open_canary, trip
from agents.kafka import topics as kafka
from agents.kafka.spans import Kept, read_spans
from agents.kafka.topics import TopicSpec, TopicState
from agents.topics import differences, planned
from config.settings import Settings
from config.sources import sources_by_topic
from stream.bounds import Bounds
from stream.mapping import SourceSpec
from stream.model import Message, Record, Skipped
from stream.native import is_there
from stream.wire import decoder

CLOCK_SECONDS = 30
LAG_LARGE = 100_000
LISTS_OLD_HOURS = 48  # the base is built anew every day, so an older set means that no keeper is at work


@dataclass(frozen=True, slots=True)
class Look:
    """One answer: `fail` means a worker would not work, `warn` that it would, but worse than it could."""

    what: str
    state: Literal["ok", "warn", "fail"]
    found: str
    mend: str = ""


def look(settings: Settings, admin: AdminClient) -> Iterator[Look]:
    """Everything that can be seen without writing; raises AdminError when no broker answers."""
    yield native_part(is_there())
    brokers = kafka.brokers(admin)
    yield Look("Kafka answers", "ok", f"{brokers} broker{'s' * (brokers > 1)} at {settings.kafka.bootstrap_servers}")
    specs = planned(settings, brokers)
    sources = [source.topic for source in settings.sources.values()]
    there = kafka.describe(admin, [spec.name for spec in specs] + sources)
    wrong = list(_topics(specs, sources, there))
    yield from wrong or [Look("topics", "ok", f"{len(there)} are there, as planned")]
    present = [name for name in sources if name in there]
    yield from _group(settings, admin, present)
    yield from _lists(admin, connect.topics(settings)["lists"], there)
    yield from _clock(admin, present)


def native_part(there: bool) -> Look:
    """Whether a worker that is started from this installation judges in the native form."""
    found = "is used" if there else "is not installed: the Python form judges alike, and slower"
    return Look("native part", "ok" if there else "warn", found, "make setup with cargo on PATH; the image has it")


def canary(settings: Settings, admin: AdminClient, limit_seconds: float = LIMIT_SECONDS) -> Look:
    """Send a test link into the first source and time its alert; when none comes, say how far it got."""
    bird = open_canary(settings)
    try:
        ended = trip(bird, limit_seconds)
        if ended.seconds is not None:
            return Look("canary", "ok", f"its alert came after {ended.seconds:.1f} s")
        if ended.written is None:
            return Look("canary", "fail", f"no broker took it for {bird.source.topic}", "rights: deploy/kafka/acls.sh")
        place, offset = ended.written
        judged = kafka.committed(admin, connect.group(settings, "scan")).get(place, -1) > offset
    except (kafka.AdminError, KafkaException) as error:
        return Look("canary", "fail", str(error), "rights: deploy/kafka/acls.sh")
    finally:
        bird.close()
    where = f"{place.topic}/{place.partition} at {offset}"
    if judged:
        return Look("canary", "fail", f"{where} was judged, but no alert came", "is the topic of alerts the right one?")
    return Look("canary", "fail", f"{where} was not judged within {limit_seconds:g} s", "is a worker at work?")


def _topics(specs: Sequence[TopicSpec], sources: Sequence[str], there: Mapping[str, TopicState]) -> Iterator[Look]:
    for name in [spec.name for spec in specs] + list(sources):
        if name not in there:
            yield Look(f"topic {name}", "fail", "is missing, or we may not see it", "saring setup")
    for spec in specs:
        if state := there.get(spec.name):
            for each in differences(spec, state):
                yield Look(f"topic {each.topic}", "fail" if each.fatal else "warn", each.what, each.mend)


def _lists(admin: AdminClient, topic: str, there: Mapping[str, TopicState]) -> Iterator[Look]:
    """How old the newest set is; without one a worker judges by its checks alone."""
    ages = (
        [kafka.age_seconds(admin, partition) for partition in kafka.watermarks(admin, [topic])]
        if topic in there
        else []
    )
    age = next((age for age in ages if age is not None), None)
    if age is None:
        yield Look("lists", "warn", "no set has been published yet", "saring keeper")
    else:
        old = age > LISTS_OLD_HOURS * 3600
        yield Look("lists", "warn" if old else "ok", f"the newest set is {age / 3600:.1f} h old", "saring lists status")


def _group(settings: Settings, admin: AdminClient, sources: Sequence[str]) -> Iterator[Look]:
    group = connect.group(settings, "scan")
    if missing := kafka.without_first_offset(admin, group, sources):
        yield Look("first offsets", "fail", f"{len(missing)} partitions have none in group {group}", "saring setup")
    marks, done = kafka.watermarks(admin, sources), kafka.committed(admin, group)
    # What is finished between the two questions would count as less than nothing.
    lag = sum(max(0, high - done.get(partition, low)) for partition, (low, high) in marks.items())
    expired = sum(max(0, low - done.get(partition, low)) for partition, (low, _) in marks.items())
    behind = lag >= LAG_LARGE
    yield Look("lag", "warn" if behind else "ok", f"{lag:,} messages wait", "more workers, up to one a partition")
    if expired:
        yield Look("expired", "warn", f"{expired:,} messages were deleted before we read them", "longer retention.ms")


def _clock(admin: AdminClient, sources: Sequence[str]) -> Iterator[Look]:
    ages = [kafka.age_seconds(admin, partition) for partition in kafka.watermarks(admin, sources)]
    ahead = max((-age for age in ages if age is not None), default=0.0)
    far = ahead > CLOCK_SECONDS
    found = f"the newest record lies {ahead:.0f} s in our future" if far else "no record lies in our future"
    yield Look("clock", "warn" if far else "ok", found, "synchronise the clocks (NTP)")


@dataclass(frozen=True, slots=True)
class Sampled:
    """What a source's mapping finds in its latest records: counts by outcome, reason and filled field."""

    source: str
    records: int
    outcomes: Counter[str]
    reasons: Counter[str]
    filled: Counter[str]
    ignored: Counter[str]


FIELDS = ("id", "time", "user", "channel", "lang", "permalink", "tenant", "links")


def sample(settings: Settings, records: int) -> Iterator[Sampled]:
    """Read up to so many of the latest records of every source, in no group, and decode them."""
    bounds = Bounds(**settings.bounds.model_dump())
    for topic, source in sources_by_topic(settings).items():
        yield decoded(source, _latest(settings, topic, records), bounds)


def decoded(source: SourceSpec, records: Sequence[Record], bounds: Bounds) -> Sampled:
    """What decoding says of these records."""
    sampled = Sampled(source.name, len(records), Counter(), Counter(), Counter(), Counter())
    for result in decoder(source, bounds)(records):
        if isinstance(result, Message):
            sampled.outcomes["message"] += 1
            sampled.filled.update(name for name in FIELDS if getattr(result, name))
            sampled.ignored.update(result.ignored)
        elif isinstance(result, Skipped):
            sampled.outcomes["skipped"] += 1
            sampled.reasons[result.reason] += 1
        else:
            sampled.outcomes["dead"] += 1
            sampled.reasons[f"{result.reason} ({result.field})"] += 1
    return sampled


def _latest(settings: Settings, topic: str, records: int) -> list[Kept]:
    connection = connect.connection(settings.kafka, "saring-doctor")
    marks = kafka.watermarks(kafka.admin_client(connection), [topic])
    share = -(-records // max(1, len(marks)))
    spans = {place: (max(low, high - share), high) for place, (low, high) in marks.items()}
    return [record for batch in read_spans(connection, spans) for record in batch][:records]
