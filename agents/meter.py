"""Counting what the line did: once a batch, after its outcomes were acknowledged."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from agents.metrics import Metrics
from stream.model import Finding, Record
from stream.native import Records, Rows
from stream.outcome import CLEAN, Outcome
from stream.rules import Rules
from stream.sightings import listed_in

log = logging.getLogger("saring.scan")
SKEW_MILLISECONDS = 5_000
_stamp: Final = attrgetter("timestamp")

Clock: TypeAlias = Callable[[], float]


class Tally:
    """What is to be counted of a batch, taken down while its outcomes are at hand: kept until it is acknowledged, they
    would fill the memory that the next chunk is judged in."""

    __slots__ = ("errors", "kinds", "links", "lists", "live", "loud", "shadow", "stamps")

    def __init__(self) -> None:
        self.stamps: list[npt.NDArray[np.int64]] = []
        self.kinds, self.links = Counter[str](), 0
        self.live, self.shadow, self.lists, self.errors = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
        self.loud: list[Outcome] = []

    def add(self, records: Sequence[Record], told: Sequence[Outcome]) -> None:
        """Take down one chunk; `told` are its outcomes but `CLEAN`: no link, as most messages."""
        self.stamps.append(_stamps(records))
        self.kinds["clean"] += len(records) - len(told)
        self.kinds.update([outcome.kind for outcome in told])
        self.loud += [each for each in told if each.kind != "clean" or each.ignored or each.bounds_hit or each.shadow]
        judged = [one for outcome in told for one in outcome.judged]
        self.links += len(judged)
        self._findings(self.live, [finding for one in judged for finding in one.live])
        self._findings(self.shadow, [finding for one in judged if one.shadow for finding in one.shadow])
        self.errors.update([check for one in judged if one.errors for check in one.errors])

    def add_passed(self, rows: Rows) -> None:
        """Take down the links of a batch that passed without being judged anew."""
        self.links += rows.links
        for counts, passed in zip((self.live, self.shadow, self.lists), rows.counted, strict=True):
            counts.update(passed)

    def _findings(self, counts: Counter[str], findings: Sequence[Finding]) -> None:
        counts.update([finding.check for finding in findings])
        self.lists.update(listed_in(findings))


def _stamps(records: Sequence[Record]) -> npt.NDArray[np.int64]:
    if Records is not None and isinstance(records, Records):
        return np.frombuffer(records.timestamps(), "<i8")
    return np.fromiter(map(_stamp, records), np.int64, len(records))


def tallied(records: Sequence[Record], outcomes: Sequence[Outcome]) -> Tally:
    """The tally of one chunk."""
    tally = Tally()
    tally.add(records, [outcome for outcome in outcomes if outcome is not CLEAN])
    return tally


class Meter:
    """Turns outcomes into metrics; the clock (seconds since the epoch) is an argument."""

    def __init__(self, metrics: Metrics, rules: Rules, clock: Clock = time.time) -> None:
        self._metrics, self._rules, self._clock = metrics, rules, clock
        self._broken: set[str] = set()  # checks that have failed in this process
        for source in rules.sources.values():  # a counter that was never touched must read 0, not be absent
            for outcome in ("clean", "flagged", "skipped", "dead"):
                metrics.messages.labels(source.name, outcome)

    def processed(self, stage: str, seconds: float) -> None:
        """Note the time one batch took in a stage."""
        self._metrics.processing.labels(stage).observe(seconds)

    def count(self, source: str, tally: Tally) -> None:
        """Count one batch."""
        for kind, number in tally.kinds.items():
            self._metrics.messages.labels(source, kind).inc(number)
        self._latency(np.concatenate(tally.stamps) if len(tally.stamps) > 1 else tally.stamps[0])
        for outcome in tally.loud:
            self._one(outcome)
        self._alerts(tally.loud)
        self._links(tally)

    def _latency(self, stamps: npt.NDArray[np.int64]) -> None:
        ages = self._clock() * 1000 - stamps
        self._metrics.detection_latency.observe(np.maximum(ages, 0.0) / 1000)
        if ahead := int(np.count_nonzero(ages < -SKEW_MILLISECONDS)):
            self._metrics.clock_skew.inc(ahead)

    def _one(self, outcome: Outcome) -> None:
        metrics = self._metrics
        if outcome.kind == "skipped":
            metrics.skipped.labels(outcome.reason).inc()
        elif outcome.kind == "dead":
            metrics.dead_letters.labels(outcome.reason).inc()
        for field in outcome.ignored:
            metrics.fields_ignored.labels(field).inc()
        for bound in outcome.bounds_hit:
            metrics.bounds_hit.labels(bound).inc()

    def _links(self, tally: Tally) -> None:
        """All links of a batch at once: looking up a series costs more than adding to it."""
        metrics = self._metrics
        metrics.links.inc(tally.links)
        for mode, checks in (("live", tally.live), ("shadow", tally.shadow)):
            for check, number in checks.items():
                metrics.findings.labels(check, mode).inc(number)
        for name, number in tally.lists.items():
            metrics.list_hits.labels(name).inc(number)
        for check, number in tally.errors.items():
            metrics.check_errors.labels(check).inc(number)
            if check not in self._broken:
                self._broken.add(check)
                log.warning("check %s fails; the others still judge. To stop it: saring checks off %s", check, check)

    def _alerts(self, loud: Sequence[Outcome]) -> None:
        metrics = self._metrics
        # The test link is out of all statistics.
        alerts = [alert for outcome in loud for alert in outcome.alerts if not alert.test]
        for kind, number in Counter([(alert.type, alert.tier, alert.category) for alert in alerts]).items():
            metrics.alerts.labels(*kind).inc(number)
        for basis, number in Counter([alert.basis for alert in alerts]).items():
            metrics.basis_alerts.labels(basis).inc(number)
        for named, number in Counter([(each.brand.id, each.category) for each in alerts if each.brand]).items():
            metrics.brand_alerts.labels(*named).inc(number)
        for outcome in loud:
            raised = {alert.case_id for alert in outcome.alerts} if outcome.shadow else set()
            for shadowed in outcome.shadow:
                metrics.shadow_alerts.labels(shadowed.check).inc()
                metrics.shadow_overlaps.labels(shadowed.check).inc(shadowed.alert.case_id in raised)
