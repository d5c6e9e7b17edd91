"""What a change must not break, whatever it gains: sets of messages that ought to stay clean, or to be caught."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bench.quality_data import Sample, judged
from bench.quality_stats import upper_bound
from stream.lists.memory import NO_LISTS
from stream.model import GivenLink, Lists, Message
from stream.packs import RESERVED, BrandPack
from stream.reading import reader_for
from stream.rules import Rules
from stream.verdict import judge

FOLDER: Final = Path("tests/gates")
PAIRS: Final = 5_000
POPULAR: Final = 1_000


@dataclass(frozen=True, slots=True)
class Gate:
    """How many messages of a set are flagged, in the automatic tier and in any; `bound` is the 95 % upper bound of
    the automatic share. A set of scams should be flagged (`least`), any other should not (`most`)."""

    name: str
    messages: int
    automatic: int
    any_tier: int
    most: float | None = None
    least: float | None = None
    flagged_ids: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        """Share of messages with an automatic alert."""
        return self.automatic / self.messages if self.messages else 0.0

    @property
    def bound(self) -> float:
        """Upper end of the 95 % interval of the share."""
        return upper_bound(self.automatic, self.messages)

    @property
    def passed(self) -> bool:
        """Whether the share is on the right side."""
        return (self.most is None or self.share <= self.most) and (self.least is None or self.share >= self.least)


def stand_ins(pack: BrandPack) -> list[str]:
    """Reserved names that stand for cheap and false suffixes in tests: `shop.example` for `shop`."""
    names = (suffix.replace(".", "-") for suffix in (*pack.suffix_risk, *pack.false_suffixes))
    return [f"{name}.{last}" for name in names for last in sorted(RESERVED)]


def gates(rules: Rules, lists: Lists, folder: Path = FOLDER, urls: Path | None = None) -> Iterator[Gate]:
    """All gates whose data is there."""
    if folder.is_dir():
        yield measured("transactional", messages(folder / "transactional.jsonl"), rules, lists, most=0.01)
        yield measured("harmless", messages(folder / "harmless.jsonl"), rules, lists, most=0.0)
        yield measured("scams with lure", messages(folder / "scams_my.jsonl"), rules, lists, least=0.9)
        bare = messages(folder / "scams_my.jsonl", "text_bare")
        yield measured("scams without lure", bare, rules, lists, least=0.4)
        yield measured(
            # without lists: that an exactly listed page overrides the veto is a rule of its own
            "official domain × lure",
            official_pairs(folder / "scams_my.jsonl", rules),
            rules,
            NO_LISTS,
            most=0.0,
        )
    if urls is not None:
        rows = [line.rstrip("\n").split("\t") for line in read_lines(urls)]
        yield measured("harmless tenants", tenants(rows), rules, lists, most=0.001)
        yield measured("popular hosts", popular(rows, rules), rules, lists, most=0.0)


def messages(path: Path, field: str = "text") -> Iterator[tuple[str, Message]]:
    """Messages of a gate file by id."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["id"], Message(row[field], row["id"], surface=row.get("surface", "other"), lang=row.get("lang", ""))


def measured(
    name: str,
    found: Iterable[tuple[str, Message]],
    rules: Rules,
    lists: Lists,
    *,
    most: float | None = None,
    least: float | None = None,
) -> Gate:
    """A gate over these messages with the checks that are live."""
    samples = judged([Sample(each, 0, message) for each, message in found], rules, lists)
    tiers = [(sample.id, tier_of(sample, rules)) for sample in samples]
    automatic = tuple(each for each, tier in tiers if tier == "automatic")
    review = sum(tier == "review" for _, tier in tiers)
    return Gate(name, len(tiers), len(automatic), len(automatic) + review, most, least, automatic)


def tier_of(sample: Sample, rules: Rules) -> str:
    """The highest tier of a message's links, counting live checks only."""
    tiers = set()
    for one in sample.judged:
        live = [finding for finding in one.live if rules.mode(finding.check) == "live"]
        if live:
            tiers.add(judge(live, one.facts, rules, one.vetoes).tier)
    return next((tier for tier in ("automatic", "review") if tier in tiers), "none")


def official_pairs(path: Path, rules: Rules) -> Iterator[tuple[str, Message]]:
    """Scam texts with their link replaced by an official domain: generated, the same ones every time."""
    scams = [message for _, message in messages(path)]
    texts = [(message, reading.pairs) for message, reading in zip(scams, reader_for(rules)(scams), strict=True)]
    domains = sorted(rules.brands.official)
    order = random.Random(5)
    for number in range(PAIRS):
        message, pairs = order.choice(texts)
        domain = order.choice(domains)
        text, link = (
            message.text,
            f"https://{order.choice(('', 'www.'))}{domain}{order.choice(('/', '/login', '/en/offers?id=7'))}",
        )
        for found, _ in sorted(pairs, key=lambda pair: -pair[0].start):
            text = text[: found.start] + link + text[found.end :]
        yield f"{number}:{domain}", replace_text(message, text if pairs else f"{text} {link}")


def replace_text(message: Message, text: str) -> Message:
    """The same message with another text."""
    return Message(text, message.id, surface=message.surface, lang=message.lang)


def tenants(rows: Sequence[Sequence[str]]) -> Iterator[tuple[str, Message]]:
    """Harmless pages on free hosts (rows label, source, first_seen, domain_seen_in_train, free_host, url)."""
    yield from ((row[5], bare(row[5])) for row in rows if row[0] == "0" and row[4] == "1")


def popular(rows: Sequence[Sequence[str]], rules: Rules) -> Iterator[tuple[str, Message]]:
    """Hosts that people link to most, by the harmless rows and the pack of popular sites."""
    known = [host for host, kind in rules.platforms.kinds.items() if kind == "popular"]
    counts: dict[str, int] = {}
    for row in rows:
        if row[0] == "0" and row[4] == "0":
            host = row[5].partition("://")[2].partition("/")[0].lower().removeprefix("www.")
            counts[host] = counts.get(host, 0) + 1
    linked = sorted(counts, key=lambda host: (-counts[host], host))
    for host in list(dict.fromkeys((*known, *linked)))[:POPULAR]:
        yield host, bare(f"https://{host}/")


def bare(url: str) -> Message:
    """A message that is nothing but a link."""
    return Message("", url, links=(GivenLink(url),))


def read_lines(path: Path) -> list[str]:
    """The lines of a table without its head."""
    from bench.quality_data import opened

    with opened(path) as lines:
        return list(lines)[1:]


def with_stand_ins(rules: Rules, load_suffixes: object) -> Rules:
    """Rules whose suffixes know the reserved stand-ins."""
    return replace(rules, suffixes=load_suffixes([*sorted(RESERVED), *stand_ins(rules.brands)]))  # type: ignore[operator]
