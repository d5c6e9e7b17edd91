"""From the outcomes of a batch to sightings: small, told once an hour, nothing readable of queries and people."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeAlias
from zlib import crc32

import cramjam
import msgspec

from stream import alert
from stream.encode import Written
from stream.model import Finding, Record
from stream.native import Memory, Rows, is_there
from stream.outcome import Judged, Outcome
from stream.report import identity_of
from stream.rules import Rules
from stream.sighting import (
    BUCKETS,
    CENTS,
    FORMAT,
    HTTPS,
    SURFACE_AT,
    SURFACES,
    TIERS,
    Block,
    domain_hash,
    domain_of,
    hidden,
)
from stream.told import Numbered, Remembered, Told

SURFACE_BITS: Final = {surface: number << SURFACE_AT for number, surface in enumerate(SURFACES)}
_TIER_NUMBERS: Final = {tier: number for number, tier in enumerate(TIERS)}
NONE: Final[tuple[int, ...]] = ()
_LEVEL: Final = -3  # of zstd: level 1 is a seventh smaller and takes three times as long
NOWHERE: Final = b""
_NO_ROWS: Final = (b"", b"", 0)
_HOSTS: Final = 50_000  # remembered
_DIGITS: Final = b"0123456789"
_LOWER: Final = bytes(range(256)).lower()  # byte by byte
_encode: Final = msgspec.msgpack.Encoder().encode

Weighty: TypeAlias = tuple[tuple[str, str], int]  # family and check, with the weight in hundredths
Pack: TypeAlias = Callable[[Sequence[Record], Sequence[Outcome], int], list[Written]]
# The fields of a `Sighting` in their order: a tuple is made faster, and comes to the same bytes.
Row: TypeAlias = tuple[str, bytes, str, int, int, bytes, int, int, int, int, tuple[int, ...], int]


class Sighted(NamedTuple):
    """What rows say of a link whoever sends it, and what is counted of it; the native rows take it as it is."""

    key: str
    hidden: str | None  # the key with its query as a hash, where it has one
    domain: bytes
    bits: int
    found: tuple[Weighty, ...]
    signals: tuple[str, ...]  # what the text tried
    counted: tuple[list[str], list[str], list[str]]  # checks with live findings, in shadow, and lists


class Names(NamedTuple):
    """Names of a block by the numbers that its rows use for them."""

    checks: Numbered[tuple[str, str]]  # family and check
    urls: Remembered[int]  # those of the family "url", by check alone
    signals: Numbered[str]


def _names() -> Names:
    checks = Numbered[tuple[str, str]]()
    return Names(checks, Remembered(lambda check: checks["url", check]), Numbered())


def is_sighted(judged: Judged) -> bool:
    """Whether a link is kept: not one that nobody could list, such as a popular site or a brand's own domain."""
    facts = judged.facts
    if judged.link.host is None or facts.brand or judged.test:
        return False
    return facts.opaque != "popular" or bool(facts.platform)


