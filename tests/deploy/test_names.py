"""Metrics and what shows them name the same things: nothing measured is unseen, nothing shown is unmeasured."""

from __future__ import annotations

import re

import pytest
import yaml

from agents import metrics
from bench.operate_views import dashboard_queries, used_names
from deploy.generate import HERE

SUFFIXES = re.compile(r"_(bucket|count|sum|created)$")


def defined() -> set[str]:
    """Every name in our registry, as Prometheus stores it (a histogram under its base name)."""
    families = metrics.create().registry.collect()
    names = {family.name + ("_total" if family.type == "counter" else "") for family in families}
    return {f"{name}_info" if name == "saring_build" else name for name in names}


def used() -> set[str]:
    known = defined()
    return {name if name in known else SUFFIXES.sub("", name) for name in used_names()}


def test_every_metric_is_on_a_panel_or_in_a_rule() -> None:
    ours = {name for name in defined() if name.startswith("saring_")}
    assert sorted(ours - used()) == []


def test_every_name_used_is_a_metric() -> None:
    assert sorted(used() - defined()) == []


def recorded() -> set[str]:
    groups = yaml.safe_load((HERE / "prometheus" / "rules" / "recording.yml").read_text("utf-8"))["groups"]
    return {rule["record"] for group in groups for rule in group["rules"]}


def test_every_recorded_name_is_used_and_every_used_one_recorded() -> None:
    rules = "\n".join(path.read_text("utf-8") for path in (HERE / "prometheus" / "rules").glob("*.yml"))
    texts = re.sub(r"record: \S+", "", rules) + "\n".join(query for _, query in dashboard_queries())
    assert set(re.findall(r"\bsaring:[a-z:_0-9]+", texts)) == recorded()


LABELS = {"job", "instance", "process", "alertstate", "alertname", "le", "severity"}


@pytest.mark.parametrize("query", sorted({query for _, query in dashboard_queries()}))
def test_labels_in_queries_exist(query: str) -> None:
    known = LABELS | {label for family in described() for label in family}
    for names in re.findall(r"(?:by|without|on) \(([^)]*)\)", query):
        assert {each.strip() for each in names.split(",") if each.strip()} <= known
    for label in re.findall(r'[{,]\s*([a-z_]+)\s*(?:=~|!=|!~|=)"', query):
        assert label in known


def described() -> list[tuple[str, ...]]:
    found = [tuple(metric._labelnames) for metric in metrics.described(metrics.create()).values()]
    return [*found, ("version", "settings", "form")]  # of the Info


def test_no_label_is_open() -> None:
    for labels in described():
        assert not set(labels) & {"host", "url", "user", "link", "text", "message", "channel"}
