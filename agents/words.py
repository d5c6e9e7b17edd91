"""Making an analyst's word: from a case or an address to feedback with its reach and its effect."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from sys import intern
from typing import Any, Final

import msgspec
from confluent_kafka import Producer
from msgspec import Struct

from agents import connect
from agents.said import decoded, records_since
from config.platforms import load_platforms
from config.settings import Settings
from config.suffixes import load_suffixes
from stream import explain
from stream.alert import Alert
from stream.canonical import canonicalizer
from stream.feedback import Feedback, Scope, Shown, Word, effect, encode, new_id, reach, retracts
from stream.hosts import host_of
from stream.lists.formats.naming import refanged
from stream.model import HostFacts, Link

_DAY: Final = 86_400


class _Link(Struct, frozen=True, gc=False):
    key: str


class _Part(Struct, frozen=True, gc=False):
    id: str
    case_id: str
    type: str
    link: _Link


_part: Final = msgspec.json.Decoder(_Part)


class UnknownError(ValueError):
    """There is no such case or address."""


def prepared(
    settings: Settings, asked: tuple[str, Word, Scope], said: Mapping[str, Any], now: float
) -> tuple[Feedback, str]:
    """The feedback, and what it will lead to; raises `UnknownError`."""
    case, verdict, scope = asked
    about, shown = _said(settings, case, verdict, now - settings.retro.alerts_days * _DAY)
    link = _link(settings, about.link.url if about else case)
    if about is None and (verdict != "missed" or link is None or link.host is None):
        hint = "; to allow an address that raised none: saring lists add --allow" if verdict == "false" else ""
        raise UnknownError(f"no alert of the last {settings.retro.alerts_days} days has the case {case}{hint}")
    if link is None:
        raise UnknownError(f"{case} is not an address that can be listed")
    group = (about.group.kind, about.group.key) if about else _group(settings, link)
    extent = reach(scope, (link.key, link.registrable), group)
    if extent is None:
        raise UnknownError(f"{link.key} has no {scope}")
    word = Feedback(
        id=new_id(about.case_id if about else link.key, said["by"], said["at"]),
        case_id=about.case_id if about else "", verdict=verdict, scope=scope, kind=extent.kind, key=extent.key, **said,
    )  # fmt: skip
    return word, effect(word, retracts(word, shown), _second(word, about))


def _said(settings: Settings, case: str, verdict: Word, since: float) -> tuple[Alert | None, list[Shown]]:
    """The last alert on a case; where a word takes back, what its effect is counted from: there may be millions."""
    last, shown = None, list[Shown]()
    for record in records_since(settings, since):
        if record.key == case.encode():
            last = decoded(record) or last
        if verdict == "false":
            with suppress(msgspec.DecodeError):
                said = _part.decode(record.value or b"")
                shown.append(Shown(said.id, said.case_id, intern(said.type), said.link.key))
    return last, shown


def _second(word: Feedback, about: Alert | None) -> str:
    if word.verdict not in ("false", "missed"):
        return ""
    if word.scope == "domain":
        return "it covers a whole domain"
    feeds = {each.source.name for each in about.findings if each.family == "list" and each.source} if about else set()
    feeds.discard("local")
    return f"it contradicts {', '.join(sorted(feeds))}" if word.verdict == "false" and feeds else ""


def _link(settings: Settings, url: str) -> Link | None:
    """The link, also where it is written as alerts show it, so that nobody has to mend an address by hand."""
    return canonicalizer(load_suffixes(settings.links.extra_suffixes))(refanged(url))


def _group(settings: Settings, link: Link) -> tuple[str, str]:
    platforms, host = load_platforms(), host_of(link)
    platform, tenant = platforms.tenant(host.name)
    facts = HostFacts(host, "", platform, tenant, platforms.opaque(host.name))
    _, kind, key = explain.group("", link, facts)
    return kind, key


def written(settings: Settings, word: Feedback) -> None:
    """Write it, acknowledged."""
    producer = Producer(connect.connection(settings.kafka, "saring-feedback").librdkafka() | {"acks": "all"})
    failed: list[object] = []
    producer.produce(
        connect.topics(settings)["feedback"], encode(word), word.case_id or word.key,
        on_delivery=lambda error, _: failed.append(error) if error else None,
    )  # fmt: skip
    if producer.flush(30) or failed:
        raise ConnectionError(f"the word was not acknowledged: {failed or 'no answer'}")
