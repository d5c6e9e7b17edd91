"""What is counted of a chunk: every finding, link and error, once."""

from __future__ import annotations

from collections import Counter

import pytest

from agents import metrics
from agents.meter import Meter, tallied
from bench.speed_data import DEMO, default_rules, read_records
from stream.lists.memory import NO_LISTS
from stream.model import Finding, FoundLink, Host, HostFacts, Link, Source
from stream.outcome import Judged, Outcome
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
    alerts = sum(not alert.test for outcome in outcomes for alert in outcome.alerts)
    assert sum(s.value for m in meters.alerts.collect() for s in m.samples if s.name.endswith("_total")) == alerts


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
