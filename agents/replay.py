"""Judging again what was judged before, in this process and under the original identity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import msgspec
from confluent_kafka import KafkaException, Producer

from agents import connect
from agents.kafka.connection import Connection
from agents.kafka.spans import Kept, read_spans
from agents.kafka.topics import AdminError, admin_client, describe, offsets_at, watermarks
from agents.scan import timestamp
from config.settings import Settings
from stream.encode import Written, written
from stream.outcome import Outcome
from stream.pipeline import Scanner
from stream.rules import Rules

CHUNK = 500
_FLUSH_SECONDS = 60.0
_IDENTITY = ("topic", "partition", "offset", "timestamp")


@dataclass(slots=True)
class Tally:
    """What came of a replay; `passed` are dead letters that do not say where they came from."""

    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    alerts: int = 0
    passed: int = 0


def dead_letters(settings: Settings, connection: Connection, tally: Tally) -> Iterator[Kept]:
    """The records behind the dead letters, each as it stood in its source."""
    topic = connect.topics(settings)["dead"]
    for batch in read_spans(connection, watermarks(admin_client(connection), [topic])):
        for letter in batch:
            original = restored(letter)
            if original is None:
                tally.passed += 1
            else:
                yield original


def restored(letter: Kept) -> Kept | None:
    """The record behind a dead letter; None when its headers do not say, or its bytes were cut."""
    about = {name: value.decode(errors="replace") for name, value in letter.headers}
    if "cut" in about or not all(name in about for name in _IDENTITY):
        return None
    try:
        place = (about["topic"], int(about["partition"]), int(about["offset"]), int(about["timestamp"]))
    except ValueError:
        return None
    return Kept(*place, letter.key, letter.value)


def between(connection: Connection, topic: str, begin: float, end: float) -> Iterator[Kept]:
    """The records of a source in a span of time (seconds since the epoch)."""
    admin = admin_client(connection)
    first, last = offsets_at(admin, [topic], begin), offsets_at(admin, [topic], end)
    for batch in read_spans(connection, {partition: (first[partition], last[partition]) for partition in first}):
        yield from batch


def lines(path: Path, topic: str) -> Iterator[Kept]:
    """The lines of a file as records of a source; a line without an id is known by its number."""
    with path.open("rb") as file:
        for number, line in enumerate(file):
            yield Kept(topic, 0, number, 0, None, line.rstrip(b"\r\n"))


def judge(
    records: Iterable[Kept], scanner: Scanner, rules: Rules, tally: Tally, publish: Callable[[Written], None]
) -> None:
    """Judge and count; alerts go to `publish`. Records of topics that are no source now are passed."""
    wanted = iter(records)
    while batch := list(islice(wanted, CHUNK)):
        known = [record for record in batch if record.topic in rules.sources]
        tally.passed += len(batch) - len(known)
        for topic in dict.fromkeys(record.topic for record in known):
            _judge([record for record in known if record.topic == topic], scanner, rules, tally, publish)


def _judge(
    records: Sequence[Kept], scanner: Scanner, rules: Rules, tally: Tally, publish: Callable[[Written], None]
) -> None:
    outcomes: list[Outcome] = [_marked(outcome) for outcome in scanner(records)]
    source = rules.sources[records[0].topic].name
    tally.outcomes.update(outcome.kind for outcome in outcomes)
    tally.reasons.update(outcome.reason for outcome in outcomes if outcome.reason)
    for each in written(records, outcomes, source, timestamp(), rules.versions.saring):
        if each.kind in ("alerts", "review"):
            tally.alerts += 1
            publish(each)


def _marked(outcome: Outcome) -> Outcome:
    """With alerts that say where they come from; their ids stay, for they are hashes of the message and the link."""
    if not outcome.alerts:
        return outcome
    alerts = tuple(msgspec.structs.replace(alert, replayed=True) for alert in outcome.alerts)
    return msgspec.structs.replace(outcome, alerts=alerts)


class Into:
    """Writes alerts to one topic; `close` returns when all are acknowledged, and raises when one was not."""

    def __init__(self, connection: Connection, topic: str) -> None:
        if not describe(admin_client(connection), [topic]):
            raise AdminError(f"there is no topic {topic}: kafka-topics.sh --create --topic {topic} --partitions 1")
        self._producer = Producer(connection.librdkafka() | {"enable.idempotence": True})
        self._topic = topic
        self._failed: list[str] = []

    def write(self, each: Written) -> None:
        """Queue one alert."""
        headers = [*each.headers, ("kind", b"replay")]
        while True:
            try:
                self._producer.produce(self._topic, each.value, each.key, headers=headers, on_delivery=self._noted)
                break
            except BufferError:  # full: wait for the broker
                self._producer.poll(1.0)
        self._producer.poll(0)

    def _noted(self, error: object, _message: object) -> None:
        if error is not None:
            self._failed.append(str(error))

    def close(self) -> None:
        """Wait for the broker."""
        left = self._producer.flush(_FLUSH_SECONDS)
        if left or self._failed:
            raise KafkaException(f"{left + len(self._failed)} alerts were not written: {'; '.join(self._failed[:3])}")


def as_text(each: Written) -> dict[str, object]:
    """An alert for the terminal."""
    decoded: dict[str, object] = msgspec.json.decode(each.value or b"{}")
    return decoded
