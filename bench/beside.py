"""The scan role beside a busy retro, on a real Kafka: `python -m bench.beside [--turns 12] [--messages 100000]`.

Three kinds of turns come in an order that reads the same backwards, so that a machine that grows slower or faster
meanwhile burdens all alike: without retro, beside retro, and beside a *neighbour*, which uses as much CPU time and
writes as many records as retro did, and is not retro. Each turn drains the same number of messages and then measures
the delay of alerts. All the while hosts that were seen before enter a list every two seconds: in turns of every kind,
so that the worker swaps its lists as often. The worker has a core of its own; broker, load, reader, keeper and retro
share the rest, and retro gives way. What broker and caches write stays in memory: a disk that others use is not
measured.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from agents.kafka.connection import Connection
from agents.kafka.topics import TopicSpec, admin_client, configure, create
from bench.beside_stage import CORE, DELAYS, Stage, Turn, busy_elsewhere
from bench.cluster import Cluster, library
from bench.latency import PARTITIONS
from bench.neighbour import TOPIC

ORDER: Final = ("without", "retro", "neighbour", "neighbour", "retro", "without")
FIGURES: Final = ("messages_per_second", "cpu_us_per_message", *DELAYS, "worker_waits", "other_cores")
COMPARED: Final = (("retro", "without"), ("neighbour", "without"), ("retro", "neighbour"))
DRAWS: Final = 20_000
IN_MEMORY: Final = Path("/dev/shm")


def run(turns: int, messages: int, entries: int, seconds: float) -> list[Turn]:
    """What each turn measured; raises `RuntimeError` without a real Kafka."""
    jars = library()
    if jars is None:
        raise RuntimeError("measured on a real Kafka: install Java 17, and Maven once")
    if IN_MEMORY.is_dir():
        tempfile.tempdir = str(IN_MEMORY)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores - {CORE} or cores)
    found: list[Turn] = []
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-beside-") as name:
        stage = Stage(cluster.bootstrap, Path(name), messages, entries)
        stage.command("setup").wait()
        admin = admin_client(Connection(cluster.bootstrap))
        # Late alerts by the thousand are read on the way to the ones that are timed: that is the reader's share.
        configure(admin, "alerts", {"message.timestamp.type": "LogAppendTime"})
        create(admin, [TopicSpec(TOPIC, PARTITIONS, 1)])
        with stage.role("keeper"):
            stage.turn("", seconds, None)  # warms up the broker, and leaves what the first turn's entries meet
            for number in range(turns):
                kind = ORDER[number % len(ORDER)]
                with stage.role(kind) if kind != "without" else nullcontext() as other:
                    elsewhere, began = busy_elsewhere(), time.monotonic()
                    turn = stage.turn(kind, seconds, other)
                    foreign = (busy_elsewhere() - elsewhere) / (time.monotonic() - began)
                found.append({"kind": kind, "foreign_cores": round(foreign, 2), **turn})
                print(found[-1], file=sys.stderr, flush=True)
    return found


def summary(found: Sequence[Turn], most_foreign: float) -> dict[str, Any]:
    """Medians with their range by kind, and how the kinds differ; turns that other work disturbed are left out."""
    kept = [turn for turn in found if turn["foreign_cores"] <= most_foreign]
    values = {
        kind: {name: np.array([turn[name] for turn in kept if turn["kind"] == kind]) for name in FIGURES}
        for kind in dict.fromkeys(ORDER)
    }
    return {
        **{kind: {name: _spread(each) for name, each in figures.items()} for kind, figures in values.items()},
        **{
            f"{one} - {other}": {name: _difference(values[one][name], values[other][name]) for name in FIGURES[:-1]}
            for one, other in COMPARED
        },
        "turns left out": len(found) - len(kept),
    }


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    return {"turns": len(values)} | (
        {"median": round(float(np.median(values)), 2), "lowest": values.min(), "highest": values.max()}
        if len(values)
        else {}
    )


def _difference(one: NDArray[np.float64], other: NDArray[np.float64]) -> list[float]:
    """Of the medians, with the bounds of its 95 % interval: turns are drawn again, with replacement."""
    if not (len(one) and len(other)):
        return []
    draw = np.random.default_rng(1)
    again = [np.median(draw.choice(each, (DRAWS, len(each))), axis=1) for each in (one, other)]
    low, high = np.percentile(again[0] - again[1], (2.5, 97.5))
    return [round(float(each), 2) for each in (np.median(one) - np.median(other), low, high)]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.beside")
    parser.add_argument("--turns", type=int, default=12, help="a multiple of six balances all kinds; 0 only sums up")
    parser.add_argument("--messages", type=int, default=100_000, help="to drain in each turn")
    parser.add_argument("--entries", type=int, default=20_000, help="that arrive in each turn")
    parser.add_argument("--seconds", type=float, default=15.0, help="of measuring the delay in each turn")
    parser.add_argument("--foreign", type=float, default=0.3, help="cores that other work may have used in a turn")
    parser.add_argument("--log", type=Path, help="a file that turns are added to; those of earlier runs count too")
    chosen = parser.parse_args()
    found = run(chosen.turns, chosen.messages, chosen.entries, chosen.seconds) if chosen.turns else []
    if chosen.log:
        with chosen.log.open("a+") as file:
            file.writelines(f"{json.dumps(turn)}\n" for turn in found)
            file.seek(0)
            found = [json.loads(line) for line in file]
    print(json.dumps(summary(found, chosen.foreign), indent=1, default=float))


if __name__ == "__main__":
    main()
