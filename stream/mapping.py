"""How one source's records become messages: pointers into any JSON, one value per field, mistakes by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from functools import lru_cache
from typing import Final, Literal, TypeAlias, get_args

from stream.model import GivenLink, Malformed, Message, Skipped, Surface

Pointer: TypeAlias = tuple[str, ...]
Decoded: TypeAlias = Message | Malformed | Skipped
TimeUnit: TypeAlias = Literal["auto", "rfc3339", "s", "ms"]

SURFACES: Final = frozenset(get_args(Surface))
PRIVATE: Final = "private_chat"
# A count of seconds this large lies past the year 5138, one of milliseconds before 1973-03: which tells them apart.
MILLISECONDS_FROM: Final = 100_000_000_000
EARLIEST: Final = 0
LATEST: Final = 9_999_999_999_999  # milliseconds in the year 2286


@dataclass(frozen=True, slots=True)
class LinkPointer:
    """Where a link sent beside the text stands, and the text shown for it."""

    url: Pointer
    label: Pointer | None = None


@dataclass(frozen=True, slots=True)
class Only:
    """Judge only records whose value at `pointer` is one of `values`."""

    pointer: Pointer
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fields:
    """Pointers by field. Several text pointers are joined by a line break; of several others the first found wins."""

    text: tuple[Pointer, ...] = (("text",),)
    id: tuple[Pointer, ...] = (("id",),)
    time: tuple[Pointer, ...] = (("time",), ("ts",), ("timestamp",))
    user: tuple[Pointer, ...] = (("user",),)
    channel: tuple[Pointer, ...] = (("channel",),)
    surface: tuple[Pointer, ...] = (("surface",),)
    lang: tuple[Pointer, ...] = (("lang",),)
    permalink: tuple[Pointer, ...] = (("permalink",),)
    tenant: tuple[Pointer, ...] = (("tenant",),)
    links: tuple[LinkPointer, ...] = (LinkPointer(("links",)),)
    only: Only | None = None


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One configured source: its topic, how its records are written, and what holds when they do not say."""

    name: str
    topic: str
    format: Literal["json", "text", "cloudevents"] = "json"
    surface: Surface = "other"
    lang: str = ""
    tenant: str = ""
    private_chat: bool = False
    time_unit: TimeUnit = "auto"
    surface_map: Mapping[str, Surface] = field(default_factory=dict)
    fields: Fields = field(default_factory=Fields)


def pointer(text: str) -> Pointer:
    """The steps of an RFC 6901 JSON pointer; a name without a leading slash is one step.

    >>> pointer("/card/a~1b")
    ('card', 'a/b')
    """
    if not text.startswith("/"):
        return (text,)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))


def spelled(steps: Pointer) -> str:
    """The pointer as a person writes it, for reasons and reports."""
    return "/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in steps)


def look_up(document: object, steps: Pointer) -> object:
    """The value at a pointer, or None when there is none."""
    for step in steps:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def message_from(document: object, source: SourceSpec, extra: Mapping[str, object] | None = None) -> Decoded:
    """The message in a decoded document; `extra` holds fields from elsewhere that the document does not give."""
    fields = source.fields
    if fields.only and str(look_up(document, fields.only.pointer)) not in fields.only.values:
        return Skipped("not_in_only")
    ignored: list[str] = []
    surface = _surface(document, source, ignored)
    if surface == PRIVATE and not source.private_chat:
        return Skipped("private_chat")
    text = _text(document, fields.text)
    if not isinstance(text, str):
        return text
    links = _links(document, fields.links, ignored)
    if not text and not links:
        return Skipped("no_text")
    return Message(
        text=text,
        id=_word(document, fields.id, "id", ignored) or str((extra or {}).get("id", "")),
        time=_time(_first(document, fields.time) or (extra or {}).get("time"), source.time_unit, ignored),
        user=_word(document, fields.user, "user", ignored),
        channel=_word(document, fields.channel, "channel", ignored),
        surface=surface,
        lang=_word(document, fields.lang, "lang", ignored) or source.lang,
        permalink=_word(document, fields.permalink, "permalink", ignored),
        tenant=_word(document, fields.tenant, "tenant", ignored) or source.tenant,
        links=links,
        ignored=tuple(ignored),
    )


def _first(document: object, pointers: Sequence[Pointer]) -> object:
    for steps in pointers:
        value = look_up(document, steps)
        if value is not None:
            return value
    return None


