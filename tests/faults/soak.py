"""Half load with kills; memory and files are watched: `python -m tests.faults.soak [--minutes N] [--rate N]`."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Sequence

import psutil

from bench.cluster import Cluster, library
from tests.support.field import Field
from tests.support.lab import open_lab

RATE = (
    20_000  # messages a second: about half of what a worker with the whole line passes on two cores with everything on
)
KILL_SECONDS = 60.0
LOOK_SECONDS = 5.0
WARM_SECONDS = 60.0
GROWTH = 0.10


def main(arguments: Sequence[str]) -> int:
    """Run, print a line a minute and the judgement; 1 if memory or files grew or a promise broke."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--mode", choices=("at_least_once", "exactly_once"), default="at_least_once")
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    chosen = parser.parse_args(arguments)
    jars = library()
    if jars is None:
        print("the soak needs a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    print(f"soak: {chosen.minutes:g} minutes, {chosen.mode}, seed {chosen.seed}", flush=True)
    extra = {"log.retention.bytes": "500000000", "log.segment.bytes": "50000000"}
    with Cluster(jars, extra=extra) as cluster:
        field = Field(open_lab(cluster.bootstrap), chosen.mode)
        return _soak(field, chosen.rate, chosen.minutes * 60, random.Random(chosen.seed))


def _soak(field: Field, rate: int, seconds: float, choose: random.Random) -> int:
    steady = field.start()  # never killed: its memory is what is watched
    looks: list[tuple[int, int, int]] = []
    began = time.monotonic()
    with field.load(rate, every=300):
        victim, kill_at, line_at = field.start(), KILL_SECONDS, 60.0
        while (passed := time.monotonic() - began) < seconds:
            time.sleep(LOOK_SECONDS)
            if passed > WARM_SECONDS:
                looks.append(_look(steady.pid))
            if passed > kill_at:
                field.kill(victim)
                victim, kill_at = field.start(), passed + choose.uniform(0.5, 1.5) * KILL_SECONDS
            if passed > line_at and looks:
                print(f"{passed / 60:5.1f} min: {looks[-1][0] >> 20} MiB, {looks[-1][1]} files, "
                      f"{looks[-1][2]} threads, lag {field.lag()}", flush=True)  # fmt: skip
                line_at += 60.0
    drained = field.drain(120)
    alive = steady.poll() is None
    field.stop_all()
    return _judge(looks, drained and alive)


def _look(pid: int) -> tuple[int, int, int]:
    process = psutil.Process(pid)
    return process.memory_info().rss, process.num_fds(), process.num_threads()


def _judge(looks: Sequence[tuple[int, int, int]], drained: bool) -> int:
    """The middle of the first quarter against the middle of the last."""
    quarter = max(1, len(looks) // 4)
    grown = []
    for index, name in enumerate(("memory", "files", "threads")):
        first = sorted(look[index] for look in looks[:quarter])[quarter // 2]
        last = sorted(look[index] for look in looks[-quarter:])[quarter // 2]
        print(f"{name}: {first} at the beginning, {last} at the end ({(last - first) / first:+.1%})")
        if last > first * (1 + GROWTH):
            grown.append(name)
    print(f"lag {'zero' if drained else 'NOT zero'}; {'grew: ' + ', '.join(grown) if grown else 'flat'}")
    return 0 if drained and not grown else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
