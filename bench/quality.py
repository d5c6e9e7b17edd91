"""`saring bench quality`: recall at false-alert rates on labelled messages, gates, ablation, calibration."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from agents.feeds.load import read_lists_file
from bench.quality_data import NEVER, NO_LINK, Sample, clean, judged, read_issues, read_stream, scorer
from bench.quality_gates import FOLDER, gates, stand_ins, tier_of
from bench.quality_parts import (
    Scores,
    brand_alone,
    brand_alone_in_sets,
    gate_languages,
    languages,
    slices,
    sources_left_out,
    swapped,
)
from bench.quality_stats import RATES, Floats, Point, curve, logistic, points, recall_at, threshold_at
from config.load import load
from config.rules import rules_from
from config.suffixes import load_suffixes
from stream.canonical import canonicalizer
from stream.explain import LONGEST
from stream.lists.memory import NO_LISTS
from stream.model import Finding
from stream.packs import RESERVED
from stream.redact import defang
from stream.rules import Rules

Say: TypeAlias = Callable[[str], None]
Report: TypeAlias = dict[str, Any]
SHOWN: Final = 40  # false alerts listed for reading
_MILLION: Final = 1_000_000


def run(
    stream: Path,
    lists: Path | None = None,
    issues: Path | None = None,
    urls: Path | None = None,
    *,
    half: int | None = None,
    say: Say = lambda _text: None,
) -> Report:
    """Every figure of the protocol for a file of labelled messages, judged with the lists as they were then."""
    began, rules = time.perf_counter(), shipped_rules()
    say("reading lists")
    known = read_lists_file(lists, canonicalizer(rules.suffixes)) if lists else NO_LISTS
    say("judging messages")
    samples = judged(list(read_stream(stream, read_issues(issues), half)), rules, known)
    live = live_in(rules)
    say("ranking")
    report: Report = {"messages": len(samples), "links": sum(len(sample.judged) for sample in samples)}
    for name, chosen in (("clean", clean(samples)), ("labelled", samples)):
        report[name] = ranked(chosen, rules, live)
    best = clean(samples)
    report["carried"] = carried(best, rules, live)
    whole = Scores(best, rules, live)
    report["slices"], report["sources_left_out"] = slices(best, whole), sources_left_out(best, whole)
    report["languages"] = languages(best, rules)
    report["checks"] = check_table(best, rules)
    report["shipped"] = shipped(best, rules)
    report["ablation"] = ablation(best, rules, live)
    report["calibration"] = calibration(best, rules, live)
    report["false_alerts"] = false_alerts(best, rules, live)
    report["prose_taken_for_links"] = sum(sample.issue == NO_LINK and bool(sample.judged) for sample in best)
    say("gates")
    in_sets = brand_alone_in_sets(FOLDER, urls, rules, known)
    report["brand_alone"] = {"stream": brand_alone(best, rules)} | in_sets
    report["gate_languages"] = gate_languages(FOLDER, rules, known)
    report["swapped"] = swapped(best, rules, known)
    report["gates"] = [
        asdict(gate) | {"share": gate.share, "upper_bound": gate.bound, "passed": gate.passed}
        for gate in gates(rules, known, FOLDER, urls)
    ]
    report["seconds"] = time.perf_counter() - began
    return report


def shipped_rules() -> Rules:
    """The rules of the default settings, with suffixes that know the reserved stand-ins of the gate sets."""
    rules = rules_from(load().settings)
    return replace(rules, suffixes=load_suffixes([*sorted(RESERVED), *stand_ins(rules.brands)]))


def live_in(rules: Rules) -> Callable[[Finding], bool]:
    """Whether a finding counts in the verdict under the modes of the rules."""
    return lambda finding: rules.mode(finding.check) == "live"


def ranked(samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> Report:
    """Recall at each rate with intervals, for all links and for the automatic tier, and the points of a plot."""
    scores = Scores(samples, rules, live)
    families = [sample.domain for sample in samples if sample.label]
    positives, negatives = scores.split(scores.any_link)
    return {
        "positives": len(positives),
        "negatives": len(negatives),
        "all_links": [asdict(point) for point in points(positives, negatives, families)],
        "automatic": [asdict(point) for point in points(*scores.split(scores.automatic), families)],
        "curve": curve(positives, negatives),
        "per_million_messages": per_day(points(positives, negatives, families, 0)),
    }


def per_day(found: Sequence[Point]) -> list[Report]:
    """True and false alerts a day at a million messages, by share of scams in them."""
    return [
        {
            "rate": point.rate,
            "scams": share,
            "true": round(_MILLION * share * point.recall),
            "false": round(_MILLION * (1 - share) * point.rate),
        }
        for point in found
        for share in (0.0001, 0.001, 0.005)
    ]


def carried(samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> list[Report]:
    """A threshold set on one half, and what it gives on the other, both ways."""
    halves = [Scores([sample for sample in samples if sample.half == half], rules, live) for half in (0, 1)]
    rows: list[Report] = []
    for rate in RATES:
        for here, there in ((0, 1), (1, 0)):
            threshold = threshold_at(halves[here].split(halves[here].any_link)[1], rate)
            positives, negatives = halves[there].split(halves[there].any_link)
            seen = {"recall": recall_at(positives, threshold), "false_alert_rate": recall_at(negatives, threshold)}
            rows.append({"rate": rate, "set_on": here, "threshold": threshold, **seen})
    return rows


def check_table(samples: Sequence[Sample], rules: Rules) -> Report:
    """Each check by itself: how many messages it speaks against, how many of them are scams."""
    counts: dict[str, list[int]] = {}
    for sample in samples:
        names = {finding.check for one in sample.judged for finding in one.live if finding.weight > 0}
        for name in names:
            counts.setdefault(name, [0, 0])[sample.label] += 1
    return {
        name: {
            "mode": rules.mode(name),
            "messages": harmless + scams,
            "scams": scams,
            "precision": scams / (harmless + scams),
        }
        for name, (harmless, scams) in sorted(counts.items())
    }


def shipped(samples: Sequence[Sample], rules: Rules) -> Report:
    """What the tiers of the default settings give: recall, and false alerts per million messages."""
    tiers = [(sample.label, tier_of(sample, rules)) for sample in samples]
    scams = sum(label for label, _ in tiers)
    report: Report = {}
    for name, counted in (("automatic", {"automatic"}), ("automatic or review", {"automatic", "review"})):
        hits = [label for label, tier in tiers if tier in counted]
        false = len(hits) - sum(hits)
        rate = round(_MILLION * false / (len(tiers) - scams))
        report[name] = {"recall": sum(hits) / scams, "false_alerts": false, "per_million": rate}
    return report


def ablation(samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> Report:
    """Recall of all links without each check that counts, thresholds set anew."""
    names = sorted(
        {finding.check for sample in samples for one in sample.judged for finding in one.live if live(finding)}
    )
    report: Report = {"none": _recalls(Scores(samples, rules, live))}
    for name in names:
        report[name] = _recalls(Scores(samples, rules, without(name, live)))
    return report


def without(name: str, live: Callable[[Finding], bool]) -> Callable[[Finding], bool]:
    """The same choice of findings less one check's."""
    return lambda finding: finding.check != name and live(finding)


