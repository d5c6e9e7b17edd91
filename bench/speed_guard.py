"""Whether the line has become slower: `python -m bench.speed_guard`, in seconds, on the demo's feed and without lists.

The figure is in turns of the calibration loop, so that it means the same on every machine; `--record` adds it to the
history, whose last line of the same form, native or not, is what later runs are held against.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

from agents.start import calm_collector
from bench import speed_core as core
from bench.speed_data import DEMO, Row, default_rules, read_records
from stream.lists.memory import NO_LISTS
from stream.native import is_there

HISTORY: Final = Path(__file__).parent / "history" / "speed.jsonl"
RUNS: Final = 7
MESSAGES: Final = 4_000
TOO_SLOW: Final = 1.6  # neighbours on a shared machine make a run slower by up to a half


def turns() -> float:
    """Calibration turns a message: the fastest of seven passes, each with empty caches."""
    feed = read_records(DEMO)
    records = [Row(feed[at % len(feed)].value, at) for at in range(MESSAGES)]
    calm_collector()
    before = core.calibration_seconds()
    microseconds = core.line(default_rules(), NO_LISTS, records, RUNS)
    return microseconds / 1e6 / min(before, core.calibration_seconds())


def recorded() -> float:
    """The figure to be held against: the last of the history in this form."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in HISTORY.read_text(encoding="utf-8").splitlines()]
    return float([line["turns"] for line in lines if line.get("native", False) == is_there()][-1])


def main(arguments: list[str]) -> int:
    """0 where the line is as fast as recorded, 1 where it is not; prints both figures."""
    now = turns()
    if "--record" in arguments:
        with HISTORY.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"turns": round(now), "native": is_there(), "note": " ".join(arguments[1:])}) + "\n")
    before = recorded()
    verdict = "too slow" if now > TOO_SLOW * before else "fine"
    print(f"{now:.0f} turns a message, {before:.0f} recorded, {now / before:.2f} of it: {verdict}")
    return int(verdict != "fine")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
