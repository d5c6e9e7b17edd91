"""The limits of looking back at their shipped values, on a real Kafka: `python -m tests.faults.look_back_limits`.

An entry that meets more than 200 users waits for a person, and then gives one alert, not one for each of 1,001 cases;
of exactly 1,000 cases each has its own. 201 retractions from one update wait for a person, 200 do not.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from bench.cluster import Cluster, library
from config.load import load
from tests.support.look_back import HARMLESS, Stage, at_work, made

KNOWN: Final = 3_000  # hosts on the list before: what is withdrawn must not look like a list that shrank
GATHERED_SECONDS: Final = 65.0  # the keeper looks at what was seen once a minute
WAIT_SECONDS: Final = 5.0  # long enough to see that something does not come


def play(stage: Stage) -> dict[str, Any]:
    """Each limit once, right at it and right above; seconds are from the change until the last alert can be read."""
    settings = load(None, stage.deployment.env).settings
    summary_above, hold_above = settings.retro.summary_above, settings.retro.hold_above
    stage.enlist("delisting", *(f"kedai-{number}.test" for number in range(KNOWN)))
    with at_work(stage, "keeper", "worker", "retro"):
        stage.deployment.until(lambda: bool(stage.deployment.read("saring.lists")), "a set of lists")
        return {
            "one entry above the limit": _summary(stage, summary_above + 1),
            "one entry at the limit": _each(stage, summary_above),
            "retractions at the limit": _withdrawn(stage, hold_above, waits=False),
            "retractions above the limit": _withdrawn(stage, hold_above + 1, waits=True),
        }


def _summary(stage: Stage, cases: int) -> dict[str, Any]:
    host = "ramai.test"
    stage.send(*(_message(host, number, f"pengguna{number}") for number in range(cases)))
    time.sleep(GATHERED_SECONDS)
    stage.enlist("delisting", host)

    def cut_out() -> bool:
        return host in stage.deployment.run("lists", "diff", "delisting").stdout.decode().replace("[.]", ".")

    stage.deployment.until(cut_out, "the entry that waits for a person")
    time.sleep(WAIT_SECONDS)
    early = len(stage.of_type("late", (host,)))
    since = time.monotonic()
    done = stage.deployment.run("lists", "approve", "delisting", host)
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    seconds = _until(stage, "late", 1, (host,), since)
    time.sleep(WAIT_SECONDS)
    said = stage.of_type("late", (host,))
    counts = [alert["late"]["occurrences"] for alert in said]
    return {"cases": cases, "alerts before approval": early, "alerts": len(said), "counts": counts, "seconds": seconds}


def _each(stage: Stage, cases: int) -> dict[str, Any]:
    """Few users, many addresses: nobody has to approve."""
    host = "sederhana.test"
    stage.send(*(_message(host, number, f"pengguna{number % 10}") for number in range(cases)))
    seconds = _until(stage, "late", cases, (host,), stage.enlist("delisting", host))
    return {"cases": cases, "alerts": len(stage.of_type("late", (host,))), "seconds": seconds}


def _withdrawn(stage: Stage, number: int, waits: bool) -> dict[str, Any]:
    hosts = tuple(f"gerai-{number}-{each}.test" for each in range(number))
    stage.send(*(_message(host, each, f"pengguna{each}") for each, host in enumerate(hosts)))
    _until(stage, "late", number, hosts, stage.enlist("delisting", *hosts))
    since = stage.delist("delisting", *hosts)
    early = 0
    if waits:
        time.sleep(2 * WAIT_SECONDS)
        early, since = len(stage.of_type("retracted", hosts)), time.monotonic()
        stage.deployment.run("lists", "approve", "delisting", "--retractions")
    seconds = _until(stage, "retracted", number, hosts, since)
    return {"alerts": number, "taken back before approval": early, "taken back": number, "seconds": seconds}


def _until(stage: Stage, kind: str, count: int, hosts: tuple[str, ...], since: float) -> float:
    stage.deployment.until(lambda: len(stage.of_type(kind, hosts)) >= count, f"{count} {kind}")
    return round(time.monotonic() - since, 1)


def _message(host: str, number: int, user: str) -> bytes:
    text = HARMLESS.format(host=host).replace("galeri", f"galeri/{number}")
    return json.dumps({"id": f"{host} {number}", "text": text, "user": user}).encode()


def main() -> int:
    """Play and print; 1 when a limit did not hold, 3 without a real Kafka."""
    jars = library()
    if jars is None:
        print("fault tests need a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-faults-") as folder:
        stage = made(cluster.bootstrap, Path(folder))
        stage.deployment.settings["SARING_PRIVACY__USER_KEY"] = "of this run alone"  # users are told apart by it
        found = play(stage)
    print(json.dumps(found, indent=1))
    above, at = found["one entry above the limit"], found["one entry at the limit"]
    told = not above["alerts before approval"] and above["counts"] == [above["cases"]] and at["alerts"] == at["cases"]
    return int(not told or bool(found["retractions above the limit"]["taken back before approval"]))


if __name__ == "__main__":
    sys.exit(main())
