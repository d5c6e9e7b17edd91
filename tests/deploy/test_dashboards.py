"""What every dashboard must hold to, since no linter of Grafana's own can be had everywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from bench.operate_views import dashboard_queries
from deploy.generate import HERE

BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (HERE / "grafana" / "dashboards").glob("*.json")}
PANELS = [(name, panel) for name, board in BOARDS.items() for panel in board["panels"]]

ORDER = [
    "Is anything on fire?", "How many seconds behind are we?", "How long until unread messages expire?",
    "Did the last test message come back?", "Are we keeping up?", "Where did every message go?",
    "How fast is a decision published?", "How many alerts, and is that normal?", "What are we catching?",
    "Are we wrong?", "Are the lists alive?", "What changed?",
]  # fmt: skip


def title(value: object) -> str:
    return str(value["title"]) if isinstance(value, dict) and "title" in value else str(value)


def test_the_three_boards() -> None:
    assert set(BOARDS) == {"overview", "detection", "delivery"}


def test_overview_asks_its_twelve_questions_in_order() -> None:
    panels = BOARDS["overview"]["panels"]
    assert [panel["title"] for panel in panels] == ORDER
    assert [panel["gridPos"]["y"] for panel in panels[:4]] == [0, 0, 0, 0]  # the row seen from three metres


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=title)
def test_panel(board: str, panel: dict[str, Any]) -> None:
    assert panel["title"].endswith("?")
    assert len(panel["description"]) > 60
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    assert panel["targets"]
    assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])


@pytest.mark.parametrize("board", BOARDS.values(), ids=title)
def test_board(board: dict[str, Any]) -> None:
    [source] = [each for each in board["templating"]["list"] if each["type"] == "datasource"]
    assert (source["name"], source["query"], source["label"]) == ("datasource", "prometheus", "Data source")
    assert board["editable"] is False
    assert board["time"]["from"] == "now-6h"
    assert [each["name"] for each in board["annotations"]["list"]]
    titles = [panel["title"] for panel in board["panels"]]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("board", BOARDS.values(), ids=title)
def test_grafana_knows_every_field(board: dict[str, Any]) -> None:
    """Read with the types of the Grafana that the compose file names, and written again, nothing is lost or changed."""
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(board), cls=JSONEncoder))
    assert unlike(board, again) == []


def unlike(first: Any, second: Any, at: str = "") -> list[str]:
    """Where the second lacks what the first has, or says otherwise."""
    if isinstance(first, dict) and isinstance(second, dict):
        return [each for key, value in first.items() for each in unlike(value, second.get(key), f"{at}/{key}")]
    if isinstance(first, list) and isinstance(second, list) and len(first) == len(second):
        pairs = enumerate(zip(first, second, strict=True))
        return [each for number, (one, other) in pairs for each in unlike(one, other, f"{at}/{number}")]
    return [] if first == second else [at]


@pytest.mark.parametrize(("board", "panel"), PANELS, ids=title)
def test_panels_do_not_overlap(board: str, panel: dict[str, Any]) -> None:
    mine = cells(panel)
    others = [each for each in BOARDS[board]["panels"] if each["id"] != panel["id"]]
    assert not any(mine & cells(each) for each in others)
    assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24


def cells(panel: dict[str, Any]) -> set[tuple[int, int]]:
    at = panel["gridPos"]
    return {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}


def raw_queries() -> list[str]:
    return [target["expr"] for _, panel in PANELS for target in panel["targets"]]


@pytest.mark.parametrize("query", sorted(set(raw_queries())))
def test_counters_are_read_as_rates(query: str) -> None:
    # A counter's own value says when the process started, nothing else.
    for name in re.findall(r"\b[a-z_]+_(?:total|bucket|count)\b", query):
        assert re.search(rf"(?:rate|increase)\({name}\b[^)]*\[(?:\$__rate_interval|\d+[mhd])\]", query), name
    assert not re.search(r"\brate\([^)]*\[\d", query), "a rate on a panel takes $__rate_interval"


def test_every_query_is_promql(tmp_path: Path) -> None:
    if shutil.which("promtool") is None:
        pytest.skip("promtool is missing: Debian package prometheus, or deploy/validate.sh")
    rules = [{"record": f"q{number}", "expr": query} for number, (_, query) in enumerate(dashboard_queries())]
    events = [each["expr"] for board in BOARDS.values() for each in board["annotations"]["list"]]
    rules += [{"record": f"e{number}", "expr": query} for number, query in enumerate(events)]
    path = tmp_path / "rules.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "q", "rules": rules}]}))
    checked = subprocess.run(["promtool", "check", "rules", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
