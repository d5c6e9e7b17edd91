"""Kills of retro and campaigns at random, on a real Kafka: `python -m tests.faults.look_back [--kills 20] [--seed N]`.

Hosts enter a list, some leave it again, campaigns spread; the two roles are killed (-9) over and over.
In the end every late alert and every retraction is there, each case under one id, and nothing is left unread.
With `--delays N` nobody is killed: seconds from a changed list or a word to the alerts that a reader sees, N times.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from bench.cluster import Cluster, library
from tests.support.look_back import SCAM, SPREADING, Stage, at_work, begun, lag, made, message

ROLES: Final = ("retro", "campaigns")
EACH: Final = 10  # hosts that are listed in a round
LISTED_SECONDS: Final = 6.0  # a list is read every second, then built and published
CAMPAIGN: Final = 5  # users


def play(stage: Stage, kills: int, chance: random.Random) -> dict[str, Any]:
    """Rounds until there were so many kills; what came of them."""
    listed, gone, spread = list[str](), list[str](), list[str]()
    for role in ROLES:
        begun(stage, role)
    with at_work(stage, "keeper", "worker"):
        for number in range(kills):
            new = [f"gerai-{number}-{each}.test" for each in range(EACH)]
            spread.append(f"lembah-{number}.test")
            users = [message(f"c{number}-{each}", spread[-1], SPREADING) for each in range(CAMPAIGN)]
            stage.send(*(message(host, host) for host in new), *users)
            with stage.deployment.role(chance.choice(ROLES)) as process:
                stage.enlist("delisting", *new)
                time.sleep(chance.uniform(1.0, 8.0))
                process.kill()
                process.wait()
            listed += new
            with at_work(stage, *ROLES):
                _wait(stage, "late", listed)
                gone += new[: EACH // 2]
                stage.delist("delisting", *new[: EACH // 2])
                time.sleep(chance.uniform(0.0, LISTED_SECONDS))
                _kill_one(stage, chance)
        with at_work(stage, *ROLES):
            _wait(stage, "retracted", gone)
            stage.deployment.until(lambda: lag(stage, *ROLES) == 0, "nothing unread")
    return _judged(stage, (listed, gone, spread))


def _wait(stage: Stage, kind: str, hosts: list[str]) -> None:
    stage.deployment.until(lambda: len(_cases(stage, kind, hosts)) == len(hosts), f"{len(hosts)} {kind}")


def _kill_one(stage: Stage, chance: random.Random) -> None:
    """One of the two roles, which were started last, dies; the other is stopped in order by whoever started it."""
    process = chance.choice(stage.deployment.roles[-len(ROLES) :])
    process.kill()
    process.wait()


def delays(stage: Stage, rounds: int) -> dict[str, Any]:
    """The longest waits, a list being read every second: for late alerts, retractions, and retractions by a word."""
    waits: dict[str, list[float]] = {"late": [], "retracted": [], "retracted by a word": []}
    with at_work(stage, "keeper", "worker", *ROLES):
        for number in range(rounds):
            hosts = [f"gerai-{number}-{each}.test" for each in range(EACH)]
            stage.send(*(message(host, host) for host in hosts))
            waits["late"].append(_seconds(stage, "late", hosts, stage.enlist("delisting", *hosts)))
            gone = hosts[: EACH // 2]
            waits["retracted"].append(_seconds(stage, "retracted", gone, stage.delist("delisting", *gone)))
            host = f"maybank2u-sahkan-{number}.test"
            stage.send(message(host, host, SCAM))
            _wait(stage, "flagged", [host])
            [case] = _cases(stage, "flagged", [host])
            stage.says(case, "false")
            waits["retracted by a word"].append(_seconds(stage, "retracted", [host], time.monotonic()))
    return {
        kind: {"longest": round(max(each), 1), "all": [round(one, 1) for one in each]} for kind, each in waits.items()
    }


def _seconds(stage: Stage, kind: str, hosts: list[str], since: float) -> float:
    _wait(stage, kind, hosts)
    return time.monotonic() - since


def _cases(stage: Stage, kind: str, hosts: list[str]) -> set[str]:
    return {alert["case_id"] for alert in stage.of_type(kind, hosts)}


def _judged(stage: Stage, planted: tuple[list[str], list[str], list[str]]) -> dict[str, Any]:
    listed, gone, spread = planted
    said = stage.alerts()
    by_case = Counter((kind, case) for kind, case, _ in {(a["type"], a["case_id"], a["id"]) for a in said})
    doubled = [case for (kind, case), ids in by_case.items() if ids > 1 and kind != "campaign"]
    once = {alert["id"]: alert["type"] for alert in said}
    told = {alert["link"]["host"] for alert in said if alert["type"] == "campaign"}
    return {
        "listed": len(listed),
        "late": len(_cases(stage, "late", listed)),
        "withdrawn": len(gone),
        "retracted": len(_cases(stage, "retracted", gone)),
        "retracted though listed": len(_cases(stage, "retracted", sorted({*listed} - {*gone}))),
        "cases with two ids": len(doubled),
        "records repeated under their id": dict(Counter(a["type"] for a in said) - Counter(once.values())),
        "campaigns": len(spread),
        "campaigns told": len(told & set(spread)),
        "harmless hosts told as campaigns": len(told - set(spread)),
    }


def main() -> int:
    """Play and print; 1 when something is missing or doubled, 3 without a real Kafka."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.look_back")
    parser.add_argument("--kills", type=int, default=20, help="rounds, with two kills each")
    parser.add_argument("--delays", type=int, default=0, help="measure instead of killing")
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    chosen = parser.parse_args()
    jars = library()
    if jars is None:
        print("fault tests need a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-faults-") as folder:
        stage = made(cluster.bootstrap, Path(folder))
        if chosen.delays:
            print(json.dumps(delays(stage, chosen.delays), indent=1))
            return 0
        found = play(stage, chosen.kills, random.Random(chosen.seed)) | {"seed": chosen.seed, "kills": 2 * chosen.kills}
    print(json.dumps(found, indent=1))
    complete = found["late"] == found["listed"] and found["retracted"] == found["withdrawn"]
    wrong = ("cases with two ids", "records repeated under their id", "retracted though listed")
    return 0 if complete and not any(found[each] for each in wrong) else 1


if __name__ == "__main__":
    sys.exit(main())
