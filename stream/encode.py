"""Outcomes to bytes: alerts, dead letters, shadow alerts and the ledger record of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct

from stream.alert import Alert
from stream.model import OutcomeKind, Record
from stream.outcome import CLEAN, Outcome

Headers: TypeAlias = tuple[tuple[str, bytes], ...]

_encode: Final = msgspec.json.Encoder().encode
JSON: Final = ("content-type", b"application/json")


class Written(Struct, frozen=True, gc=False):
    """One record to publish; `kind` says where to: the settings name the topic."""

    kind: Literal["alerts", "review", "dead", "shadow", "ledger", "links"]
    key: bytes | None
    value: bytes | None
    headers: Headers = ()


class Ledger(Struct, frozen=True):
    """How every offset of a range ended. `offsets` lists all that are not clean; `seen` below the range's length means
    holes (transaction markers, compaction), not loss."""

    source: str
    topic: str
    partition: int
    first: int
    last: int
    seen: int
    clean: int
    flagged: int
    skipped: int
    dead: int
    offsets: dict[str, list[int]]
    kind: Literal["live", "replay"]
    versions: dict[str, str]
    schema: Literal["saring.ledger.v1"] = "saring.ledger.v1"


def alert_record(alert: Alert, source_uri: str, trace: bytes | None = None) -> Written:
    """An alert with its CloudEvents 1.0 attributes as headers (Kafka binding, binary mode), keyed by case."""
    case = alert.case_id.encode()
    headers: Headers = (
        JSON,
        ("ce_specversion", b"1.0"),
        ("ce_id", alert.id.encode()),
        ("ce_source", source_uri.encode()),
        ("ce_type", b"saring.alert.%b.v1" % alert.type.encode()),
        ("ce_time", alert.time.encode()),
        ("ce_subject", case),
        ("tier", alert.tier.encode()),
        ("severity", alert.severity.encode()),
        ("category", alert.category.encode()),
        ("brand", alert.brand.id.encode() if alert.brand else b""),
    )
    traced = (*headers, ("traceparent", trace)) if trace else headers
    kind: Literal["alerts", "review"] = "alerts" if alert.tier == "automatic" else "review"
    return Written(kind, case, _encode(alert), traced)


def shadow_record(check: str, alert: Alert) -> Written:
    """A would-be alert of a shadow check, keyed by the check."""
    return Written("shadow", check.encode(), _encode(alert), (JSON, ("check", check.encode())))


def dead_letter(record: Record, outcome: Outcome, source: str, version: str) -> Written:
    """The record's own bytes; why, where from and by which version stand in headers, for a replay as it was."""
    about: Mapping[str, object] = {
        "reason": outcome.reason,
        "field": outcome.field,
        "source": source,
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp,
        "version": version,
        "attempt": 1,
    }
    return Written(
        "dead", record.key, record.value, tuple((name, str(value).encode()) for name, value in about.items())
    )


class Span(NamedTuple):
    """The records of a batch of one partition: the first, the last, how many."""

    first: Record
    last: Record
    seen: int


def ledger_record(
    source: str, span: Span, ends: Iterable[tuple[OutcomeKind, int]], versions: Mapping[str, str]
) -> Written:
    """How a batch of one partition ended, keyed by its partition; `ends` are kinds and offsets, clean ones or not."""
    offsets: dict[str, list[int]] = {}
    for kind, offset in ends:
        if kind != "clean":
            offsets.setdefault(kind, []).append(offset)
    counts = {kind: len(ended) for kind, ended in offsets.items()}
    head, tail = span.first, span.last
    ledger = Ledger(
        source=source,
        topic=head.topic,
        partition=head.partition,
        first=head.offset,
        last=tail.offset,
        seen=span.seen,
        offsets=offsets,
        kind="live",
        versions=dict(versions),
        clean=span.seen - sum(counts.values()),
        flagged=counts.get("flagged", 0),
        skipped=counts.get("skipped", 0),
        dead=counts.get("dead", 0),
    )
    return Written("ledger", f"{head.topic}-{head.partition}".encode(), _encode(ledger), (JSON,))


def written(
    records: Iterable[Record], outcomes: Iterable[Outcome], source: str, now: str, version: str
) -> Iterator[Written]:
    """Everything to publish for the outcomes but the ledger record, in order; `now` becomes the alerts' time."""
    uri = f"/saring/{source}"
    for record, outcome in zip(records, outcomes, strict=True):
        if outcome is CLEAN:
            continue
        if outcome.kind == "dead":
            yield dead_letter(record, outcome, source, version)
        if outcome.alerts:
            trace = _header(record, "traceparent")
            for alert in outcome.alerts:
                yield alert_record(msgspec.structs.replace(alert, time=now), uri, trace)
        for shadowed in outcome.shadow:
            yield shadow_record(shadowed.check, msgspec.structs.replace(shadowed.alert, time=now))


def _header(record: Record, name: str) -> bytes | None:
    return next((value for key, value in record.headers if key == name), None)
