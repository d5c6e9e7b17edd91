"""The scan role: chunks of messages in, batches of alerts, dead letters and ledger records out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress

from msgspec import Struct

from agents.kafka.line import Work
from agents.kafka.values import Batch, Chunk, Outgoing
from agents.meter import Meter
from stream.encode import Written, ledger_record, written
from stream.model import Record
from stream.outcome import CLEAN, Outcome
from stream.pipeline import INTERNAL, Scanner
from stream.rules import Rules


@dataclass(frozen=True, slots=True)
class Desk:
    """What the role needs: the scanner in force, the rules behind it, where each kind of record goes, the meter."""

    scanner: Callable[[], Scanner]  # asked once a chunk: a list update swaps what it returns
    rules: Rules
    topics: Mapping[str, str]
    meter: Meter
    sightings: Callable[[Sequence[Record], Sequence[Outcome]], list[Written]] = lambda records, outcomes: []


class Note(Struct, frozen=True):
    """What is counted once a batch is acknowledged."""

    source: str
    records: Sequence[Record]
    outcomes: Sequence[Outcome]


def work(desk: Desk) -> Work:
    """Judging and counting as the delivery line wants them."""

    def handle(chunks: Sequence[Chunk]) -> Batch:
        started = time.perf_counter()
        outcomes = [desk.scanner()(chunk.records) for chunk in chunks]
        batch = _batch(desk, chunks, outcomes)
        desk.meter.processed("judge", time.perf_counter() - started)
        return batch

    def done(note: object, chunks: Sequence[Chunk]) -> None:
        if isinstance(note, Note):
            desk.meter.count(note.source, note.records, note.outcomes)

    def poisoned(chunk: Chunk, deaths: int) -> Batch:
        reason = f"ended the process {deaths} times"
        return _batch(desk, [chunk], [[Outcome("dead", reason, "value") for _ in chunk.records]])

    return Work(handle, done, poisoned)


def _batch(desk: Desk, chunks: Sequence[Chunk], outcomes: Sequence[Sequence[Outcome]]) -> Batch:
    rules, source = desk.rules, desk.rules.sources[chunks[0].source.topic].name
    now, version = timestamp(), rules.versions.saring
    records = [record for chunk in chunks for record in chunk.records] if len(chunks) > 1 else chunks[0].records
    ended = [outcome for chunk in outcomes for outcome in chunk] if len(chunks) > 1 else outcomes[0]
    told = [outcome is not CLEAN for outcome in ended]  # most say nothing: they are passed over once for all
    telling, tales = list(compress(records, told)), list(compress(ended, told))
    out = [*written(telling, tales, source, now, version), ledger_record(source, records, ended, _versions(rules))]
    out += desk.sightings(telling, tales) if tales else ()
    failures = sum(outcome is INTERNAL for outcome in ended)
    return Batch([_outgoing(each, desk.topics) for each in out], Note(source, records, ended), failures)


def _versions(rules: Rules) -> dict[str, str]:
    named = rules.versions
    return {"saring": named.saring, "checks": named.checks, "settings": named.settings, "model": named.model}


def _outgoing(each: Written, topics: Mapping[str, str]) -> Outgoing:
    return Outgoing(topics[each.kind], each.key, each.value, each.headers)


def timestamp() -> str:
    """Now, as alerts spell it: RFC 3339, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
