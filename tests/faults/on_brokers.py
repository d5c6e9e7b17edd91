"""What is done to brokers and to the connections with them while messages flow."""

from __future__ import annotations

import time

from tests.faults.stage import Stage, expect
from tests.support.disk import fill


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


def broker_restarted(stage: Stage) -> None:
    """As an upgrade does it: in order, and twice."""
    field = stage.field
    with field.load():
        field.start()
        for _ in range(2):
            time.sleep(3)
            stage.cluster.stop(1)
            stage.cluster.start(1)
            stage.cluster.wait()
            field.crashes += 1  # the group begins anew: what was not committed is repeated


def brokers_restarted_in_turn(stage: Stage) -> None:
    field = stage.field
    with field.load():
        field.start()
        field.start()
        for node in (1, 2, 3):
            time.sleep(2)
            stage.cluster.stop(node)
            stage.cluster.start(node)
            stage.cluster.wait()
            field.crashes += 1


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


def broker_disk_full(stage: Stage) -> None:
    """A broker that cannot write ends itself; until there is room again and somebody starts it, nothing goes on."""
    field, disk = stage.field, stage.disk
    if disk is None:
        raise AssertionError("expected a disk of its own")
    with field.load():
        field.start()
        expect(field.finished(1000), "a beginning")
        for _ in range(2):
            ballast = fill(disk)
            expect(stage.cluster.ended(1, 60), "the end of a broker without room")
            time.sleep(stage.choose.uniform(0.5, 5.0))
            ballast.unlink()
            stage.cluster.start(1)
            stage.cluster.wait()
            field.crashes += 1  # the group begins anew: what was not committed is repeated
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


def late_acknowledgements(stage: Stage) -> None:
    """Answers come in any order over the partitions, and the process dies in the middle of it."""
    field, late = stage.field, {"failpoint": "hang", "probability": 0.3, "hang_seconds": 0.3}
    with field.load():
        for _ in range(3):
            worker = field.start(**late)
            time.sleep(stage.choose.uniform(3.0, 4.0))
            field.kill(worker)
    field.start()


def network_parted(stage: Stage) -> None:
    """Connections stay open and nothing comes through, for longer than the session; what was written arrives late."""
    field, relay = stage.field, stage.relay
    with field.load(rate=2000):
        field.start()
        expect(field.finished(1000), "a beginning")
        for _ in range(2):
            if relay:
                relay.open.clear()
            time.sleep(stage.choose.uniform(9, 15))
            if relay:
                relay.open.set()
            field.crashes += 1
            time.sleep(5)
            field.revive()


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
