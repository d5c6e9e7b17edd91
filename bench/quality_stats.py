"""Recall at false-alert rates, with intervals that redo the threshold in every draw."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATES: Final = (0.0001, 0.0003, 0.001, 0.01)
DRAWS: Final = 200
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Point:
    """Recall at one false-alert rate, with the threshold that gives it and a 95 % interval."""

    rate: float
    recall: float
    low: float
    high: float
    threshold: float
    false_alerts: int


def threshold_at(negatives: Floats, rate: float) -> float:
    """The lowest threshold that at most this share of the negatives reaches; ties stay out together."""
    allowed = int(len(negatives) * rate)
    ordered = np.sort(negatives)[::-1]
    return float(np.nextafter(ordered[allowed], np.inf)) if allowed < len(ordered) else float("-inf")


def recall_at(positives: Floats, threshold: float) -> float:
    """The share of positives that reach the threshold."""
    return float(np.mean(positives >= threshold)) if len(positives) else 0.0


def points(positives: Floats, negatives: Floats, families: Sequence[str], draws: int = DRAWS) -> list[Point]:
    """One point for each rate; positives are resampled by family (registered domain), negatives by message."""
    order = np.random.default_rng(11)
    groups = _groups(families)
    drawn: list[list[float]] = [[] for _ in RATES]
    top = np.sort(negatives)[::-1][: int(len(negatives) * RATES[-1] * 3) + 100]
    for _ in range(draws):
        picked = np.concatenate([groups[at] for at in order.integers(len(groups), size=len(groups))])
        kept = np.repeat(top, order.poisson(1.0, len(top)))  # only the highest can set a threshold
        for at, rate in enumerate(RATES):
            allowed = int(len(negatives) * rate)
            edge = np.nextafter(kept[allowed], np.inf) if allowed < len(kept) else kept[-1]
            drawn[at].append(float(np.mean(positives[picked] >= edge)))
    return [_point(positives, negatives, rate, drawn[at]) for at, rate in enumerate(RATES)]


def _groups(families: Sequence[str]) -> list[NDArray[np.int64]]:
    members: dict[str, list[int]] = {}
    for at, family in enumerate(families):
        members.setdefault(family or f"#{at}", []).append(at)
    return [np.array(places) for places in members.values()]


def _point(positives: Floats, negatives: Floats, rate: float, drawn: Sequence[float]) -> Point:
    threshold = threshold_at(negatives, rate)
    low, high = (float(np.quantile(drawn, at)) for at in (0.025, 0.975)) if drawn else (0.0, 1.0)
    reached = int(np.sum(negatives >= threshold))
    return Point(rate, recall_at(positives, threshold), low, high, threshold, reached)


def upper_bound(hits: int, trials: int) -> float:
    """The upper end of the 95 % Wilson interval of a share."""
    if not trials:
        return 1.0
    z, share = 1.96, hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * math.sqrt((share * (1 - share) + z * z / (4 * trials)) / trials)
    return float(min(1.0, (middle + spread) / (1 + z * z / trials)))


def curve(positives: Floats, negatives: Floats) -> list[tuple[float, float]]:
    """False-alert rate and recall along the whole range of thresholds, for a plot."""
    rates = np.geomspace(max(1e-5, 1 / max(1, len(negatives))), 0.1, 60)
    return [(float(rate), recall_at(positives, threshold_at(negatives, float(rate)))) for rate in rates]


def logistic(values: Floats, labels: Floats) -> tuple[float, float]:
    """Offset and slope of the log-odds of a scam in a sum of weights, by Newton's method."""
    offset, slope = 0.0, 1.0
    for _ in range(50):
        told = 1 / (1 + np.exp(-np.clip(offset + slope * values, -60, 60)))
        spread = told * (1 - told)
        curvature = np.array(
            [[spread.sum(), (spread * values).sum()], [(spread * values).sum(), (spread * values**2).sum()]]
        )
        miss = np.array([(told - labels).sum(), ((told - labels) * values).sum()])
        step = np.linalg.solve(curvature, miss)
        offset, slope = offset - float(step[0]), slope - float(step[1])
    return offset, slope
