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
from stream.model import Finding, Record
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
NOWHERE: Final = b""
_HOSTS: Final = 50_000  # remembered
_encode: Final = msgspec.msgpack.Encoder().encode

Pack: TypeAlias = Callable[[Sequence[Record], Sequence[Outcome], int], list[Written]]
Collect: TypeAlias = Callable[[Sequence[Record], Sequence[Outcome], "Names"], "list[Bucket]"]


class Bucket(NamedTuple):
    """Rows of one record to be, and the hashes of their domains in the same order."""

    domains: list[bytes]
    rows: list[Sighting]


class Names(NamedTuple):
    """Names of a block by the numbers that its rows use for them."""

    checks: Numbered[tuple[str, str]]  # family and check
    signals: Numbered[str]


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
    collect = _collector(rules)

    def pack(records: Sequence[Record], outcomes: Sequence[Outcome], sequence: int) -> list[Written]:
        names, first = Names(Numbered(), Numbered()), records[0]
        buckets = collect(records, outcomes, names)
        source = rules.sources[first.topic].name
        where = (FORMAT, source, first.topic, first.partition, sequence, first.offset, first.timestamp)
        return [_written(where, names, number, bucket) for number, bucket in enumerate(buckets) if bucket.rows]

    return pack


def _written(where: tuple[int, str, str, int, int, int, int], names: Names, number: int, bucket: Bucket) -> Written:
    packed = bytes(cramjam.zstd.compress(_encode(bucket.rows), level=_LEVEL))
    checks = tuple([f"{family}/{check}" for family, check in names.checks])
    block = Block(*where, checks, tuple(names.signals), b"".join(bucket.domains), packed)
    return Written("links", b"%d" % number, _encode(block))


def _collector(rules: Rules) -> Collect:
    """The one loop over a batch; two of five messages have a row, so little is called for what most rows are."""
    secret, told, domain_by = rules.privacy.user_key, Told(), _Domains()
    person = Remembered(lambda name: _person(name, secret) if name else b"")
    channel = Remembered(lambda name: int.from_bytes(_person(name, secret)[:4], "big") if name else 0)

    def collect(records: Sequence[Record], outcomes: Sequence[Outcome], names: Names) -> list[Bucket]:
        buckets = [Bucket([], []) for _ in range(BUCKETS)]
        first, count = records[0], told.count
        source, offset, timestamp = rules.sources[first.topic].name, first.offset, first.timestamp
        told.begin(records)
        for record, outcome in zip(records, outcomes, strict=True):
            if (message := outcome.message) is None:
                continue
            user, template = message.user, -1
            for judged in outcome.judged:
                link = judged.link
                if (domain := domain_by.get(link.host)) is None:
                    domain = domain_by.of(judged)
                key = link.key
                if domain is NOWHERE or not (number := count(key, user or message.channel)):
                    continue
                case, bits, lures, numbers = b"", _SURFACE_BITS[message.surface], 0, NONE
                if template < 0:
                    template = template_of(message.text, outcome.judged)
                if link.query:
                    case = alert.case_digest(source, identity(record, message), key)
                    key = hidden(key, secret)
                if link.scheme == "https":
                    bits |= HTTPS
                if (verdict := judged.verdict) is not None:
                    bits |= _TIER_NUMBERS[verdict.tier]
                    lures, numbers = _findings(judged.live, names)
                at, after = record.offset - offset, record.timestamp - timestamp
                row = Sighting(
                    key, case, message.id, at, after, person[user], channel[message.channel], bits, lures, template,
                    numbers, number,
                )  # fmt: skip
                bucket = buckets[domain[0] % BUCKETS]
                bucket.domains.append(domain)
                bucket.rows.append(row)
        return buckets

    return collect


class _Domains(dict["str | None", bytes]):
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


def _person(name: str, secret: bytes) -> bytes:
    """The keyed hash that alerts show too. Without a key twelve bits: enough to tell five people from one, and shared
    by thousands of accounts of a platform."""
    data = name.encode("utf-8", "surrogatepass")
    return hmac.digest(secret, data, "sha256")[:16] if secret else (crc32(data) & 0xFFF).to_bytes(2, "big")


def _findings(live: Sequence[Finding], names: Names) -> tuple[int, tuple[int, ...]]:
    """What the text tried, as bits, and what was found, lists left out, as number and weight by turns."""
    if len(live) == 1 and (only := live[0]).family == "url":  # as on five links of six
        return 0, (names.checks["url", only.check], round(only.weight * CENTS))
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
    for one in judged if len(judged) == 1 else sorted(judged, key=_start, reverse=True):
        found = one.found
        text = text[: found.start] + text[found.end :]
    return crc32(text.encode("utf-8", "surrogatepass").lower().translate(None, b"0123456789"))


def _start(judged: Judged) -> int:
    return judged.found.start
