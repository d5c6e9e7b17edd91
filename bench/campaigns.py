"""Simulated campaigns and harmless bursts in a stream of messages: share caught, messages until the alert.

    python -m bench.campaigns --stream ../shared/data/dev_stream.jsonl.gz [--messages 40000] [--json]

Texts of scams and harmless messages are those of `tests/gates`; each campaign is one text with one link, posted by
different users within half an hour.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import msgspec

from agents.feeds.load import open_any
from agents.kafka.spans import Kept
from config.load import load as load_settings
from config.rules import rules_from
from stream.alert import Alert
from stream.campaigns import Counter, Limits, alerts_of, raiser
from stream.canonical import canonicalizer
from stream.checks.load import load
from stream.hosts import facts_cache
from stream.lists.memory import NO_LISTS
from stream.pipeline import scanner
from stream.retro import Present
from stream.sighting import unpack
from stream.sightings import packer

GATES: Final = Path(__file__).parents[1] / "tests" / "gates"
MINUTE: Final = 60_000
BATCH_MS: Final = 2_000  # a worker's batch holds no more in a stream so thin
# What many people share on one day without harm: nobody wrote these for the counter's sake, each is a kind of post.
BURSTS: Final = {
    "news link": "BREAKING: banjir di Kelantan, 3 sungai melepasi paras bahaya. Laporan penuh http://berita-semasa{n}.example/banjir",
    "shop promotion": "MEGA SALE! Diskaun 70% hari ini sahaja + hadiah percuma untuk 100 pembeli pertama http://kedai-murah{n}.example/promo",
    "school form": "Ibu bapa tahun 4: sila isi borang lawatan sebelum Jumaat, yuran RM25 http://sk-tamanjaya{n}.example/borang",
    "petition": "Tolong sign petition ni untuk selamatkan taman kita, tinggal 2 hari lagi! http://petisyen-kita{n}.example/taman",
    "video": "kelakar gila video ni tengok sampai habis http://klip-lawak{n}.example/v/8831",
}


@dataclass
class Planted:
    """One thing that was planted, and what became of it."""

    kind: str
    copies: int
    offsets: dict[str, int] = field(default_factory=dict)  # message id → which copy it is
    flagged: int = 0  # copies until a message of it was flagged automatically by itself; 0 = never
    campaign: int = 0  # copies until the campaign alert; 0 = never
    tier: str = ""


def planted(sizes: tuple[int, ...], each: int, chance: random.Random) -> list[tuple[Planted, str]]:
    """Campaigns of scam texts that carry a link, and every harmless burst, with their texts."""
    scams = [json.loads(line) for line in (GATES / "scams_my.jsonl").read_text("utf-8").splitlines()]
    texts = [scam["text"] for scam in scams if scam.get("url")]
    made = [(Planted("scam", size), text) for size in sizes for text in chance.sample(texts, each)]
    bare = [scam["text_bare"] for scam in scams if scam.get("text_bare")]
    made += [(Planted("scam, link only", size), text) for size in sizes for text in chance.sample(bare, each)]
    harmless = [json.loads(line) for line in (GATES / "harmless.jsonl").read_text("utf-8").splitlines()]
    linked = [row["text"] for row in harmless if row.get("url")]
    made += [(Planted("harmless", 20), text) for text in chance.sample(linked, min(each, len(linked)))]
    made += [(Planted(f"burst: {name}", 50), text.format(n=n)) for name, text in BURSTS.items() for n in range(10)]
    return made


def stream(path: Path, limit: int, things: list[tuple[Planted, str]], chance: random.Random) -> list[tuple[int, bytes]]:
    """Time and value of every message, planted ones among them, in order of time."""
    rows: list[tuple[int, bytes]] = []
    with open_any(path) as lines:
        for number, line in enumerate(lines):
            if number >= limit:
                break
            rows.append((1000 * int(msgspec.json.decode(line)["ts"]), line.rstrip()))
    first, last = rows[0][0], rows[-1][0]
    for number, (thing, text) in enumerate(things):
        begin = chance.uniform(first, max(first + 1, last - 40 * MINUTE))
        times = sorted(begin + chance.uniform(0, 30 * MINUTE) for _ in range(thing.copies))
        for copy, time in enumerate(times, 1):
            name = f"p{number}-{copy}"
            thing.offsets[name] = copy
            event = {"id": name, "text": text, "user": f"p{number}u{copy}", "channel": f"c{chance.randrange(200)}"}
            rows.append((int(time), json.dumps(event).encode()))
    return sorted(rows, key=lambda row: row[0])


def play(rows: list[tuple[int, bytes]], things: list[Planted]) -> Iterator[tuple[Alert, bool]]:
    """Judge and count everything; campaign alerts on nothing planted come out, with the stream's own label."""
    settings = load_settings(None).settings
    rules = rules_from(settings)
    scan, pack, topic = scanner(rules, NO_LISTS), packer(rules), next(iter(rules.sources))
    facts, canonicalize = facts_cache(rules, load()), canonicalizer(rules.suffixes)
    limits = Limits(**settings.campaigns.model_dump())
    counter, raised = Counter(limits), raiser(limits, lambda: Present(rules, NO_LISTS, facts, canonicalize))
    by_id = {name: thing for thing in things for name in thing.offsets}
    scams = {row["id"] for row in map(msgspec.json.decode, (value for _, value in rows)) if row.get("label")}
    read = (Kept(topic, 0, offset, time, None, value) for offset, (time, value) in enumerate(rows))
    for _, batch in groupby(read, lambda record: record.timestamp // BATCH_MS):
        records = list(batch)
        outcomes = scan(records)
        for said in (alert for outcome in outcomes for alert in outcome.alerts if alert.tier == "automatic"):
            thing = by_id.get(said.message.id or "")
            if thing and not thing.flagged:
                thing.flagged = thing.offsets[said.message.id or ""]
        for written in pack(records, outcomes, 0):
            block = unpack(written.value)
            for said in alerts_of(counter, [block], raised, records[-1].timestamp) if block else ():
                yield from _noted(said, by_id, scams)


def _noted(said: Alert, by_id: dict[str, Planted], scams: set[str]) -> Iterator[tuple[Alert, bool]]:
    names = said.campaign.sample if said.campaign else ()
    thing = next((by_id[name] for name in names if name in by_id), None)
    if thing is None:
        yield said, not scams.isdisjoint(names)
    elif not thing.campaign or said.tier == "automatic":
        thing.campaign = max(thing.offsets[name] for name in names if name in thing.offsets)
        thing.tier = said.tier


def summary(things: list[Planted], stray: list[tuple[Alert, bool]]) -> dict[str, Any]:
    """Shares by kind and size."""
    found: dict[str, Any] = {}
    for kind, copies in dict.fromkeys((thing.kind, thing.copies) for thing in things):
        group = [thing for thing in things if (thing.kind, thing.copies) == (kind, copies)]
        caught = [thing for thing in group if thing.tier == "automatic"]
        missed = sorted(thing.campaign for thing in caught)
        found[f"{kind} × {copies}"] = {
            "planted": len(group),
            "flagged one by one": sum(bool(thing.flagged) for thing in group),
            "campaign alert": len(caught),
            "in review only": sum(thing.tier == "review" for thing in group),
            "either": sum(bool(thing.flagged) or thing.tier == "automatic" for thing in group),
            "messages until the alert, median": missed[len(missed) // 2] if missed else None,
        }
    harmless = [said for said, scam in stray if not scam]
    others = {"on labelled scams": len(stray) - len(harmless), "on messages labelled harmless": len(harmless)}
    return {
        "planted": found,
        "on other messages": others | {"examples": [said.link.defanged for said in harmless[:10]]},
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream", type=Path, required=True)
    parser.add_argument("--messages", type=int, default=40_000)
    parser.add_argument("--each", type=int, default=100, help="campaigns of each size")
    options = parser.parse_args()
    chance = random.Random(1)
    pairs = planted((5, 20), options.each, chance)
    things = [thing for thing, _ in pairs]
    stray = list(play(stream(options.stream, options.messages, pairs, chance), things))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(summary(things, stray)), indent=1).decode() + "\n")


if __name__ == "__main__":
    main()
