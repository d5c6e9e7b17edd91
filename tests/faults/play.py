"""One scenario in one mode on one cluster, judged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.kafka.options import Mode
from bench.cluster import Cluster, library
from tests.faults.scenarios import SCENARIOS
from tests.faults.stage import Scenario, Stage
from tests.support.disk import NoDiskError, small_disk
from tests.support.field import Field, Verdict
from tests.support.lab import open_lab
from tests.support.proxy import Proxy

_DRAIN_SECONDS = 120.0


@dataclass(frozen=True)
class Played:
    """What came of it; `problem` is empty when the promise was kept."""

    name: str
    mode: Mode
    seed: int
    crashes: int
    bound: int
    verdict: Verdict | None
    problem: str
    skipped: str = ""  # why it could not be played here


def played(name: str, mode: Mode, seed: int, kills: int) -> Played:
    """Play on a cluster that is made for it and thrown away."""
    scenario = SCENARIOS[name]
    try:
        with Proxy(seed) as relay, _cluster(scenario, relay if scenario.relay else None) as (cluster, disk):
            return play(name, mode, Act(cluster, seed, kills, relay, disk))
    except NoDiskError as reason:
        return Played(name, mode, seed, 0, 0, None, "", f"not played: {reason}")
    except RuntimeError as reason:  # the scenarios after it are worth playing all the same
        return Played(name, mode, seed, 0, 0, None, f"FAILED to be played: {reason}")


def _jars() -> Path:
    jars = library()
    if jars is None:
        raise RuntimeError("no real Kafka")
    return jars


@contextmanager
def _cluster(scenario: Scenario, relay: Proxy | None) -> Iterator[tuple[Cluster, Path | None]]:
    """A cluster and its disk; behind a relay its clients are sent there, whatever address they ask first."""
    extra = {"advertised.listeners": f"PLAINTEXT://127.0.0.1:{relay.port}"} if relay else {}
    cluster = Cluster(_jars(), scenario.brokers, extra)
    if relay:
        relay.target = cluster.ports[0]
    with ExitStack() as stack:
        stack.callback(cluster.throw_away)
        size = scenario.disk_mebibytes
        disk = stack.enter_context(small_disk(cluster.folder / "data1", size)) if size else None
        yield stack.enter_context(cluster), disk


@dataclass(frozen=True)
class Act:
    """Where and how a scenario is played."""

    cluster: Cluster
    seed: int
    kills: int
    relay: Proxy | None = None
    disk: Path | None = None


def play(name: str, mode: Mode, act: Act) -> Played:
    """Play on a given cluster, whose brokers all run again at the end."""
    field = Field(open_lab(act.cluster.bootstrap), mode, **SCENARIOS[name].field)
    choose = random.Random(f"{act.seed}{name}{mode}")
    try:
        return _judged(name, Stage(field, act.cluster, choose, act.kills, act.relay, act.disk), act.seed)
    finally:
        field.throw_away()


def _judged(name: str, stage: Stage, seed: int) -> Played:
    scenario, field = SCENARIOS[name], stage.field
    try:
        scenario.play(stage)
    except AssertionError as error:
        return Played(name, field.mode, seed, field.crashes, 0, None, str(error))
    drained = field.drain(_DRAIN_SECONDS)
    field.stop_all()
    verdict, bound = field.verdict(), field.duplicate_limit() if scenario.bounded else 10**9
    problem = "" if drained and verdict.good(field.mode, bound) else f"FAILED {verdict}"
    return Played(name, field.mode, seed, field.crashes, bound, verdict, problem)
