"""Counting what the line did: once a batch, after its outcomes were acknowledged."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from agents.metrics import Metrics
from stream.model import Record
from stream.outcome import CLEAN, Judged, Outcome
from stream.rules import Rules

log = logging.getLogger("saring.scan")
SKEW_MILLISECONDS = 5_000

Clock: TypeAlias = Callable[[], float]


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

    def count(self, source: str, records: Sequence[Record], outcomes: Sequence[Outcome]) -> None:
        """Count one batch."""
        metrics = self._metrics
        told = [outcome for outcome in outcomes if outcome is not CLEAN]  # CLEAN: no link, as most messages
        kinds = Counter([outcome.kind for outcome in told])
        kinds["clean"] += len(outcomes) - len(told)
        for kind, number in kinds.items():
            metrics.messages.labels(source, kind).inc(number)
        self._latency(records)
        for outcome in told:
            if outcome.kind != "clean" or outcome.ignored or outcome.bounds_hit or outcome.shadow:
                self._one(outcome)
        self._links([judged for outcome in told for judged in outcome.judged])

    def _latency(self, records: Sequence[Record]) -> None:
        now = self._clock() * 1000
        ages = now - np.array([record.timestamp for record in records], np.float64)
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
        self._alerts(outcome)

    def _links(self, judged: Sequence[Judged]) -> None:
        """All links of a batch at once: looking up a series costs more than adding to it."""
        metrics = self._metrics
        metrics.links.inc(len(judged))
        for mode, findings in (
            ("live", [finding for each in judged for finding in each.live]),
            ("shadow", [finding for each in judged if each.shadow for finding in each.shadow]),
        ):
            for check, number in Counter([finding.check for finding in findings]).items():
                metrics.findings.labels(check, mode).inc(number)
            of_lists = [finding.source for finding in findings if finding.family == "list"]
            for name, number in Counter([at.name for at in of_lists if at and at.kind == "list"]).items():
                metrics.list_hits.labels(name).inc(number)
        for check, number in Counter([check for each in judged if each.errors for check in each.errors]).items():
            metrics.check_errors.labels(check).inc(number)
            if check not in self._broken:
                self._broken.add(check)
                log.warning("check %s fails; the others still judge. To stop it: saring checks off %s", check, check)

    def _alerts(self, outcome: Outcome) -> None:
        for alert in outcome.alerts:
            if alert.test:
                continue  # the test link is out of all statistics
            self._metrics.alerts.labels(alert.type, alert.tier, alert.category).inc()
            self._metrics.basis_alerts.labels(alert.basis).inc()
            if alert.brand:
                self._metrics.brand_alerts.labels(alert.brand.id, alert.category).inc()
        raised = {alert.case_id for alert in outcome.alerts}
        for shadowed in outcome.shadow:
            self._metrics.shadow_alerts.labels(shadowed.check).inc()
            self._metrics.shadow_overlaps.labels(shadowed.check).inc(shadowed.alert.case_id in raised)
