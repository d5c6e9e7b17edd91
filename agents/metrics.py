"""Every metric of Saring, described once: name, help, labels. Label sets are closed, none is a host, URL or user."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from itertools import product
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector
from prometheus_client.metrics import MetricWrapperBase

from agents.latency import Latencies
from stream.alert import Category

# Seconds; 5 is the objective (docs/operate.md), so it must be a bound.
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
DELAYS = (60.0, 600.0, 3600.0, 21_600.0, 86_400.0, 172_800.0, 259_200.0)  # late alerts: a minute to the whole window
STAGES = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


# Closed sets. A counter whose series first appears with its first burst hides that burst from increase(), so these
# start at 0.
RETRACTIONS = ("delisted", "feedback")
VERDICTS = ("false", "true", "missed", "unsure")
ALL = "all"  # as a check's name: every review once
BASES = ("listed", "inferred", "analyst")


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one process. Made by `create`, so that tests and processes never share one."""

    registry: CollectorRegistry
    messages: Counter
    skipped: Counter
    dead_letters: Counter
    fields_ignored: Counter
    links: Counter
    findings: Counter
    alerts: Counter
    brand_alerts: Counter
    basis_alerts: Counter
    check_errors: Counter
    bounds_hit: Counter
    shadow_alerts: Counter
    shadow_overlaps: Counter
    list_hits: Counter
    detection_latency: Latencies
    clock_skew: Counter
    processing: Histogram
    oldest_unfinished: Gauge
    assigned_partitions: Gauge
    process_exits: Counter
    messages_expired: Counter
    ledger_gaps: Counter
    setup_difference: Gauge
    paused: Gauge
    lists_snapshot: Gauge
    list_rounds: Counter
    list_entries: Gauge
    list_last_success: Gauge
    list_last_change: Gauge
    list_stale_after: Gauge
    list_quarantined: Gauge
    brakes: Gauge
    group_lag_messages: Gauge
    group_lag: Gauge
    group_members: Gauge
    group_unowned_partitions: Gauge
    retention_headroom: Gauge
    arrived: Counter
    late_alert_delay: Histogram
    retractions: Counter
    feedback: Counter
    reviewed: Counter
    canary_interval: Gauge
    canary_last_success: Gauge
    canary_round_trip: Gauge
    build: Info
    retractions_held: Gauge
    sightings: Gauge
    campaign_groups: Gauge


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes metrics in one registry."""

    registry: CollectorRegistry

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"saring_{name}", text, labels, registry=self.registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"saring_{name}", text, labels, registry=self.registry)

    def histogram(self, name: str, text: str, bounds: Iterable[float], *labels: str) -> Histogram:
        return Histogram(f"saring_{name}", text, labels, registry=self.registry, buckets=tuple(bounds))


def create() -> Metrics:
    """Fresh metrics in a registry of their own, all at zero."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)  # start time, memory, processor time, files: under their usual names
    make = _Maker(registry)
    parts = (_outcomes(make), _alerts(make), _delivery(make), _lists(make), _group(make))
    metrics = Metrics(registry=registry, **{name: metric for part in parts for name, metric in part.items()})
    for verdict, sampled in product(VERDICTS, ("true", "false")):
        metrics.reviewed.labels(ALL, verdict, sampled)
    for tier, category in product(("automatic", "review"), get_args(Category)):
        metrics.alerts.labels("flagged", tier, category)
    return metrics


def _outcomes(make: _Maker) -> dict[str, Any]:
    return {
        "messages": make.counter("messages_total", "Messages by how they ended.", "source", "outcome"),
        "skipped": make.counter("skipped_total", "Messages that are not ours to judge.", "reason"),
        "dead_letters": make.counter("dead_letters_total", "Messages set aside as unreadable.", "reason"),
        "fields_ignored": make.counter("fields_ignored_total", "Unusable optional fields.", "field"),
        "links": make.counter("links_total", "Links judged."),
        "findings": make.counter("findings_total", "Findings by check.", "check", "mode"),
        "check_errors": make.counter("check_errors_total", "Links on which a check raised.", "check"),
        "bounds_hit": make.counter("bounds_hit_total", "Messages of which only a part was judged.", "bound"),
        "shadow_alerts": make.counter("shadow_alerts_total", "Alerts that a shadow check would have raised.", "check"),
        "shadow_overlaps": make.counter("shadow_overlaps_total", "Those that were raised anyway.", "check"),
        "list_hits": make.counter("list_hits_total", "Links that a list entry covered.", "list"),
    }


