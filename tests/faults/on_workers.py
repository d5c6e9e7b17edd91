"""What is done to workers while messages flow: killed, stopped, frozen, thrown out."""

from __future__ import annotations

import signal
import time

from agents.kafka.exits import Exit
from tests.faults.stage import Stage, expect


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
    words = {0: b"slow", 1: b"scam", 21: b"scam"}  # several half seconds in one delivery, and what may get lost there
    field.lab.produce(field.source, (words.get(number % 500, b"ok") for number in range(8000)), field.partitions)
    field.start()
    for _ in range(3):
        time.sleep(1.0)
        field.start()


def stop_under_load(stage: Stage) -> None:
    field = stage.field
    with field.load(rate=20_000):
        for _ in range(4):
            done, worker = field.done(), field.start()
            expect(field.finished(done + 1000), "a beginning")
            time.sleep(stage.choose.uniform(0.5, 2.0))
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
