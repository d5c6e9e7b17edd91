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
_NO_DIGITS: Final = dict.fromkeys(range(48, 58))
_LEVEL: Final = 1  # of zstd: 3 is a tenth smaller and half as fast
_encode: Final = msgspec.msgpack.Encoder().encode

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
    told, row = Told(), _row_maker(rules)
    hashed = remembered(domain_hash)

    def pack(records: Sequence[Record], outcomes: Sequence[Outcome], sequence: int) -> list[Written]:
        buckets: list[Rows] = [[] for _ in range(BUCKETS)]
        names = Names({}, {})
        first = records[0]
        told.begin(records)
        for record, outcome in zip(records, outcomes, strict=True):
            if (message := outcome.message) is None:
                continue
            speaker = message.user or message.channel
            for judged in outcome.judged:
                if is_sighted(judged) and (count := told.count(judged.link.key, speaker)):
                    link = judged.link
                    domain = hashed(domain_of(link.key, link.registrable, judged.facts.opaque))
                    made = row(Seen(first, record, message, outcome, judged), count, names)
                    buckets[domain[0] % BUCKETS].append((domain, made))
        source = rules.sources[first.topic].name
        where = (FORMAT, source, first.topic, first.partition, sequence, first.offset, first.timestamp)
        return [_written(where, names, number, rows) for number, rows in enumerate(buckets) if rows]

    return pack


class Names(NamedTuple):
    """Names of a block by the numbers that its rows use for them."""

    checks: dict[str, int]
    signals: dict[str, int]


class Seen(NamedTuple):
    """One judged link of one message, and the first record of the batch."""

    first: Record
    record: Record
    message: Message
    outcome: Outcome
    judged: Judged


def _written(where: tuple[int, str, str, int, int, int, int], names: Names, bucket: int, rows: Rows) -> Written:
    domains = b"".join([domain for domain, _ in rows])
    packed = bytes(cramjam.zstd.compress(_encode([row for _, row in rows]), level=_LEVEL))
    block = Block(*where, tuple(names.checks), tuple(names.signals), domains, packed)
    return Written("links", b"%d" % bucket, _encode(block))


def _row_maker(rules: Rules) -> Callable[[Seen, int, Names], Sighting]:
    secret = rules.privacy.user_key
    person = remembered(lambda name: _person(name, secret))
    seed = crc32(secret)

    def row(seen: Seen, count: int, names: Names) -> Sighting:
        first, record, message, outcome, judged = seen
        link, key, case = judged.link, judged.link.key, b""
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
            crc32(message.channel.encode("utf-8", "surrogatepass"), seed) if message.channel else 0,
            _bits(judged, message),
            _lures(judged.live, names) if judged.live else 0,
            template_of(message.text, outcome.judged),
            _numbers(judged.live, names) if judged.live else (),
            count,
        )

    return row


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
    return crc32(text.lower().translate(_NO_DIGITS).encode("utf-8", "surrogatepass"))


def _start(judged: Judged) -> int:
    return judged.found.start