def _alerts(make: _Maker) -> dict[str, Any]:
    return {
        "alerts": make.counter("alerts_total", "Alerts published.", "type", "tier", "category"),
        "brand_alerts": make.counter("brand_alerts_total", "Alerts by imitated brand.", "brand", "category"),
        "basis_alerts": _from_zero(make.counter("basis_alerts_total", "Alerts by what they rest on.", "basis"), BASES),
        "late_alert_delay": make.histogram("late_alert_delay_seconds", "From a message to its late alert.", DELAYS),
        "retractions": _from_zero(make.counter("retractions_total", "Alerts taken back.", "reason"), RETRACTIONS),
        "retractions_held": make.gauge("retractions_held", "Retractions that wait for approval."),
        "sightings": make.gauge("sightings_held", "Sightings that new list entries are held against."),
        "campaign_groups": make.gauge("campaign_groups", "Hosts and tenants that are being counted."),
        "feedback": _from_zero(make.counter("feedback_total", "What analysts said.", "verdict"), VERDICTS),
        "reviewed": make.counter(
            "reviewed_total",
            "Alerts reviewed, once for each check that weighed in and once for check all.",
            "check",
            "verdict",
            "sampled",
        ),
    }


def _delivery(make: _Maker) -> dict[str, Any]:
    return {
        "detection_latency": Latencies(
            "saring_detection_latency_seconds",
            "From the record's timestamp to its acknowledged outcome.",
            LATENCIES,
            make.registry,
        ),
        "clock_skew": make.counter("clock_skew_total", "Records whose timestamp lies in our future."),
        "processing": make.histogram("processing_seconds", "Time spent on one batch.", STAGES, "stage"),
        "oldest_unfinished": make.gauge("oldest_unfinished_seconds", "Age of the oldest batch in hand; 0 when idle."),
        "assigned_partitions": make.gauge("assigned_partitions", "Partitions this process owns; 0 on standby."),
        "process_exits": make.counter("process_exits_total", "Worker processes that ended, by exit code.", "code"),
        "messages_expired": make.counter("messages_expired_total", "Messages that expired before they were read."),
        "ledger_gaps": make.counter("ledger_gaps_total", "Offsets that were skipped without an outcome; must stay 0."),
        "setup_difference": make.gauge("setup_difference", "Topic settings that differ from what setup would create."),
        "paused": make.gauge("paused", "1 while the line waits because judging keeps failing."),
        "build": Info("saring_build", "What is running.", registry=make.registry),
    }


def _lists(make: _Maker) -> dict[str, Any]:
    return {
        "lists_snapshot": make.gauge("lists_snapshot_info", "The list snapshot in force.", "snapshot"),
        "list_entries": make.gauge("list_entries", "Entries of the list in force.", "list"),
        "list_last_success": make.gauge("list_last_success_timestamp_seconds", "When a feed was last fetched.", "list"),
        "list_last_change": make.gauge("list_last_change_timestamp_seconds", "When a feed last changed.", "list"),
        "list_stale_after": make.gauge("list_stale_after_seconds", "How long a feed may stand still.", "list"),
        "list_quarantined": make.gauge("list_quarantined", "Entries of a feed that wait for a person.", "list"),
        "list_rounds": make.counter("list_rounds_total", "How rounds of a feed ended.", "list", "result"),
        "brakes": make.gauge("brakes", "Controls in force: paused feeds, checks switched off, a rollback.", "control"),
    }


def _group(make: _Maker) -> dict[str, Any]:
    return {
        "group_lag_messages": make.gauge("group_lag_messages", "Records not yet finished.", "group", "source"),
        "group_lag": make.gauge("group_lag_seconds", "Age of the oldest record not yet finished.", "group", "source"),
        "group_members": make.gauge("group_members", "Members of a consumer group.", "group"),
        "group_unowned_partitions": make.gauge("group_unowned_partitions", "Partitions that no member owns.", "group"),
        "retention_headroom": make.gauge(
            "retention_headroom_seconds", "Until the oldest unread record may be deleted.", "group", "source"
        ),
        "arrived": make.counter("arrived_messages_total", "Records written to a source, by its end offsets.", "source"),
        "canary_interval": make.gauge("canary_interval_seconds", "How often the test link is sent; 0 when it is not."),
        "canary_last_success": make.gauge("canary_last_success_timestamp_seconds", "When a test link last came back."),
        "canary_round_trip": make.gauge("canary_round_trip_seconds", "How long the last test link took to come back."),
    }


def _from_zero(counter: Counter, values: Iterable[str]) -> Counter:
    for value in values:
        counter.labels(value)
    return counter


def described(metrics: Metrics) -> dict[str, MetricWrapperBase]:
    """The metrics by their field name, for tests that hold dashboards and rules against them."""
    found = {field.name: getattr(metrics, field.name) for field in fields(metrics)}
    return {name: value for name, value in found.items() if isinstance(value, MetricWrapperBase)}
