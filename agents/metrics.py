"""Every metric of Saring, described once: name, help, labels. Label sets are closed, none is a host, URL or user."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.metrics import MetricWrapperBase

from agents.latency import Latencies

# Seconds; 5 is the objective (docs/operate.md), so it must be a bound.
LATENCIES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
STAGES = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0)


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
    check_errors: Counter
    bounds_hit: Counter
    shadow_alerts: Counter
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
    list_entries: Gauge
    build: Info


def create() -> Metrics:
    """Fresh metrics in a registry of their own, all at zero."""
    registry = CollectorRegistry()

    def counter(name: str, text: str, *labels: str) -> Counter:
        return Counter(f"saring_{name}", text, labels, registry=registry)

    def gauge(name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"saring_{name}", text, labels, registry=registry)

    def histogram(name: str, text: str, bounds: Iterable[float], *labels: str) -> Histogram:
        return Histogram(f"saring_{name}", text, labels, registry=registry, buckets=tuple(bounds))

    return Metrics(
        registry=registry,
        messages=counter("messages_total", "Messages by how they ended.", "source", "outcome"),
        skipped=counter("skipped_total", "Messages that are not ours to judge.", "reason"),
        dead_letters=counter("dead_letters_total", "Messages set aside as unreadable.", "reason"),
        fields_ignored=counter("fields_ignored_total", "Unusable optional fields.", "field"),
        links=counter("links_total", "Links judged."),
        findings=counter("findings_total", "Findings by check.", "check", "mode"),
        alerts=counter("alerts_total", "Alerts published.", "type", "tier", "category"),
        brand_alerts=counter("brand_alerts_total", "Alerts by imitated brand.", "brand"),
        check_errors=counter("check_errors_total", "Links on which a check raised.", "check"),
        bounds_hit=counter("bounds_hit_total", "Messages of which only a part was judged.", "bound"),
        shadow_alerts=counter("shadow_alerts_total", "Alerts that a shadow check would have raised.", "check"),
        list_hits=counter("list_hits_total", "Links that a list entry covered.", "list"),
        detection_latency=Latencies(
            "saring_detection_latency_seconds",
            "From the record's timestamp to its acknowledged outcome.",
            LATENCIES,
            registry,
        ),
        clock_skew=counter("clock_skew_total", "Records whose timestamp lies in our future."),
        processing=histogram("processing_seconds", "Time spent on one batch.", STAGES, "stage"),
        oldest_unfinished=gauge("oldest_unfinished_seconds", "Age of the oldest batch in hand; 0 when idle."),
        assigned_partitions=gauge("assigned_partitions", "Partitions this process owns; 0 on standby."),
        process_exits=counter("process_exits_total", "Worker processes that ended, by exit code.", "code"),
        messages_expired=counter("messages_expired_total", "Messages that expired before they were read."),
        ledger_gaps=counter("ledger_gaps_total", "Offsets that were skipped without an outcome; must stay 0."),
        setup_difference=gauge("setup_difference", "Topic settings that differ from what setup would create."),
        paused=gauge("paused", "1 while the line waits because judging keeps failing."),
        lists_snapshot=gauge("lists_snapshot_info", "The list snapshot in force.", "snapshot"),
        list_entries=gauge("list_entries", "Entries of the list in force.", "list"),
        build=Info("saring_build", "What is running.", registry=registry),
    )


def described(metrics: Metrics) -> dict[str, MetricWrapperBase]:
    """The metrics by their field name, for tests that hold dashboards and rules against them."""
    found = {field.name: getattr(metrics, field.name) for field in fields(metrics)}
    return {name: value for name, value in found.items() if isinstance(value, MetricWrapperBase)}
