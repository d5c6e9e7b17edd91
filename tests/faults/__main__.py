"""All fault scenarios in both modes, as a table: `python -m tests.faults [--kills 50] [--seed N] [--only NAME …]`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence

from agents.kafka.options import Mode
from bench.cluster import library
from tests.faults.play import Played, played
from tests.faults.scenarios import SCENARIOS

_HEAD = ("scenario", "mode", "seed", "alerts", "crashes", "lost", "doubles", "bound", "s", "exits", "result")
_ROW = "{:<29} {:<13} {:>6} {:>8} {:>7} {:>5} {:>8} {:>8} {:>5}  {:<34} {}"
MODES: tuple[Mode, ...] = ("at_least_once", "exactly_once")


def main(arguments: Sequence[str]) -> int:
    """Play everything that was asked for; 1 if anything failed, 3 without a real Kafka."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults")
    parser.add_argument("--kills", type=int, default=50, help="in the kill scenarios, for each mode")
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    parser.add_argument("--mode", choices=MODES, action="append")
    parser.add_argument("--only", choices=sorted(SCENARIOS), nargs="+", default=list(SCENARIOS))
    chosen = parser.parse_args(arguments)
    if library() is None:
        print("fault tests need a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    print(_ROW.format(*_HEAD), flush=True)
    rows = []
    for name in chosen.only:
        for mode in chosen.mode or MODES:
            began = time.monotonic()
            row = played(name, mode, chosen.seed, chosen.kills)
            rows.append(row)
            _show(row, time.monotonic() - began)
    failed = [row for row in rows if row.problem]
    skipped = sum(bool(row.skipped) for row in rows)
    print(f"{len(rows)} runs, {sum(row.crashes for row in rows)} crashes, {len(failed)} failed, {skipped} not played")
    return 1 if failed else 0


def _show(row: Played, seconds: float) -> None:
    verdict, exits = row.verdict, ""
    if verdict:
        exits = " ".join(f"{name} {count}" for name, count in sorted(verdict.exits.items()))
    counts = (verdict.alerts, row.crashes, verdict.lost, verdict.duplicates) if verdict else ("", row.crashes, "", "")
    print(
        _ROW.format(
            row.name,
            row.mode,
            row.seed,
            *counts,
            row.bound,
            f"{seconds:.0f}",
            exits,
            row.skipped or row.problem or "ok",
        ),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
