"""Parts of a labelled stream by themselves: kinds, forms of link, languages, sources; and texts with links swapped."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from bench.quality_data import NEVER, Sample, judged, scorer
from bench.quality_gates import bare, messages, read_lines, replace_text, tier_of
from bench.quality_lang import LANGUAGES, language
from bench.quality_stats import RATES, Floats, recall_at, threshold_at
from stream.model import Finding, Lists
from stream.outcome import Judged
from stream.precision import interval
from stream.rules import Rules
from stream.verdict import judge

Report: TypeAlias = dict[str, Any]
SWAPS: Final = 2_000


class Scores:
    """Sums of weights of a set of samples: of any link, and of links that may raise an automatic alert."""

    def __init__(self, samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> None:
        score = scorer(rules, live)
        pairs = [score(sample) for sample in samples]
        self.labels = np.array([sample.label for sample in samples])
        self.any_link: Floats = np.array([total for total, _ in pairs])
        self.automatic: Floats = np.array([total if eligible else NEVER for total, eligible in pairs])

    def split(self, values: Floats) -> tuple[Floats, Floats]:
        """Values of the scams and of the rest."""
        return values[self.labels == 1], values[self.labels == 0]


def slices(samples: Sequence[Sample], scores: Scores) -> Report:
    """Recall at the thresholds of the whole, by kind and form of link, and false-alert rate by kind and source."""
    edges = {rate: threshold_at(scores.split(scores.any_link)[1], rate) for rate in RATES}
    groups: dict[str, list[int]] = {}
    for at, sample in enumerate(samples):
        for name in traits(sample):
            groups.setdefault(name, []).append(at)
    return {
        name: {
            "messages": len(places),
            **{str(rate): recall_at(scores.any_link[places], edge) for rate, edge in edges.items()},
        }
        for name, places in sorted(groups.items())
    }


def traits(sample: Sample) -> list[str]:
    """What a message is counted under besides the whole."""
    side = "scam" if sample.label else "harmless"
    names = [f"{side}: {sample.kind or 'any'}", f"{side} from {sample.source or 'unknown'}"]
    links = {_form(one.facts.opaque, one.facts.tenant) for one in sample.judged} or {"no link"}
    return names + [f"{side}: {form}" for form in links] if sample.label else names


def _form(opaque: str, tenant: str) -> str:
    if opaque in ("shortener", "messenger"):
        return "shortener or messenger"
    return f"{opaque} host" if opaque else "tenant of a platform" if tenant else "own domain"


def languages(samples: Sequence[Sample], rules: Rules) -> list[Report]:
    """What the tiers of the default settings give in each language, with 95 % intervals of the shares."""
    counts = {(name, label): [0, 0, 0] for name in LANGUAGES for label in (1, 0)}
    for sample in samples:
        row = counts[sample.message.lang or language(sample.message.text), sample.label]
        tier = tier_of(sample, rules)
        row[0] += 1
        row[1] += tier == "automatic"
        row[2] += tier != "none"
    return [
        {"language": name, "label": label, "messages": whole} | _shares(automatic, either, whole)
        for (name, label), (whole, automatic, either) in counts.items()
        if whole
    ]


def gate_languages(folder: Path, rules: Rules, lists: Lists) -> Report:
    """The same of the gate sets, whose languages were written down by those who wrote the messages."""
    report: Report = {}
    for name, label in (("harmless", 0), ("transactional", 0), ("scams_my", 1)):
        path = folder / f"{name}.jsonl"
        if path.is_file():
            samples = [Sample(each, label, message) for each, message in messages(path)]
            report[name] = languages(judged(samples, rules, lists), rules)
    return report


def brand_alone(samples: Sequence[Sample], rules: Rules) -> Report:
    """Automatic alerts that rest on the name of a brand in the host, without a second family and without a list."""
    raised = [sample.label for sample in samples if any(_rests_on_brand(one, rules) for one in sample.judged)]
    return {"messages": len(samples), "scams": sum(raised), "harmless": len(raised) - sum(raised)}


def _rests_on_brand(one: Judged, rules: Rules) -> bool:
    live = [finding for finding in one.live if rules.mode(finding.check) == "live"]
    if not live or any(finding.family == "list" for finding in live):
        return False
    verdict = judge(live, one.facts, rules, one.vetoes)
    return verdict.tier == "automatic" and all(guard.guard != "two_families" for guard in verdict.guards)


def brand_alone_in_sets(folder: Path, urls: Path | None, rules: Rules, lists: Lists) -> Report:
    """The same of scams of the gates without their text, of harmless sets, and of labelled addresses without text."""
    rows = [line.rstrip("\n").split("\t") for line in read_lines(urls)] if urls else []
    sets = {"labelled addresses": [Sample(row[5], int(row[0]), bare(row[5])) for row in rows]}
    for name, field, label in (("scams_my", "text_bare", 1), ("transactional", "text", 0), ("harmless", "text", 0)):
        path = folder / f"{name}.jsonl"
        if path.is_file():
            sets[f"gate: {name}"] = [Sample(each, label, message) for each, message in messages(path, field)]
    return {name: brand_alone(judged(chosen, rules, lists), rules) for name, chosen in sets.items() if chosen}


def _shares(automatic: int, either: int, whole: int) -> Report:
    return {
        "automatic": automatic,
        "automatic_interval": interval(automatic, whole),
        "any_tier": either,
        "any_tier_interval": interval(either, whole),
    }


def sources_left_out(samples: Sequence[Sample], scores: Scores) -> list[Report]:
    """The threshold set without one harmless source, and the rate of false alerts that it then gives on that source."""
    origins = np.array([sample.source for sample in samples])
    harmless = scores.labels == 0
    rows: list[Report] = []
    for source in sorted(set(origins[harmless])):
        own = scores.any_link[harmless & (origins == source)]
        others = scores.any_link[harmless & (origins != source)]
        if len(others):
            seen = {str(rate): recall_at(own, threshold_at(others, rate)) for rate in RATES}
            rows.append({"source": str(source), "messages": len(own), **seen})
    return rows


def swapped(samples: Sequence[Sample], rules: Rules, lists: Lists) -> list[Report]:
    """Scam texts with the link of a harmless message and the reverse, beside the same messages as they were."""
    linked = [sample for sample in samples if len(sample.judged) == 1 and sample.judged[0].found.raw]
    order = random.Random(5)
    scams, harmless = ([sample for sample in linked if sample.label == label] for label in (1, 0))
    if not (scams and harmless):
        return []
    pairs = [(order.choice(scams), order.choice(harmless)) for _ in range(SWAPS)]
    sets = {
        "both of a scam": [scam for scam, _ in pairs],
        "text of a scam, harmless link": [_with_link(scam, other) for scam, other in pairs],
        "harmless text, link of a scam": [_with_link(other, scam) for scam, other in pairs],
        "both harmless": [other for _, other in pairs],
    }
    return [{"set": name} | _tiers(judged(chosen, rules, lists), rules) for name, chosen in sets.items()]


def _with_link(sample: Sample, other: Sample) -> Sample:
    """The text of one message around the link of another."""
    here, text = sample.judged[0].found, sample.message.text
    changed = text[: here.start] + other.judged[0].found.raw + text[here.end :]
    return Sample(sample.id, sample.label, replace_text(sample.message, changed))


def _tiers(samples: Sequence[Sample], rules: Rules) -> Report:
    tiers = [tier_of(sample, rules) for sample in samples]
    automatic, none = tiers.count("automatic"), tiers.count("none")
    return {"messages": len(tiers)} | _shares(automatic, len(tiers) - none, len(tiers))