def _recalls(scores: Scores) -> Report:
    positives, negatives = scores.split(scores.any_link)
    return {str(rate): recall_at(positives, threshold_at(negatives, rate)) for rate in RATES}


def calibration(samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> Report:
    """Predicted against seen share of scams among messages with links, at the share that the samples themselves have.

    `offset` and `slope` are what would fit these samples best; the verdict's slope is 1.
    """
    linked = [sample for sample in samples if sample.judged]
    scores = Scores(linked, rules, live)
    seen = scores.any_link > NEVER
    values, labels = scores.any_link[seen], scores.labels[seen]
    prior = float(np.log(labels.mean() / (1 - labels.mean())))
    offset, slope = logistic(values, labels)
    told = 1 / (1 + np.exp(-np.clip(values + prior + rules.verdict.offset, -60, 60)))
    return {"offset": offset - prior, "slope": slope, "bins": list(_bins(told, labels))}


def _bins(told: Floats, labels: Floats) -> Iterator[Report]:
    for low, high in pairwise((0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.01)):
        inside = (told >= low) & (told < high)
        if inside.any():
            means = {"predicted": float(told[inside].mean()), "seen": float(labels[inside].mean())}
            yield {"from": low, "to": min(high, 1.0), "messages": int(inside.sum()), **means}


def false_alerts(samples: Sequence[Sample], rules: Rules, live: Callable[[Finding], bool]) -> list[Report]:
    """The harmless messages with the highest sums, for reading; defanged."""
    score = scorer(rules, live)
    harmless = [(score(sample)[0], sample) for sample in samples if not sample.label and sample.judged]
    harmless.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [_shown(total, sample, live) for total, sample in harmless[:SHOWN]]


def _shown(total: float, sample: Sample, live: Callable[[Finding], bool]) -> Report:
    best = max(sample.judged, key=lambda one: sum(finding.weight for finding in one.live if live(finding)))
    said = {finding.check: round(finding.weight, 2) for finding in best.live if live(finding)}
    text = sample.message.text
    for one in sample.judged:
        text = text.replace(one.found.raw, defang(one.found.url)) if one.found.raw else text
    return {
        "id": sample.id,
        "sum": round(total, 2),
        "link": defang(best.link.url),
        "findings": said,
        "text": text[:LONGEST],
    }
