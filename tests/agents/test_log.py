"""Logs in a pipe: one JSON object a line, third parties from warnings on, errors with their trace inside the line."""

from __future__ import annotations

import json
import subprocess
import sys

SAY = """
import logging
from agents import log
from config.load import load
log.set_up(load(None, {}).settings.logs)
logging.getLogger("saring.keeper").info("feed %s: %d entries in force", "a", 3)
logging.getLogger("faust.app").info("not ours")
logging.getLogger("aiokafka").warning("theirs")
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("saring").exception("broken")
"""


def test_one_object_a_line() -> None:
    done = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    said = [(line["logger"], line["level"], line["event"]) for line in lines]
    assert said == [
        ("saring.keeper", "info", "feed a: 3 entries in force"), ("aiokafka", "warning", "theirs"),
        ("saring", "error", "broken"),
    ]  # fmt: skip
    assert "ZeroDivisionError" in lines[2]["exception"]
    assert all(line["timestamp"].endswith("Z") for line in lines)
    assert done.stdout == ""
