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
from stream.told import Numbered, Remembered, Told

_SURFACE_BITS: Final = {surface: number << SURFACE_AT for number, surface in enumerate(SURFACES)}
_TIER_NUMBERS: Final = {tier: number for number, tier in enumerate(TIERS)}
NONE: Final[tuple[int, ...]] = ()
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
    told, row_in, hashed = Told(), _row_maker(rules), Remembered(domain_hash)

    def pack(records: Sequence[Record], outcomes: Sequence[Outcome], sequence: int) -> list[Written]:
        buckets: list[Rows] = [[] for _ in range(BUCKETS)]
        names, first = Names(Numbered(), Numbered()), records[0]
        row, count = row_in(first, names), told.count
        told.begin(records)
        for record, outcome in zip(records, outcomes, strict=True):
            if (message := outcome.message) is None:
                continue
            speaker, template = message.user or message.channel, -1
            for judged in outcome.judged:
                link = judged.link
                if is_sighted(judged) and (number := count(link.key, speaker)):
                    template = template_of(message.text, outcome.judged) if template < 0 else template
                    domain = hashed[domain_of(link.key, link.registrable, judged.facts.opaque)]
                    buckets[domain[0] % BUCKETS].append((domain, row(record, message, judged, template, number)))
        source = rules.sources[first.topic].name
        where = (FORMAT, source, first.topic, first.partition, sequence, first.offset, first.timestamp)
        return [_written(where, names, number, rows) for number, rows in enumerate(buckets) if rows]

    return pack


class Names(NamedTuple):
    """Names of a block by the numbers that its rows use for them."""

    checks: Numbered[tuple[str, str]]  # family and check
    signals: Numbered[str]


def _written(where: tuple[int, str, str, int, int, int, int], names: Names, bucket: int, rows: Rows) -> Written:
    domains = b"".join([domain for domain, _ in rows])
    packed = bytes(cramjam.zstd.compress(_encode([row for _, row in rows]), level=_LEVEL))
    checks = tuple([f"{family}/{check}" for family, check in names.checks])
    block = Block(*where, checks, tuple(names.signals), domains, packed)
    return Written("links", b"%d" % bucket, _encode(block))


def _row_maker(rules: Rules) -> Callable[[Record, Names], Row]:
    secret = rules.privacy.user_key
    person = Remembered(lambda name: _person(name, secret) if name else b"")
    channel = Remembered(lambda name: int.from_bytes(_person(name, secret)[:4], "big") if name else 0)

    def row_in(first: Record, names: Names) -> Row:
        source, offset, timestamp = rules.sources[first.topic].name, first.offset, first.timestamp

        def row(record: Record, message: Message, judged: Judged, template: int, count: int) -> Sighting:
            link, verdict = judged.link, judged.verdict
            key, case, lures, numbers = link.key, b"", 0, NONE
            if link.query:
                case = alert.case_digest(source, identity(record, message), key)
                key = hidden(key, secret)
            bits = _SURFACE_BITS[message.surface] | (HTTPS if link.scheme == "https" else 0)
            if verdict is not None:
                bits |= _TIER_NUMBERS[verdict.tier]
                lures, numbers = _findings(judged.live, names)
            return Sighting(
                key,
                case,
                message.id,
                record.offset - offset,
                record.timestamp - timestamp,
                person[message.user],
                channel[message.channel],
                bits,
                lures,
                template,
                numbers,
                count,
            )

        return row

    return row_in


def _person(name: str, secret: bytes) -> bytes:
    """The keyed hash that alerts show too. Without a key twelve bits: enough to tell five people from one, and shared
    by thousands of accounts of a platform."""
    data = name.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, data, "sha256")[:16] if secret else (crc32(data) & 0xFFF).to_bytes(2, "big")


def _findings(live: Sequence[Finding], names: Names) -> tuple[int, tuple[int, ...]]:
    """What the text tried, as bits, and what was found, lists left out, as number and weight by turns."""
    bits, numbers = 0, list[int]()
    for finding in live:
        family = finding.family
        if family == "list":
            continue
        numbers += (names.checks[family, finding.check], round(finding.weight * CENTS))
        if family == "lure":
            for signal in signals_of(finding):
                bits |= 1 << names.signals[signal]
    return bits, tuple(numbers)


def signals_of(finding: Finding) -> tuple[str, ...]:
    """What a lure finding says the text tried; its check's name where it tells no more."""
    spans = finding.evidence.get("spans")
    if not isinstance(spans, list | tuple):
        return (finding.check,)
    return tuple(dict.fromkeys(str(span[2]) for span in spans if len(span) > 2)) or (finding.check,)


def template_of(text: str, judged: Sequence[Judged]) -> int:
    """A hash of the text without its links and digits: the same for copies that differ in these only."""
    for one in sorted(judged, key=_start, reverse=True) if len(judged) > 1 else judged:
        found = one.found
        text = text[: found.start] + text[found.end :]
    return crc32(text.encode("utf-8", "surrogatepass").lower().translate(None, b"0123456789"))


def _start(judged: Judged) -> int:
    return judged.found.start
