"""From the outcomes of a batch to sightings: small, told once an hour, nothing readable of queries and people."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias
from zlib import crc32

import cramjam
import msgspec

from stream import alert
from stream.encode import Written
from stream.model import Finding, Message, Record
from stream.outcome import Judged, Outcome
from stream.report import identity
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
    Sighting,
    domain_hash,
    domain_of,
    hidden,
)
from stream.told import Told, remembered

_SURFACE_NUMBERS: Final = {surface: number for number, surface in enumerate(SURFACES)}
_TIER_NUMBERS: Final = {tier: number for number, tier in enumerate(TIERS)}
_LEVEL: Final = -3  # of zstd: level 1 is a seventh smaller and takes three times as long
_encode: Final = msgspec.msgpack.Encoder().encode

Row: TypeAlias = Callable[[Record, Message, Judged, int, int], Sighting]
Rows: TypeAlias = list[tuple[bytes, Sighting]]
Pack: TypeAlias = Callable[[Sequence[Record], Sequence[Outcome], int], list[Written]]


def is_sighted(judged: Judged) -> bool:
    """Whether a link is kept: not one that nobody could list, such as a popular site or a brand's own domain."""
    facts = judged.facts
    if judged.link.host is None or facts.brand or judged.test:
        return False
    return facts.opaque != "popular" or bool(facts.platform)


def packer(rules: Rules) -> Pack:
    """A function from a batch of one partition and the list sequence that judged it to its sightings.

    It remembers what it told in the hour: a link by the same user is told once, and one seen often is only counted.
    """
    told, row_in = Told(), _row_maker(rules)
    hashed = remembered(domain_hash)

    def pack(records: Sequence[Record], outcomes: Sequence[Outcome], sequence: int) -> list[Written]:
        buckets: list[Rows] = [[] for _ in range(BUCKETS)]
        names, first = Names({}, {}), records[0]
        row = row_in(first, names)
        told.begin(records)
        for record, outcome in zip(records, outcomes, strict=True):
            if (message := outcome.message) is None:
                continue
            speaker, template = message.user or message.channel, -1
            for judged in outcome.judged:
                link = judged.link
                if is_sighted(judged) and (count := told.count(link.key, speaker)):
                    template = template_of(message.text, outcome.judged) if template < 0 else template
                    domain = hashed(domain_of(link.key, link.registrable, judged.facts.opaque))
                    buckets[domain[0] % BUCKETS].append((domain, row(record, message, judged, template, count)))
        source = rules.sources[first.topic].name
        where = (FORMAT, source, first.topic, first.partition, sequence, first.offset, first.timestamp)
        return [_written(where, names, number, rows) for number, rows in enumerate(buckets) if rows]

    return pack


class Names(NamedTuple):
    """Names of a block by the numbers that its rows use for them."""

    checks: dict[str, int]
    signals: dict[str, int]


def _written(where: tuple[int, str, str, int, int, int, int], names: Names, bucket: int, rows: Rows) -> Written:
    domains = b"".join([domain for domain, _ in rows])
    packed = bytes(cramjam.zstd.compress(_encode([row for _, row in rows]), level=_LEVEL))
    block = Block(*where, tuple(names.checks), tuple(names.signals), domains, packed)
    return Written("links", b"%d" % bucket, _encode(block))


def _row_maker(rules: Rules) -> Callable[[Record, Names], Row]:
    secret = rules.privacy.user_key
    person = remembered(lambda name: _person(name, secret))
    seed = crc32(secret)
    channel = remembered(lambda name: crc32(name.encode("utf-8", "surrogatepass"), seed))

    def row_in(first: Record, names: Names) -> Row:
        def row(record: Record, message: Message, judged: Judged, template: int, count: int) -> Sighting:
            link, live = judged.link, judged.live
            key, case = link.key, b""
            if link.query:
                case = alert.case_digest(rules.sources[record.topic].name, identity(record, message), key)
                key = hidden(key, secret)
            return Sighting(
                key,
                case,
                message.id,
                record.offset - first.offset,
                record.timestamp - first.timestamp,
                person(message.user) if message.user else b"",
                channel(message.channel) if message.channel else 0,
                _bits(judged, message),
                _lures(live, names) if live else 0,
                template,
                _numbers(live, names) if live else (),
                count,
            )

        return row

    return row_in


def _person(name: str, secret: bytes) -> bytes:
    """The keyed hash that alerts show too. Without a key twelve bits: enough to tell five people from one, and shared
    by thousands of accounts of a platform."""
    data = name.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, data, "sha256")[:16] if secret else (crc32(data) & 0xFFF).to_bytes(2, "big")


def _bits(judged: Judged, message: Message) -> int:
    bits = _SURFACE_NUMBERS[message.surface] << SURFACE_AT
    if judged.link.scheme == "https":
        bits |= HTTPS
    return bits | _TIER_NUMBERS[judged.verdict.tier] if judged.verdict else bits


def _lures(live: Sequence[Finding], names: Names) -> int:
    bits = 0
    for finding in live:
        if finding.family == "lure":
            for signal in signals_of(finding):
                bits |= 1 << names.signals.setdefault(signal, len(names.signals))
    return bits


def signals_of(finding: Finding) -> tuple[str, ...]:
    """What a lure finding says the text tried; its check's name where it tells no more."""
    spans = finding.evidence.get("spans")
    if not isinstance(spans, list | tuple):
        return (finding.check,)
    return tuple(dict.fromkeys(str(span[2]) for span in spans if len(span) > 2)) or (finding.check,)


def _numbers(live: Sequence[Finding], names: Names) -> tuple[int, ...]:
    numbers: list[int] = []
    for finding in live:
        if finding.family != "list":
            number = names.checks.setdefault(f"{finding.family}/{finding.check}", len(names.checks))
            numbers += (number, round(finding.weight * CENTS))
    return tuple(numbers)


def template_of(text: str, judged: Sequence[Judged]) -> int:
    """A hash of the text without its links and digits: the same for copies that differ in these only."""
    for one in sorted(judged, key=_start, reverse=True) if len(judged) > 1 else judged:
        found = one.found
        text = text[: found.start] + text[found.end :]
    return crc32(text.encode("utf-8", "surrogatepass").lower().translate(None, b"0123456789"))


def _start(judged: Judged) -> int:
    return judged.found.start
