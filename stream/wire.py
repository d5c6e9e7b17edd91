"""Bytes to messages: one record becomes a message, a reason to skip it, or a reason to set it aside.

JSON is read by msgspec. The default event shape is decoded into a typed struct, a whole chunk at a time; whatever does
not fit it goes through the mapping, which says field by field what was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from stream.bounds import Bounds
from stream.mapping import (
    EARLIEST,
    LATEST,
    PRIVATE,
    Decoded,
    Fields,
    SourceSpec,
    is_time,
    known_surface,
    message_from,
)
from stream.model import GivenLink, Malformed, Message, Record, Skipped, Surface

Decoder: TypeAlias = Callable[[Sequence[Record]], list[Decoded]]

# JavaScript platforms that cut a text in the middle of an emoji send half a surrogate pair. JSON's grammar allows it,
# strict decoders refuse it; a scammer must not escape judging with one, so it is read as U+FFFD.
_HALF_PAIR: Final = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
NO_TEXT: Final = Skipped("no_text")
NULL_VALUE: Final = Skipped("null_value")
PRIVATE_CHAT: Final = Skipped("private_chat")


class Event(msgspec.Struct, frozen=True, gc=False):
    """The default event, typed: what fits needs no further look at its types."""

    text: str = ""
    id: str | int | None = None
    time: str | int | float | None = None
    ts: str | int | float | None = None
    timestamp: str | int | float | None = None
    user: str | int | None = None
    channel: str | int | None = None
    surface: str | None = None
    lang: str | None = None
    permalink: str | None = None
    tenant: str | int | None = None
    links: list[str | GivenLink] | None = None


_events = msgspec.json.Decoder(Event)


def decoder(source: SourceSpec, bounds: Bounds) -> Decoder:
    """A function from the records of one chunk to what they hold, in the same order."""
    if source.format == "json" and source.fields == Fields():
        return lambda records: _decode_events(records, source, bounds)
    read = _READERS[source.format]
    return lambda records: [_decode_one(record, source, bounds, read) for record in records]


def _decode_events(records: Sequence[Record], source: SourceSpec, bounds: Bounds) -> list[Decoded]:
    """The whole chunk in one call. Only when no value is empty or holds a line break can lines be told from records:
    otherwise two bad values could join into a good one."""
    values = [record.value or b"" for record in records]
    joined = b"".join(values)
    if all(values) and b"\n" not in joined and (len(joined) <= bounds.value or max(map(len, values)) <= bounds.value):
        try:
            events = _events.decode_lines(b"\n".join(values))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            events = []
        if len(events) == len(values):
            return _messages(events, source)
    return [_decode_event(record, source, bounds) for record in records]


def _decode_event(record: Record, source: SourceSpec, bounds: Bounds) -> Decoded:
    try:
        if record.value and len(record.value) <= bounds.value:
            return _message(_events.decode(record.value), source)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass  # the mapping below says what is wrong with it, field by field
    return _decode_one(record, source, bounds, _read_json)


def _messages(events: Sequence[Event], source: SourceSpec) -> list[Decoded]:
    """The messages of a chunk: one of a text, words and a count of time is made on the spot, which saves a third."""
    surface, lang, tenant = source.surface, source.lang, source.tenant
    if surface == PRIVATE or source.time_unit == "rfc3339":
        return [_message(e, source) for e in events]
    return [
        Message(e.text, e.id, time, e.user, e.channel, surface, e.lang or lang, e.permalink or "", tenant)
        if (e.text and type(e.id) is str and type(e.user) is str and type(e.channel) is str)
        and (type(time := e.time or e.ts) is int and EARLIEST < time <= LATEST)  # 0 is no time
        and not (e.surface or e.links or e.tenant is not None)
        else _message(e, source)
        for e in events
    ]


def _message(event: Event, source: SourceSpec) -> Decoded:
    surface: Surface = source.surface
    ignored: tuple[str, ...] = ()
    if event.surface:
        notes: list[str] = []
        surface = known_surface(event.surface, source, notes)
        ignored = tuple(notes)
    if surface == PRIVATE and not source.private_chat:
        return PRIVATE_CHAT
    if not event.text and not event.links:
        return NO_TEXT
    time = event.time or event.ts or event.timestamp or ""
    if time and not is_time(time, source.time_unit):
        time, ignored = "", (*ignored, "time")
    return Message(
        event.text,
        event.id if type(event.id) is str else _spelled(event.id),
        time,
        event.user if type(event.user) is str else _spelled(event.user),
        event.channel if type(event.channel) is str else _spelled(event.channel),
        surface,
        event.lang or source.lang,
        event.permalink or "",
        source.tenant if event.tenant is None else _spelled(event.tenant) or source.tenant,
        tuple(GivenLink(x) if isinstance(x, str) else x for x in event.links) if event.links else (),
        ignored,
    )


def _spelled(value: str | int | None) -> str:
    return "" if value is None else str(value)


def _decode_one(record: Record, source: SourceSpec, bounds: Bounds, read: Reader) -> Decoded:
    if record.value is None:
        return NULL_VALUE
    if len(record.value) > bounds.value:
        return Malformed("value is larger than the limit", "value")
    document = read(record)
    if isinstance(document, Malformed):
        return document
    return message_from(document, source, _attributes(record) if source.format == "cloudevents" else None)


Reader: TypeAlias = Callable[[Record], object]


def _read_json(record: Record) -> object:
    value = record.value or b""
    try:
        value.decode()
        document = msgspec.json.decode(_HALF_PAIR.sub(_replaced, value) if b"\\u" in value else value)
    except UnicodeDecodeError:
        return Malformed("value is not UTF-8", "value")
    except RecursionError:
        return Malformed("value is nested too deep", "value")
    except msgspec.DecodeError:
        return Malformed("value is not JSON", "value")  # never the decoder's own words: they can quote content
    return document if isinstance(document, dict) else Malformed("value is not a JSON object", "value")


def _replaced(match: re.Match[bytes]) -> bytes:
    return b"\\ufffd" if match[1] else match[0]


def _read_text(record: Record) -> object:
    try:
        return {"text": (record.value or b"").decode()}
    except UnicodeDecodeError:
        return Malformed("value is not UTF-8", "value")


def _read_cloudevent(record: Record) -> object:
    kind = _header(record, "content-type")
    return _read_text(record) if kind.startswith("text/") else _read_json(record)


def _attributes(record: Record) -> Mapping[str, object]:
    """CloudEvents Kafka binding 1.0, binary mode: attributes travel as `ce_` headers."""
    return {"id": _header(record, "ce_id"), "time": _header(record, "ce_time")}


def _header(record: Record, name: str) -> str:
    for key, value in record.headers:
        if key.lower() == name:
            return value.decode("utf-8", "replace")
    return ""


_READERS: Final[Mapping[str, Reader]] = {"json": _read_json, "text": _read_text, "cloudevents": _read_cloudevent}