class Sheet:
    """The sightings of one batch of one partition in the making: outcomes are needed while they are added, no longer.

    The sheets of one `opener` remember together what was told in the hour: a link by the same user is told once, and
    one seen often is only counted. Which of several messages of a chunk it is told with depends on who comes first:
    those that are left to the native rows.
    """

    __slots__ = ("_buckets", "_first", "_known", "_names", "_rows")

    def __init__(self, known: _Known) -> None:
        self._known = known
        self._names = _names()
        self._buckets: list[tuple[list[bytes], list[Row]]] = [([], []) for _ in range(BUCKETS)]
        self._first: Record | None = None
        self._rows: Rows | None = None

    def begin(self, records: Sequence[Record]) -> Rows | None:
        """Note a chunk before it is judged: what it may hold was told before. Returns what takes the links that need
        no judging, where there is such a shortcut."""
        if not records:
            return None
        first, last, memory = records[0], records[-1], self._known.memory
        if self._first is None:
            self._first = first
            if not isinstance(memory, Told):
                numbers = (self._names.checks, self._names.signals)
                case_of = partial(self._known.case, first.topic, first.partition)
                self._rows = Rows(memory, numbers, case_of, first.offset, first.timestamp)
        memory.begin(first.topic, first.partition, first.offset, last.offset, last.timestamp)
        return self._rows

    def add(self, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Note what outcomes of the chunk say of links; most have one row, so little is called for each."""
        known, names, buckets, first = self._known, self._names, self._buckets, self._first
        if first is None:
            return
        offset, timestamp, urls = first.offset, first.timestamp, names.urls
        domain_by, person, channel, count = known.domains, known.person, known.channel, known.memory.count
        for record, outcome in zip(records, outcomes, strict=True):
            if (message := outcome.message) is None:
                continue
            user, template, surface = message.user, -1, SURFACE_BITS[message.surface]
            for judged in outcome.judged:
                link = judged.link
                if (domain := domain_by.get(link.host)) is None:
                    domain = domain_by.of(judged)
                key = link.key
                if domain is NOWHERE or not (number := count(key, user or message.channel)):
                    continue
                case, bits, lures, numbers = b"", surface, 0, NONE
                if template < 0:
                    template = template_of(message.text, outcome.judged)
                if link.query:
                    about = (message.id, record.offset, record.timestamp)
                    key, case = known.hidden(key), known.case(first.topic, first.partition, about, key)
                if link.scheme == "https":
                    bits |= HTTPS
                if (verdict := judged.verdict) is not None:
                    bits |= _TIER_NUMBERS[verdict.tier]
                    live = judged.live
                    if len(live) == 1 and (only := live[0]).family == "url":  # as on five links of six
                        numbers = (urls[only.check], round(only.weight * CENTS))
                    else:
                        lures, numbers = _findings(live, names)
                domains, rows = buckets[domain[0] % BUCKETS]
                domains.append(domain)
                rows.append((
                    key, case, message.id, record.offset - offset, record.timestamp - timestamp, person[user],
                    channel[message.channel], bits, lures, template, numbers, number,
                ))  # fmt: skip

    def written(self, sequence: int) -> list[Written]:
        """The records to publish; `sequence` is that of the lists which judged the batch."""
        first = self._first
        if first is None:
            return []
        source = self._known.rules.sources[first.topic].name
        checks = tuple([f"{family}/{check}" for family, check in self._names.checks])
        signals, written = tuple(self._names.signals), []
        passed = self._rows.buckets() if self._rows else [_NO_ROWS] * BUCKETS
        for number, ((domains, rows), (more_domains, more, count)) in enumerate(
            zip(self._buckets, passed, strict=True)
        ):
            if rows or count:
                block = Block(
                    FORMAT, source, first.topic, first.partition, sequence, first.offset, first.timestamp,
                    checks, signals, b"".join(domains) + more_domains, _packed(rows, more, count),
                )  # fmt: skip
                written.append(Written("links", b"%d" % number, _encode(block)))
        return written


def _packed(rows: Sequence[Row], more: bytes, count: int) -> bytes:
    """Rows and those that were written natively as one packed array."""
    array = b"\xdd" + (len(rows) + count).to_bytes(4, "big")  # MessagePack's "array 32"
    return bytes(cramjam.zstd.compress(b"".join([array, *map(_encode, rows), more]), level=_LEVEL))


def opener(rules: Rules) -> Callable[[], Sheet]:
    """A function that opens the sheet of a batch."""
    known = _Known(rules)
    return lambda: Sheet(known)


def packer(rules: Rules) -> Pack:
    """A function from a batch of one partition and the list sequence that judged it to its sightings."""
    opened = opener(rules)

    def pack(records: Sequence[Record], outcomes: Sequence[Outcome], sequence: int) -> list[Written]:
        sheet = opened()
        sheet.begin(records)
        sheet.add(records, outcomes)
        return sheet.written(sequence)

    return pack


class _Known:
    """What the sheets of one worker remember."""

    __slots__ = ("channel", "domains", "memory", "person", "rules")

    def __init__(self, rules: Rules) -> None:
        secret = rules.privacy.user_key
        self.rules, self.domains = rules, Domains()

        def person(name: str) -> bytes:
            return _person(name, secret) if name else b""

        def channel(name: str) -> int:
            return int.from_bytes(_person(name, secret)[:4], "big") if name else 0

        self.person, self.channel = Remembered(person), Remembered(channel)
        self.memory = Memory(person, channel) if is_there() else Told()

    def hidden(self, key: str) -> str:
        """The key with its query as a hash."""
        return hidden(key, self.rules.privacy.user_key)

    def case(self, topic: str, partition: int, about: tuple[str, int, int], key: str) -> bytes:
        """The case of a link in a message by its id, offset and timestamp: a key whose query is hidden doesn't tell."""
        message, offset, timestamp = about
        identity = identity_of(message, topic, partition, offset, timestamp)
        return alert.case_digest(self.rules.sources[topic].name, identity, key)


class Domains(dict["str | None", bytes]):
    """What the links of a host are found by: a domain's hash, or `NOWHERE` for those that are not kept."""

    __slots__ = ()

    def of(self, judged: Judged) -> bytes:
        """The hash for a link whose host is not here yet, or never is since its links are found one by one."""
        link, opaque = judged.link, judged.facts.opaque
        kept = is_sighted(judged)
        domain = domain_hash(domain_of(link.key, link.registrable, opaque)) if kept else NOWHERE
        if not kept or (link.registrable and not opaque):
            if len(self) >= _HOSTS:
                self.clear()
            self[link.host] = domain
        return domain


def sighted(judged: Judged, domains: Domains, secret: bytes) -> Sighted:
    """What rows and counts say of a link whoever sends it."""
    link, verdict, live, shadow = judged.link, judged.verdict, judged.live, judged.shadow
    bits, found, signals = HTTPS if link.scheme == "https" else 0, list[Weighty](), list[str]()
    if verdict is not None:
        bits |= _TIER_NUMBERS[verdict.tier]
        found, signals = _told_of(live)
    lists = listed_in((*live, *shadow)) if live or shadow else []
    return Sighted(
        link.key,
        hidden(link.key, secret) if link.query else None,
        domains.get(link.host) or domains.of(judged),
        bits,
        tuple(found),
        tuple(dict.fromkeys(signals)) if signals else (),
        ([finding.check for finding in live], [finding.check for finding in shadow], lists),
    )


def listed_in(findings: Sequence[Finding]) -> list[str]:
    """The names of the lists behind findings."""
    of_lists = [finding.source for finding in findings if finding.family == "list"]
    return [at.name for at in of_lists if at and at.kind == "list"]


def _person(name: str, secret: bytes) -> bytes:
    """The keyed hash that alerts show too. Without a key twelve bits: enough to tell five people from one, and shared
    by thousands of accounts of a platform."""
    data = name.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, data, "sha256")[:16] if secret else (crc32(data) & 0xFFF).to_bytes(2, "big")


