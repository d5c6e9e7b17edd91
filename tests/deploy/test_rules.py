"""Alert rules: the fourteen, each with a level, words, a test and an entry in the runbook; and the tools accept all."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.generate import HERE

ROOT = Path(__file__).parents[2]
HOME = HERE / "prometheus"
NAMES = [
    "WorkersGone", "PartitionsUnowned", "Behind", "Stuck", "MessagesWillExpire", "LatencyBudget", "CanaryLost",
    "DeadLetters", "CrashLoop", "AlertFlood", "RetractionBurst", "ListFrozen", "KeeperOrSnapshots", "CheckBroken",
]  # fmt: skip


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((HOME / "rules" / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def expected_to_fire() -> list[tuple[str, str]]:
    """Name and level of every alert that some test expects to fire."""
    files = [yaml.safe_load(path.read_text("utf-8")) for path in (HOME / "tests").glob("*.yml")]
    cases = [case for file in files for test in file["tests"] for case in test.get("alert_rule_test", [])]
    return [
        (case["alertname"], alert["exp_labels"]["severity"]) for case in cases for alert in case.get("exp_alerts", [])
    ]


def test_the_fourteen() -> None:
    assert sorted({rule["alert"] for rule in rules()}) == sorted(NAMES)


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: f"{rule['alert']} {rule['labels']['severity']}")
def test_rule(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"]["summary"].endswith((".", "rollback"))
    assert rule["annotations"]["runbook_url"] == f"docs/operate.md#{rule['alert'].lower()}"
    assert (rule["alert"], rule["labels"]["severity"]) in expected_to_fire()


@pytest.mark.parametrize("name", NAMES)
def test_runbook_entry(name: str) -> None:
    text = (ROOT / "docs" / "operate.md").read_text("utf-8")
    entry = re.search(rf"^### {name}\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)
    assert entry is not None
    for what in ("**Users feel**", "**Look**", "**Brake**", "**Wake**"):
        assert what in entry[1], what
    if name == "AlertFlood":
        assert "saring lists rollback" in entry[1]
        assert entry[1].index("**Brake**") < entry[1].index("**Look**")


COMMANDS = {
    "prometheus": ["promtool", "check", "config", "prometheus.yml"],
    "rules, lint": [
        "promtool",
        "check",
        "rules",
        "--lint=all",
        "--lint-fatal",
        "rules/alerts.yml",
        "rules/recording.yml",
    ],
    "unit tests": [
        "promtool",
        "test",
        "rules",
        *(f"tests/{path.name}" for path in sorted((HOME / "tests").glob("*.yml"))),
    ],
    "alertmanager": ["amtool", "check-config", "../alertmanager/alertmanager.yml"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_the_tools_accept_it(command: list[str]) -> None:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is missing: deploy/validate.sh fetches it")
    done = subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


ROUTES = [("page", "pager"), ("ticket", "tickets")]


@pytest.mark.parametrize(("severity", "receiver"), ROUTES)
def test_routes(severity: str, receiver: str) -> None:
    if shutil.which("amtool") is None:
        pytest.skip("amtool is missing: deploy/validate.sh fetches it")
    config = HERE / "alertmanager" / "alertmanager.yml"
    command = [
        "amtool",
        "config",
        "routes",
        "test",
        f"--config.file={config}",
        f"severity={severity}",
        "alertname=Behind",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == receiver
