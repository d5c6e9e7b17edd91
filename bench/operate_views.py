"""The queries of the dashboards and the names that rules and dashboards use, for holding them against a Prometheus."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from deploy.generate import HERE

if TYPE_CHECKING:
    from bench.operate_stage import Stage

_NAME = re.compile(r"\b(saring_[a-z_]+|process_[a-z_]+)\b")


def dashboard_queries() -> list[tuple[str, str]]:
    """Title and query of every panel's targets, with the intervals that Grafana would put in."""
    return [
        (f"{path.stem} {panel['title']}", target["expr"].replace("$__rate_interval", "1m"))
        for path in sorted((HERE / "grafana" / "dashboards").glob("*.json"))
        for panel in json.loads(path.read_text("utf-8"))["panels"]
        for target in panel["targets"]
    ]


def used_names() -> set[str]:
    """Every metric that a dashboard or a rule names."""
    rules = [path.read_text("utf-8") for path in (HERE / "prometheus" / "rules").glob("*.yml")]
    queries = [query for _, query in dashboard_queries()]
    lines = [line for text in rules for line in text.splitlines() if not line.lstrip().startswith("#")]
    return {name for text in (*queries, *lines) for name in _NAME.findall(text)}


def unknown_names(stage: Stage) -> list[str]:
    """Names that are used and that this Prometheus has never seen."""
    ever = 'count by (__name__) (last_over_time({__name__=~"saring_.+|process_.+"}[1h]))'
    known = {each["metric"]["__name__"] for each in stage.query(ever)}
    return sorted(used_names() - known)
