"""Everything that we do to workers and brokers while messages flow. Each scenario ends with nothing left to read."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.kafka.exits import Exit
from bench.cluster import Cluster
from tests.support.field import Field
from tests.support.proxy import Proxy


@dataclass(frozen=True)
class Stage:
    """What a scenario plays on: the field, its cluster, a seeded choice, and how many kills are wanted."""

    field: Field
    cluster: Cluster
    choose: random.Random
    kills: int
    relay: Proxy | None = None

    def lose(self, share: float) -> None:
        if self.relay:
            self.relay.probability = share


@dataclass(frozen=True)
class Scenario:
    """A named way to break things. `quick` ones run in CI; `brokers` 3 needs a cluster of its own."""

    play: Callable[[Stage], None]
    quick: bool = False
    brokers: int = 1
    relay: bool = False  # between all clients and the broker
    field: Mapping[str, Any] = field(default_factory=dict)
    bounded: bool = True  # whether the stated bound on duplicates applies


def kill_at_random(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        for _ in range(stage.kills):
            worker = field.start() if len(field.workers) < 1 + stage.choose.randrange(3) else field.workers[0]
            time.sleep(stage.choose.uniform(0.3, 3.5))
            field.kill(worker)
            field.start()


def kill_at_failpoints(stage: Stage) -> None:
    """Right before and right after everything was written, when nothing or only the transaction is committed."""
    field = stage.field
    with field.load():
        for point in ("before-publish", "after-publish"):
            field.start(failpoint=point, probability=0.05)
        while field.crashes < stage.kills:
            field.revive(failpoint=stage.choose.choice(("before-publish", "after-publish")), probability=0.05)
            time.sleep(0.05)
    field.throw_away()
    field.workers.clear()
    field.start()


def kill_before_the_first_commit(stage: Stage) -> None:
    field = stage.field
    field.produce(20_000)
    for _ in range(min(stage.kills, 5)):
        worker = field.start()
        time.sleep(stage.choose.uniform(1.0, 2.2))
        field.kill(worker)
    field.start()


def joins_and_leaves(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        for _ in range(max(4, stage.kills // 3)):
            field.start()
            time.sleep(stage.choose.uniform(0.5, 3.0))
            field.stop(stage.choose.choice(field.workers))


def revoke_during_a_slow_chunk(stage: Stage) -> None:
    field = stage.field
    field.produce(8000, every=500, word="slow")  # several half seconds in one chunk
    field.start()
    for _ in range(3):
        time.sleep(1.0)
        field.start()


def stop_under_load(stage: Stage) -> None:
    field = stage.field
    with field.load(rate=20_000):
        for _ in range(4):
            worker = field.start()
            time.sleep(stage.choose.uniform(2.0, 4.0))
            began = time.monotonic()
            code = field.stop(worker)
            expect(code == Exit.OK and time.monotonic() - began < 5, f"an orderly stop, not {code}")
    field.start()


def stop_with_the_broker_away(stage: Stage) -> None:
    field = stage.field
    with field.load():
        worker = field.start()
        expect(field.finished(1000), "a beginning")
        stage.cluster.pause(1)
        time.sleep(1.0)
        began = time.monotonic()
        code = field.stop(worker, 60)
        took = time.monotonic() - began
        stage.cluster.resume(1)
    field.crashes += code != Exit.OK
    expect(took < 12, f"an end within the stop limit, not after {took:.0f} s")
    field.start()


def broker_killed(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        for _ in range(2):
            time.sleep(3)
            stage.cluster.kill(1)
            time.sleep(stage.choose.uniform(0.5, 5.0))
            stage.cluster.start(1)
            stage.cluster.wait()
            field.crashes += 1  # the group begins anew: what was not committed is repeated
            time.sleep(3)


def broker_frozen(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        time.sleep(4)
        stage.cluster.pause(1)
        time.sleep(stage.choose.uniform(12, 20))
        stage.cluster.resume(1)
        field.crashes += 1
        time.sleep(3)


def leader_killed(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        field.start()
        for _ in range(2):
            node = stage.choose.randrange(1, 4)
            time.sleep(3)
            stage.cluster.kill(node)
            time.sleep(6)
            stage.cluster.start(node)
            stage.cluster.wait()
            field.crashes += 1


def replicas_lost(stage: Stage) -> None:
    """Too few replicas in sync: nothing can be written, so nothing may be committed either."""
    field = stage.field
    with field.load():
        field.start()
        expect(field.finished(1000), "a beginning")
        nodes = stage.choose.sample((1, 2, 3), 2)
        for node in nodes:
            stage.cluster.kill(node)
        time.sleep(10)
        for node in nodes:
            stage.cluster.start(node)
        stage.cluster.wait()
        field.crashes += 2
        time.sleep(3)


def worker_frozen(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        field.start()
        for _ in range(max(2, stage.kills // 10)):
            worker = stage.choose.choice(field.workers)
            time.sleep(2)
            worker.send_signal(signal.SIGSTOP)
            field.crashes += 1
            time.sleep(9)  # longer than the session timeout
            worker.send_signal(signal.SIGCONT)
            time.sleep(2)
            field.revive()


def transactional_source(stage: Stage) -> None:
    """Markers leave holes in the offsets, and what was aborted was never sent."""
    field = stage.field
    field.start()
    for number in range(20):
        words = (b"scam" if index % 20 == 0 else b"ok" for index in range(500))
        field.lab.produce(field.source, words, field.partitions, f"{field.group}-{number}", number % 4 == 0)
        if number == 10:
            field.kill(field.workers[0])
            field.start()


def compacted_source(stage: Stage) -> None:
    """Holes of any size, wherever compaction left them."""
    field = stage.field
    field.lab.produce_keyed(field.source, 30_000, 50)
    time.sleep(8)
    field.start()
    expect(field.finished(100), "a beginning")
    field.kill(field.workers[0])
    field.start()


def poison_flood(stage: Stage) -> None:
    field = stage.field
    field.produce(30_000, every=1, word="bad")
    field.produce(5000)
    began = time.monotonic()
    field.start()
    expect(field.finished(30_000, 60), "the flood passed")
    expect(30_000 / (time.monotonic() - began) > 2000, "at least 2,000 dead letters a second")


def full_disk(stage: Stage) -> None:
    """A worker needs no disk: with one that is full it goes on."""
    field = stage.field
    field.produce(20_000)
    field.start(file_bytes=0)


def clock_jumps(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start(clock_jumps=True)
        field.start(clock_jumps=True)
        time.sleep(8)


def one_id_twice(stage: Stage) -> None:
    """Two workers with one static member id throw each other out; without that, nothing may be lost all the same."""
    field = stage.field
    with field.load(rate=500):
        field.start(instance="twin")
        field.start(instance="twin")
        time.sleep(12)
    field.throw_away()
    for worker in list(field.workers):
        field.ended(worker)
    field.start()


def lost_answers(stage: Stage) -> None:
    """The broker wrote it, and the connection broke before the answer."""
    field, relay = stage.field, stage.relay
    expect(relay is not None, "a relay")
    with field.load(rate=2000):
        field.start()
        expect(field.finished(1000), "a beginning")
        stage.lose(0.01)
        time.sleep(20)
        stage.lose(0.0)
    field.crashes += 1
    expect(relay is not None and relay.cuts > 10, "answers that were lost")


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(f"expected {what}")


SCENARIOS: Mapping[str, Scenario] = {
    "kill-at-random": Scenario(kill_at_random, quick=True),
    "kill-at-failpoints": Scenario(kill_at_failpoints, quick=True),
    "kill-before-the-first-commit": Scenario(kill_before_the_first_commit),
    "joins-and-leaves": Scenario(joins_and_leaves, quick=True, field={"partitions": 12}),
    "revoke-during-a-slow-chunk": Scenario(revoke_during_a_slow_chunk),
    "stop-under-load": Scenario(stop_under_load, quick=True),
    "stop-with-the-broker-away": Scenario(stop_with_the_broker_away, field={"options": {"stop_limit_seconds": 8.0}}),
    "broker-killed": Scenario(broker_killed, quick=True),
    "broker-frozen": Scenario(broker_frozen),
    "leader-killed": Scenario(leader_killed, brokers=3, field={"replication": 3}),
    "replicas-lost": Scenario(replicas_lost, brokers=3, field={"replication": 3}),
    "worker-frozen": Scenario(worker_frozen),
    "transactional-source": Scenario(transactional_source, quick=True),
    "compacted-source": Scenario(
        compacted_source,
        field={
            "source_config": {
                "cleanup_policy": "compact",
                "segment_ms": "1000",
                "min_cleanable_dirty_ratio": "0.01",
                "max_compaction_lag_ms": "1000",
            }
        },
    ),
    "poison-flood": Scenario(poison_flood),
    "full-disk": Scenario(full_disk),
    "clock-jumps": Scenario(clock_jumps),
    "one-id-twice": Scenario(one_id_twice, bounded=False),
    "lost-answers": Scenario(lost_answers, relay=True),
}
