"""The demo, unattended, on the embedded broker: sums agree, alerts are valid, nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import jsonschema
import psutil
import pytest

from agents.kafka.embedded import unavailable

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is one"),
]
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "alert-v1.json").read_text("utf-8"))
DEMO = [sys.executable, "-m", "agents", "demo"]


def test_demo_runs_unattended_and_its_sums_agree() -> None:
    result = subprocess.run([*DEMO, "--duration", "15", "--json"], capture_output=True, timeout=100, check=False)
    assert result.returncode == 0, result.stderr.decode()
    *alerts, summary = map(json.loads, result.stdout.splitlines())
    assert summary["produced"] == summary["ledger"] == sum(summary["outcomes"].values()) > 1000
    assert summary["outcomes"]["dead"] == summary["dead_letters"] > 0
    assert len(alerts) == sum(summary["alerts"].values()) > 10
    assert summary["planted"]["caught"] > summary["planted"]["scams"] / 2
    assert summary["first_alert_seconds"] < 60
    assert {"late", "retracted", "campaign"} <= {alert["type"] for alert in alerts}
    assert summary["told_of_missed"]
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for alert in alerts:
        validator.validate(alert)


def test_a_file_is_played_to_its_end(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    feed.write_bytes(b"".join(json.dumps({"id": str(n), "text": f"hai {n}"}).encode() + b"\n" for n in range(5000)))
    command = [*DEMO, "--feed", str(feed), "--json"]
    result = subprocess.run(command, capture_output=True, timeout=100, check=False)
    summary = json.loads(result.stdout.splitlines()[-1])
    assert (summary["produced"], summary["ledger"], summary["outcomes"]["clean"]) == (5000, 5000, 5000)


@pytest.mark.parametrize("when", [2.0, 6.0])
def test_ctrl_c_ends_cleanly(when: float) -> None:
    demo = subprocess.Popen([*DEMO, "--duration", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(when)
    children = psutil.Process(demo.pid).children(recursive=True)
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=60)
    early = () if when > 2 else (-signal.SIGINT,)  # on a crowded machine Python itself may not be up by then
    assert demo.returncode in (0, 130, *early), err.decode()
    assert b"Traceback" not in out + err
    assert not [child for child in children if child.is_running()]


def test_a_missing_feed_is_one_line_and_exit_2() -> None:
    environment = os.environ | {"TERM": "dumb"}
    result = subprocess.run([*DEMO, "--feed", "/nowhere.jsonl"], capture_output=True, env=environment, check=False)
    assert result.returncode == 2
    assert b"no such file" in result.stderr
