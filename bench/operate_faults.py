"""`make operate-faults`: real roles under load, a real Prometheus, one fault after the other; was every rule true?

`--quiet SECONDS` watches the healthy system instead: no rule may be pending or fire.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from confluent_kafka import KafkaException

from bench.cluster import Cluster, library
from bench.operate_plays import PLAYS, hold, release
from bench.operate_stage import PROMETHEUS, ROLES, ROOT, Stage, until
from bench.operate_views import dashboard_queries, unknown_names

LOAD = 200  # messages a second
SCAM = "Maybank: akaun anda digantung. Sahkan dalam 24 jam di hxxps://maybank2u-sahkan[.]example/login"
SETTLED_SECONDS = 120.0


def rules() -> dict[str, str]:
    """The alert rules by name and labels, with their expressions."""
    groups = yaml.safe_load((PROMETHEUS / "rules" / "alerts.yml").read_text("utf-8"))["groups"]
    found = [rule for group in groups for rule in group["rules"]]
    return {f"{rule['alert']} {' '.join(sorted(rule['labels'].values()))}": rule["expr"] for rule in found}


@dataclass
class Watch:
    """Asks every rule's expression once a second, and notes in which play it was first true; likewise the dashboards'
    queries, until each had data.
    """

    stage: Stage
    play: str = "healthy"
    seen: dict[str, str] = field(default_factory=dict)
    empty: dict[str, str] = field(default_factory=dict)
    ended: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until ended."""
        self.empty = {query: title for title, query in dashboard_queries()}
        while not self.ended.wait(1.0):
            for name, expression in rules().items():
                if name not in self.seen and self._answers(expression):
                    self.seen[name] = self.play
                    print(f"    {name}: true in {self.play}", flush=True)
            self.empty = {query: title for query, title in self.empty.items() if not self._answers(query)}

    def _answers(self, expression: str) -> bool:
        try:
            return bool(self.stage.query(expression))
        except OSError:
            return False


def load(stage: Stage, ended: threading.Event) -> None:
    """Chat for ever, with a scam now and then; both feeds change while their files are not held."""
    number = 0
    while not ended.wait(0.1):
        texts = [f"jumpa esok di kedai {number} {each}, bawa www.kedai{each}.example" for each in range(LOAD // 10)]
        number += 1
        if number % 300 == 0:  # fewer than would ever be a flood
            texts.append(SCAM)
        try:
            stage.send(texts)
        except (BufferError, KafkaException):  # the broker stands still, or the topic is gone for a moment
            ended.wait(1.0)
        if number % 150 == 0:
            change(stage, number)


def change(stage: Stage, number: int) -> None:
    """One more host in each feed that may move."""
    for path in (stage.moving, stage.still):
        if not path.with_suffix(".held").exists():
            path.write_text(path.read_text() + f"new-{number}.example\n")


def begin(stage: Stage) -> None:
    """Topics, Prometheus, every role that this version has, and all of them ready."""
    stage.saring("setup")
    stage.start_prometheus()
    for role in ROLES:
        if (ROOT / "agents" / "cli" / f"{role.split('-')[0]}.py").exists():
            stage.start(role)
    for role in stage.running:
        if role != "prometheus":
            took = until(lambda role=role: stage.page(role, "/readyz") == 200, role, SETTLED_SECONDS)  # type: ignore[misc]
            print(f"  {role} ready after {took:.1f} s", flush=True)


def settle(stage: Stage) -> None:
    """Wait until everybody reads and nothing is true any more that the start caused."""
    lag = "max(saring_group_lag_seconds) < 5 and sum(saring_group_unowned_partitions) == 0"
    took = until(lambda: bool(stage.query(lag)), "no lag", SETTLED_SECONDS)
    print(f"  settled after {took:.1f} s", flush=True)


def quiet(stage: Stage, seconds: float) -> int:
    """Watch the alerts; how many fired. What is only pending, such as workers that swap lists, wakes nobody."""
    end, found = time.monotonic() + seconds, {"firing": set[str](), "pending": set[str]()}
    while time.monotonic() < end:
        for alert in stage.firing():
            found[alert["state"]].add(" ".join(value for _, value in sorted(alert["labels"].items())))
        time.sleep(2)
    print(
        f"quiet for {seconds:.0f} s: fired {found['firing'] or 'none'}; "
        f"pending for a while {found['pending'] or 'none'}"
    )
    return len(found["firing"])


def faults(stage: Stage, plays: Sequence[str]) -> int:
    """Run the plays; how many rules were never true or true without a fault, and dashboard queries without data."""
    watch = Watch(stage)
    thread = threading.Thread(target=watch.run, daemon=True)
    for path in (stage.moving, stage.still):  # workers that swap lists differ for a moment
        hold(path)
    time.sleep(10)
    thread.start()
    time.sleep(20)
    early = dict(watch.seen)
    for path in (stage.moving, stage.still):
        release(path)
    for name in plays:
        print(f"  {name}", flush=True)
        watch.play = name
        _play(PLAYS[name], stage, name)
    time.sleep(5)
    watch.ended.set()
    thread.join()
    never = sorted(set(rules()) - set(watch.seen))
    print(f"{len(rules()) - len(never)} of {len(rules())} rules were true under their fault; never: {never or 'none'}")
    print(f"true while healthy: {early or 'none'}")
    return len(never) + len(early) + views(stage, watch.empty)


def _play(play: Callable[[Stage], None], stage: Stage, name: str) -> None:
    try:
        play(stage)
    except (TimeoutError, RuntimeError) as error:
        print(f"    {name}: {error}", flush=True)


def views(stage: Stage, empty: Mapping[str, str]) -> int:
    """Say which dashboard queries never had data and which names were never seen; how many those are."""
    unknown = unknown_names(stage)
    print(f"dashboard queries without data: {len(empty)} of {len(dashboard_queries())}")
    print("".join(f"    {title}: {query}\n" for query, title in empty.items()), end="")
    print(f"metrics used that do not exist: {unknown or 'none'}")
    return len(empty) + len(unknown)


def main() -> int:
    """Everything, on a cluster of one broker that is thrown away."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=float, default=0.0, help="only watch the healthy system for so many seconds")
    parser.add_argument(
        "--only",
        nargs="*",
        choices=PLAYS,
        default=list(PLAYS),
        help="only these faults; what others would show counts as never seen",
    )
    parser.add_argument("--keep", type=Path, help="leave every file and log in this folder")
    arguments = parser.parse_args()
    seconds = arguments.quiet
    jars = library()
    if jars is None:
        print("needs Java 17, and Maven once")
        return 2
    ended = threading.Event()
    with tempfile.TemporaryDirectory(prefix="saring-operate-") as name, Cluster(jars) as cluster:
        folder = arguments.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        stage = Stage(cluster, folder)
        loader = threading.Thread(target=load, args=(stage, ended), daemon=True)
        try:
            begin(stage)
            loader.start()
            settle(stage)
            return int(bool(quiet(stage, seconds) if seconds else faults(stage, arguments.only)))
        finally:
            ended.set()
            stage.stop()


if __name__ == "__main__":
    sys.exit(main())
