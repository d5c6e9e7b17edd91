"""Lists that reach one of two workers late, on a real Kafka: `python -m tests.faults.held_back [--rounds 10]`.

Hosts enter a list while one worker cannot put new lists in place, or is frozen (SIGSTOP) with messages in hand;
messages on these hosts go to both. In the end each has its alert, from the worker that had the entry, or late.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.cluster import Cluster, library
from stream.sighting import unpack
from tests.support.look_back import HARMLESS, Stage, Worker, at_work, made, message, two_workers

KNOWN: Final = 2_000  # hosts on the list before, so that some rounds add a delta and some a new base
FREEZE_SECONDS: Final = 4.0  # less than the session timeout: nobody takes its partition over


def play(stage: Stage, rounds: int, chance: random.Random) -> dict[str, Any]:
    """Rounds of both kinds in turn; what came of their messages."""
    stage.enlist("delisting", *(f"kedai-{number}.test" for number in range(KNOWN)))
    with at_work(stage, "keeper", "retro"):
        stage.deployment.until(lambda: bool(stage.deployment.read("saring.lists")), "a set of lists")
        with two_workers(stage) as workers:
            hosts = list[str]()
            for number in range(rounds):
                new = [f"gerai-{number}-{each}.test" for each in range(chance.choice((2, 10, 100)))]
                hosts += new
                (_frozen if number % 2 else _held)(stage, workers, new, chance)
                _wait(stage, new)
    return _judged(stage, hosts)


def _held(stage: Stage, workers: tuple[Worker, Worker], hosts: list[str], chance: random.Random) -> None:
    """One worker stays on its old lists while the other, and retro, have the new ones."""
    chosen, other = chance.sample(workers, 2)
    before = other.snapshot()
    with chosen.held_back():
        stage.enlist("delisting", *hosts)
        stage.deployment.until(lambda: other.snapshot() != before, "new lists at one worker")
        stage.send(*_of(hosts))
        _wait(stage, hosts)
    stage.deployment.until(lambda: chosen.snapshot() == other.snapshot(), "the same lists at both")


def _frozen(stage: Stage, workers: tuple[Worker, Worker], hosts: list[str], chance: random.Random) -> None:
    """One worker stands still, with what it has fetched, while the list changes; then both go on in a hurry."""
    chosen = chance.choice(workers)
    values = _of(hosts)
    stage.enlist("delisting", *hosts)
    time.sleep(chance.uniform(0.0, 2.0))
    stage.deployment.send(values[: len(values) // 2])
    chosen.signal(signal.SIGSTOP)
    stage.deployment.send(values[len(values) // 2 :])
    stage.sent += len(values)
    time.sleep(chance.uniform(1.0, FREEZE_SECONDS))
    chosen.signal(signal.SIGCONT)
    stage.send()


def _of(hosts: list[str]) -> list[bytes]:
    """A message for each partition and host."""
    return [message(f"{host} {each}", host, HARMLESS) for host in hosts for each in range(2)]


def _wait(stage: Stage, hosts: list[str]) -> None:
    def alerted() -> bool:
        return len({each["message"]["id"] for each in stage.alerts() if each["link"]["host"] in hosts}) == 2 * len(
            hosts
        )

    stage.deployment.until(alerted, "an alert for each message")


def _judged(stage: Stage, hosts: list[str]) -> dict[str, Any]:
    said = [alert for alert in stage.alerts() if alert["link"]["host"] in hosts]
    kinds = Counter(alert["type"] for alert in said)
    blocks = [block for record in stage.deployment.read("saring.links") if (block := unpack(record.value()))]
    unlisted = sum(
        row.count for block in blocks for row in block.rows()
        if row.tier != "automatic" and row.key.partition("/")[0] in hosts
    )  # fmt: skip
    return {
        "messages": 2 * len(hosts),
        "judged without the entry": unlisted,
        "late": kinds["late"],
        "flagged": kinds["flagged"],
        "without an alert": 2 * len(hosts) - len({alert["message"]["id"] for alert in said}),
        "alerted twice": len(said) - len({alert["case_id"] for alert in said}),
    }


def main() -> int:
    """Play and print; 1 when a message has no alert, or two, 3 without a real Kafka."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.held_back")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    chosen = parser.parse_args()
    jars = library()
    if jars is None:
        print("fault tests need a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-faults-") as folder:
        stage = made(cluster.bootstrap, Path(folder))
        found = play(stage, chosen.rounds, random.Random(chosen.seed)) | {"rounds": chosen.rounds, "seed": chosen.seed}
    print(json.dumps(found, indent=1))
    return int(bool(found["without an alert"] or found["alerted twice"]))


if __name__ == "__main__":
    sys.exit(main())
