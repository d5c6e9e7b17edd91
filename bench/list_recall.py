"""Does the list check find what is listed, however it is spelled, and keep quiet about everything else?

    python -m bench.list_recall BLOCKLIST STREAM [ENTRIES]

Samples entries of a block list, writes each in five equivalent spellings into harmless messages and judges those by the
whole line; then judges a labelled stream with the list check alone, with and without its guards.
"""

from __future__ import annotations

import gzip
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec.structs import replace as replaced

from agents.cli.check import Line
from agents.feeds.load import parsed_file, read_lists_file
from config.load import load
from config.rules import rules_from
from stream.canonical import Canonicalize, canonicalizer
from stream.lists import match
from stream.lists.entries import Entry, host_of
from stream.model import Lists
from stream.outcome import Outcome
from stream.pipeline import scanner
from stream.rules import Mode, Rules

CHUNK: Final = 500
TRICKS: Final = ("case", "dots", "port", "escapes", "below")
_UNWRITABLE: Final = re.compile(r"[\s<>\"`]")
_ESCAPED: Final = re.compile(r"&(?:amp|lt|gt|quot);")  # lists cut out of web pages
TEXTS: Final = (
    "jom makan tengah hari esok? {} lepas tu kita balik",
    "here is the page that I meant: {}",
    "{} tengok ni bila senang ya",
    "did you read this yet {} or shall I send it later",
)


def spellings(entry: Entry, chance: random.Random) -> dict[str, str]:
    """The entry in five other spellings of the same place, by trick."""
    host, slash, rest = entry.key.partition("/")
    rest = slash + rest or "/"
    if rest.startswith("/?"):
        first, after = "", rest[1:]
    else:
        first, after = rest[1:2], rest[2:]
    escaped = f"/%{ord(first):02X}{after}" if first.isascii() and first.isalnum() else rest
    letter = next((place for place, char in enumerate(host) if char.isalpha()), 0)
    upper = "".join(char.upper() if chance.random() < 0.5 else char for char in host[:letter]) + host[letter:].upper()
    return {
        "case": f"HTTP://{upper}{rest}",
        "dots": f"http://{host}/./a/../{rest[1:]}" if host.endswith("]") else f"http://{host}./{rest[1:]}",
        "port": f"https://{host}:443{rest}" if chance.random() < 0.5 else f"http://{host}:80{rest}",
        "escapes": f"http://{host}{escaped}",
        "below": _below(entry, host, rest),
    }


def _below(entry: Entry, host: str, rest: str) -> str:
    """What the kind covers besides the entry itself."""
    if entry.kind == "domain":
        return f"http://login.my.{host}/x?y=1"
    if entry.kind == "host":
        return f"http://{host}/any/page.html?from=sms"
    if entry.kind == "prefix" and "?" in rest:
        return f"http://{host}{rest}&more=1"
    if entry.kind == "prefix":
        return f"http://{host}{rest.rstrip('/')}/more"
    return f"http://{host}{rest}#top"


def _as_written(entry: Entry, canonicalize: Canonicalize) -> str:
    """The key with the path as the list writes it: what we make of the end of a path is what is to be tested.

    What no text can hold in a link (a blank, a quote, `<`, `>`, a backtick) stands as the bar of a browser shows it.
    """
    host, slash, _ = entry.key.partition("/")
    raw = _ESCAPED.sub(lambda match: unescape(match[0]), entry.raw)
    link = canonicalize(raw if "://" in raw else f"http://{raw}")
    path = link.key.partition("/")[2].removesuffix("*") if link else ""
    return _UNWRITABLE.sub(lambda match: f"%{ord(match[0]):02X}", f"{host}/{path}" if slash and path else entry.key)


def recall(entries: Sequence[Entry], count: int, rules: Rules, lists: Lists) -> dict[str, Any]:
    """Share of spellings found, by kind of entry and trick; what was not found comes as examples."""
    chance = random.Random(6)  # a sample that can be repeated
    sample = chance.sample(entries, min(count, len(entries)))
    canonicalize = canonicalizer(rules.suffixes)
    written = [replaced(entry, key=_as_written(entry, canonicalize)) for entry in sample]
    cases = [(entry, trick, url) for entry in written for trick, url in spellings(entry, chance).items()]
    texts = [TEXTS[number % len(TEXTS)].format(url) for number, (_, _, url) in enumerate(cases)]
    asked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    missed = []
    unknown = sum(not ((link := canonicalize(url)) and lists.find(link)) for _, _, url in cases)
    for (entry, trick, url), outcome in zip(cases, judged(texts, rules, lists), strict=True):
        asked.update((entry.kind, trick))
        if _listed(outcome):
            found.update((entry.kind, trick))
        else:
            missed.append({"entry": entry.key, "kind": entry.kind, "trick": trick, "written": url})
    shares = {name: round(found[name] / number, 6) for name, number in asked.items()}
    return {
        "entries": len(sample),
        "entries_as_a_browser_shows_them": sum(bool(_UNWRITABLE.search(entry.key)) for entry in sample),
        "spellings": len(cases),
        "found": shares,
        "not_looked_up": unknown,
        "missed": len(missed),
        "examples": {trick: [each for each in missed if each["trick"] == trick][:12] for trick in TRICKS},
    }


