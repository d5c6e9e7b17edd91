"""The scan role: chunks of messages in, batches of alerts, dead letters and ledger records out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import compress
from typing import TypeAlias

from msgspec import Struct

from agents.kafka.line import Work
from agents.kafka.values import Batch, Chunk, Outgoing, size
from agents.meter import Meter, Tally
from stream.encode import Span, Written, ledger_record, written
from stream.model import OutcomeKind
from stream.native import Rows
from stream.outcome import CLEAN, Outcome
from stream.pipeline import INTERNAL, Scanner
from stream.rules import Rules
from stream.sightings import Sheet


@dataclass(frozen=True, slots=True)
class Desk:
    """What the role needs: the scanner in force, the rules behind it, where each kind of record goes, the meter."""

    scanner: Callable[[], Scanner]  # asked once a chunk: a list update swaps what it returns
    rules: Rules
    topics: Mapping[str, str]
    meter: Meter
    sightings: Callable[[], Sheet]  # opens the sheet of a batch
    sequence: Callable[[], int]  # of the lists in force: a batch is judged and told of without a swap in between


class Note(Struct, frozen=True):
    """What is counted once a batch is acknowledged."""

    source: str
    tally: Tally


Judge: TypeAlias = "Callable[[Chunk, Rows | None], Sequence[Outcome]]"


def work(desk: Desk) -> Work:
    """Judging and counting as the delivery line wants them."""

    def judge(chunk: Chunk, rows: Rows | None) -> Sequence[Outcome]:
        return desk.scanner()(chunk.records, rows)

    def handle(chunks: Sequence[Chunk]) -> Batch:
        started = time.perf_counter()
        batch = _batch(desk, chunks, judge)
        desk.meter.processed("judge", time.perf_counter() - started)
        return batch

    def done(note: object, chunks: Sequence[Chunk]) -> None:
        if isinstance(note, Note):
            desk.meter.count(note.source, note.tally)

    def poisoned(chunk: Chunk, deaths: int) -> Batch:
        dead = Outcome("dead", f"ended the process {deaths} times", "value")
        return _batch(desk, [chunk], lambda chunk, rows: [dead for _ in chunk.records])

    return Work(handle, done, poisoned)


def _batch(desk: Desk, chunks: Sequence[Chunk], judge: Judge) -> Batch:
    """Chunk by chunk: outcomes are let go before the next are made, which then find their memory in the cache."""
    rules = desk.rules
    source, now, version = rules.sources[chunks[0].source.topic].name, timestamp(), rules.versions.saring
    tally, sheet, failures = Tally(), desk.sightings(), 0
    out, ends, rows = list[Written](), list[tuple[OutcomeKind, int]](), None
    for chunk in chunks:
        rows = sheet.begin(chunk.records)
        outcomes = judge(chunk, rows)
        # Most say nothing: they are passed over once for all.
        told = [at for at, outcome in enumerate(outcomes) if outcome is not CLEAN]
        records, tales = [chunk.records[at] for at in told], [outcomes[at] for at in told]
        tally.add(chunk.records, tales)
        sheet.add(records, tales)
        heard = [outcome.kind != "clean" or bool(outcome.shadow) for outcome in tales]
        records, tales = list(compress(records, heard)), list(compress(tales, heard))
        out += written(records, tales, source, now, version)
        ends += [(each.kind, record.offset) for record, each in zip(records, tales, strict=True)]
        failures += sum(outcome is INTERNAL for outcome in tales)
    if rows is not None:
        tally.add_passed(rows)
    span = Span(chunks[0].records[0], chunks[-1].records[-1], size(chunks))
    out.append(ledger_record(source, span, ends, _versions(rules)))
    out += sheet.written(desk.sequence())
    return Batch([_outgoing(each, desk.topics) for each in out], Note(source, tally), failures)


def _versions(rules: Rules) -> dict[str, str]:
    named = rules.versions
    return {"saring": named.saring, "checks": named.checks, "settings": named.settings, "model": named.model}


def _outgoing(each: Written, topics: Mapping[str, str]) -> Outgoing:
    return Outgoing(topics[each.kind], each.key, each.value, each.headers)


def timestamp() -> str:
    """Now, as alerts spell it: RFC 3339, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