def _findings(live: Sequence[Finding], names: Names) -> tuple[int, tuple[int, ...]]:
    """What the text tried, as bits, and what was found, as number and weight by turns."""
    found, signals = _told_of(live)
    bits = 0
    for signal in signals:
        bits |= 1 << names.signals[signal]
    return bits, tuple([number for check, cents in found for number in (names.checks[check], cents)])


def _told_of(live: Sequence[Finding]) -> tuple[list[Weighty], list[str]]:
    """What was found, lists left out: family and check with the weight in hundredths; and what the text tried."""
    found, signals = list[Weighty](), list[str]()
    for finding in live:
        family = finding.family
        if family != "list":
            found.append(((family, finding.check), round(finding.weight * CENTS)))
        if family == "lure":
            signals += signals_of(finding)
    return found, signals


def signals_of(finding: Finding) -> tuple[str, ...]:
    """What a lure finding says the text tried; its check's name where it tells no more."""
    spans = finding.evidence.get("spans")
    if not isinstance(spans, list | tuple):
        return (finding.check,)
    return tuple(dict.fromkeys(str(span[2]) for span in spans if len(span) > 2)) or (finding.check,)


def template_of(text: str, judged: Sequence[Judged]) -> int:
    """A hash of the text without its links and digits: the same for copies that differ in these only."""
    for one in judged if len(judged) == 1 else sorted(judged, key=_start, reverse=True):
        found = one.found
        text = text[: found.start] + text[found.end :]
    return crc32(text.encode("utf-8", "surrogatepass").translate(_LOWER, _DIGITS))


def _start(judged: Judged) -> int:
    return judged.found.start