def _listed(outcome: Outcome) -> bool:
    """Whether a list entry was seen: as a finding, or held back by a guard that names it."""
    return any(
        finding.check == match.CHECK for each in outcome.judged for finding in (*each.live, *each.shadow)
    ) or any("lists " in guard.detail for each in outcome.judged for guard in each.vetoes)


def judged(texts: Sequence[str], rules: Rules, lists: Lists) -> Iterator[Outcome]:
    """The outcomes of messages with these texts."""
    scan, topic = scanner(rules, lists), next(iter(rules.sources))
    for start in range(0, len(texts), CHUNK):
        part = texts[start : start + CHUNK]
        values = [msgspec.json.encode({"id": str(number), "text": text}) for number, text in enumerate(part)]
        yield from scan([Line(value, number, topic) for number, value in enumerate(values)])


def false_alerts(
    stream: Path, rules: Rules, lists: Lists, naive: frozenset[str], most: int | None = None
) -> dict[str, Any]:
    """Harmless messages of a labelled stream, of its first `most` or all, that the list check alone would flag: alerts
    are what the guards leave.

    `naive` is what a plain match would do: any host that stands anywhere in the list.
    """
    with gzip.open(stream) as file:
        rows = [msgspec.json.decode(line) for line in islice(file, most)]
    benign = [row["text"] for row in rows if not row["label"]]
    totals: Counter[str] = Counter()
    guards: Counter[str] = Counter()
    entries: Counter[tuple[str, str]] = Counter()
    for outcome in judged(benign, rules, lists):
        findings = [finding for each in outcome.judged for finding in (*each.live, *each.shadow)]
        listed = [finding for finding in findings if finding.check == match.CHECK]
        tiers = {each.verdict.tier for each in outcome.judged if each.verdict}
        totals["with_links"] += bool(outcome.judged)
        totals["alerts"] += "automatic" in tiers
        totals["for_review"] += "automatic" not in tiers and "review" in tiers
        totals["findings"] += bool(listed)
        totals["covered_by_an_entry"] += any(lists.find(each.link) for each in outcome.judged)
        totals["host_named_by_an_entry"] += any(each.link.host in naive for each in outcome.judged)
        entries.update((finding.source.name, finding.source.entry) for finding in listed if finding.source)
        guards.update(guard.guard for each in outcome.judged for guard in each.vetoes)
    per_10000 = {name: round(number / len(benign) * 10_000, 3) for name, number in totals.items()}
    return {
        "harmless_messages": len(benign),
        "messages": totals,
        "per_10000": per_10000,
        "held_back_by": guards,
        "entries_that_counted": entries.most_common(20),
    }


def alone(rules: Rules) -> Rules:
    """The same rules with every check off but the lists."""
    from stream.checks.load import load as checks

    loaded = checks()
    names = [name for name, *_ in (*loaded.host, *loaded.link)]
    modes: dict[str, Mode] = dict.fromkeys([*names, "url_model"], "off")
    return replace(rules, modes=modes | {match.CHECK: "live"})


def main() -> None:
    """Print both as JSON."""
    blocklist, stream = Path(sys.argv[1]), Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 20_000
    rules = alone(rules_from(load(environment={}).settings))
    canonicalize = canonicalizer(rules.suffixes)
    cache = Path(tempfile.gettempdir()) / "saring-bench"
    lists = read_lists_file(blocklist, canonicalize, cache)
    entries = parsed_file(blocklist.read_bytes(), blocklist.name, canonicalize).entries
    figures = {
        "recall": recall(entries, count, rules, lists),
        "false_alerts": false_alerts(stream, rules, lists, frozenset(host_of(entry.key) for entry in entries)),
    }
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures)).decode() + "\n")


if __name__ == "__main__":
    main()