def _text(document: object, pointers: Sequence[Pointer]) -> str | Malformed:
    parts: list[str] = []
    for steps in pointers:
        value = look_up(document, steps)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            return Malformed("text is not a string", spelled(steps))
        parts.append(value)
    return "\n".join(parts)


def _word(document: object, pointers: Sequence[Pointer], name: str, ignored: list[str]) -> str:
    value = _first(document, pointers)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    ignored.append(name)
    return ""


def _surface(document: object, source: SourceSpec, ignored: list[str]) -> Surface:
    value = _word(document, source.fields.surface, "surface", ignored)
    if not value:
        return source.surface
    return known_surface(value, source, ignored)


def known_surface(value: str, source: SourceSpec, ignored: list[str]) -> Surface:
    """The surface a platform's own word stands for, or the source's default, with a note, when it is unknown."""
    mapped = source.surface_map.get(value)
    if mapped is not None:
        return mapped
    if value in SURFACES:
        return value  # type: ignore[return-value]  # membership was just checked
    ignored.append("surface")
    return source.surface


def _links(document: object, pointers: Sequence[LinkPointer], ignored: list[str]) -> tuple[GivenLink, ...]:
    found: list[GivenLink] = []
    for at in pointers:
        label = look_up(document, at.label) if at.label else None
        value = look_up(document, at.url)
        for item in value if isinstance(value, list) else [] if value is None else [value]:
            link = _given(item, label if isinstance(label, str) else "")
            if link is None:
                ignored.append("links")
            else:
                found.append(link)
    return tuple(found)


def _given(item: object, label: str) -> GivenLink | None:
    if isinstance(item, dict):
        text = item.get("label") or item.get("text") or item.get("title")
        label, item = text if isinstance(text, str) else label, item.get("url")
    return GivenLink(item, label) if isinstance(item, str) and item else None


def _time(value: object, unit: TimeUnit, ignored: list[str]) -> str | int | float:
    if value is None or value == "":
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool) and is_time(value, unit):
        return value
    ignored.append("time")
    return ""


def is_time(value: str | int | float, unit: TimeUnit) -> bool:
    """Whether `rfc3339` can spell the value; kept cheap, since every message is asked and few are spelled."""
    if type(value) is not str and unit != "rfc3339":
        return EARLIEST <= value <= LATEST  # type: ignore[operator]  # a number, by the test before
    try:
        # Only in the first and the last year an offset can lead past what can be spelled.
        return MINYEAR < _moment(value, unit).year < MAXYEAR or rfc3339(value, unit) != ""
    except (ValueError, OverflowError, OSError):
        return False


def rfc3339(value: str | int | float, unit: TimeUnit = "auto") -> str:
    """A platform's time as RFC 3339 in UTC with milliseconds; raises ValueError or OverflowError when it is none.

    >>> rfc3339(1785542400), rfc3339("2026-08-01T08:00:00+08:00")
    ('2026-08-01T00:00:00.000Z', '2026-08-01T00:00:00.000Z')
    """
    if type(value) is int and value >= 0 and unit != "rfc3339":
        return of_milliseconds(value if _in_milliseconds(value, unit) else value * 1000)
    moment = _moment(value, unit)
    # RFC 3339 wants an offset; platforms that omit it mean UTC
    return _spell(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))


def _moment(value: str | int | float, unit: TimeUnit) -> datetime:
    if isinstance(value, str) and unit in ("auto", "rfc3339"):
        return datetime.fromisoformat(value)
    if unit == "rfc3339":
        raise ValueError("not a time in RFC 3339")
    number = float(value)
    return datetime.fromtimestamp(number / 1000 if _in_milliseconds(number, unit) else number, UTC)


def _in_milliseconds(number: float, unit: TimeUnit) -> bool:
    return unit == "ms" or (unit == "auto" and abs(number) >= MILLISECONDS_FROM)


def _spell(utc: datetime) -> str:
    return utc.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def of_milliseconds(timestamp: int) -> str:
    """A Kafka record timestamp as RFC 3339 in UTC; empty for a negative one, which means that there is none."""
    return f"{_second(timestamp // 1000)}.{timestamp % 1000:03}Z" if timestamp >= 0 else ""


@lru_cache(64)
def _second(count: int) -> str:
    """A second as RFC 3339 without its zone: the records of a batch share a few of them."""
    return datetime.fromtimestamp(count, UTC).isoformat(timespec="seconds").removesuffix("+00:00")
