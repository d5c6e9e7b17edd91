"""Where a person or a message appears in our topics: what a request to be forgotten is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Literal

import msgspec
from msgspec import Struct

from agents import connect
from agents.kafka.connection import Connection
from agents.kafka.spans import Kept, read_spans
from agents.kafka.topics import admin_client, describe, watermarks
from config.settings import Settings
from stream.redact import keyed_hash

KINDS: tuple[Literal["alerts", "review", "shadow", "dead"], ...] = ("alerts", "review", "shadow", "dead")


class Trace(Struct, frozen=True):
    """One record, and when Kafka deletes it; `case_id` is what consumers keep it under (None for a dead letter)."""

    topic: str
    partition: int
    offset: int
    case_id: str | None
    type: str
    time: str
    expires: str | None


class _Message(Struct):
    source: str
    id: str | None = None
    user: str | None = None


class _Alert(Struct):
    case_id: str
    type: str
    message: _Message


_alert = msgspec.json.Decoder(_Alert)
Wanted = Callable[[_Message], bool]


def of_user(key: bytes, user: str) -> Wanted:
    """Alerts on messages of the user whom the platform knows by this id; under another key he is another person."""
    known = keyed_hash(key, user)
    return lambda message: known is not None and message.user == known


def of_message(source: str, number: str) -> Wanted:
    """Alerts on the message with this id; of any source if none is named."""
    return lambda message: message.id == number and source in ("", message.source)


def traces(settings: Settings, connection: Connection, wanted: Wanted, named: str) -> Iterator[Trace]:
    """Every record about them. Dead letters could not be read: those that hold the id anywhere in their bytes."""
    admin, topics = admin_client(connection), connect.topics(settings)
    for kind in KINDS:
        topic = topics[kind]
        states = describe(admin, [topic])
        kept = int(states[topic].config.get("retention.ms", -1)) if topic in states else -1
        for batch in read_spans(connection, watermarks(admin, [topic])):
            for record in batch:
                found = _letter(record, named) if kind == "dead" else _said(record, wanted)
                if found:
                    yield _trace(record, found, kept)


def _letter(record: Kept, named: str) -> tuple[str | None, str] | None:
    return (None, "dead letter") if named.encode() in (record.value or b"") else None


def _said(record: Kept, wanted: Wanted) -> tuple[str | None, str] | None:
    try:
        alert = _alert.decode(record.value or b"")
    except msgspec.DecodeError:  # not written by us
        return None
    return (alert.case_id, alert.type) if wanted(alert.message) else None


def _trace(record: Kept, found: tuple[str | None, str], kept: int) -> Trace:
    expires = _time(record.timestamp + kept) if kept >= 0 else None
    return Trace(record.topic, record.partition, record.offset, *found, _time(record.timestamp), expires)


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
