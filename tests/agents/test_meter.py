"""What is counted of a chunk: every finding, link and error, once."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace
from prometheus_client import Counter as Metric

from agents import metrics
from agents.meter import Meter, tallied
from bench.speed_data import DEMO, default_rules, read_records
from stream.lists.memory import NO_LISTS
from stream.model import Finding, FoundLink, Host, HostFacts, Link, Source
from stream.outcome import Judged, Outcome, Shadowed
from stream.pipeline import scanner


def test_counts_are_those_of_the_outcomes() -> None:
    rules, meters = default_rules(), metrics.create()
    records = read_records(DEMO, 500)
    outcomes = scanner(rules, NO_LISTS)(records)
    Meter(meters, rules, lambda: records[0].timestamp / 1000).count("messages", tallied(records, outcomes))
    read = meters.registry.get_sample_value
    for kind, number in Counter(outcome.kind for outcome in outcomes).items():
        assert read("saring_messages_total", {"source": "messages", "outcome": kind}) == number
    judged = [each for outcome in outcomes for each in outcome.judged]
    assert judged
    assert read("saring_links_total") == len(judged)
    for check, number in Counter(finding.check for each in judged for finding in each.live).items():
        assert read("saring_findings_total", {"check": check, "mode": "live"}) == number
    alerts = [alert for outcome in outcomes for alert in outcome.alerts if not alert.test]
    assert totals(meters.alerts) == Counter((alert.type, alert.tier, alert.category) for alert in alerts)
    assert totals(meters.basis_alerts) == Counter((alert.basis,) for alert in alerts)
    assert totals(meters.brand_alerts) == Counter((each.brand.id, each.category) for each in alerts if each.brand)


def totals(counter: Metric) -> dict[tuple[str, ...], float]:
    """What was counted, by labels in their order; nothing that was not."""
    read = (sample for metric in counter.collect() for sample in metric.samples if sample.name.endswith("_total"))
    return {tuple(sample.labels.values()): sample.value for sample in read if sample.value}


def test_a_would_be_alert_overlaps_where_its_link_was_flagged_anyway() -> None:
    rules, meters = default_rules(), metrics.create()
    records = read_records(DEMO, 500)
    first, other = [each for each in scanner(rules, NO_LISTS)(records) if each.alerts][:2]
    shadow = (Shadowed("odd_port", first.alerts[0]), Shadowed("odd_port", other.alerts[0]))
    told = [replace(first, shadow=shadow), replace(other, kind="clean", alerts=(), shadow=shadow)]
    Meter(meters, rules).count("messages", tallied(records[:2], told))
    assert totals(meters.shadow_alerts) == {("odd_port",): 4}
    assert totals(meters.shadow_overlaps) == {("odd_port",): 1}


def test_list_hits_and_failed_checks_are_counted_by_name(caplog: pytest.LogCaptureFixture) -> None:
    rules, meters = default_rules(), metrics.create()
    finding = Finding("listed_link", "list", 9.0, "", {}, Source("list", "feed", "a.example/"))
    link = Link("a.example/", "http://a.example/", "http", "a.example")
    judged = Judged(
        FoundLink("a.example", 0, 9, "http://a.example"), link, HostFacts(Host("a.example", "a.example")), None,
        (finding,), (finding,), errors=("odd_port", "odd_port"),
    )  # fmt: skip
    records = read_records(DEMO, 1)
    meter = Meter(meters, rules)
    for _ in range(2):
        meter.count("messages", tallied(records, [Outcome("clean", judged=(judged,))]))
    read = meters.registry.get_sample_value
    assert read("saring_list_hits_total", {"list": "feed"}) == 4
    assert read("saring_check_errors_total", {"check": "odd_port"}) == 4
    assert read("saring_findings_total", {"check": "listed_link", "mode": "shadow"}) == 2
    assert [record.getMessage().split(";")[0] for record in caplog.records] == ["check odd_port fails"]
