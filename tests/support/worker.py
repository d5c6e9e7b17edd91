"""A worker with a trivial decision, run as a process of its own that tests may kill: `python -m tests.support.worker`.

A value that begins with a word does what the word says: `scam` makes an alert, `big` one that is too large, `bad` a
dead letter, `abort` ends the process at once, `spin` never ends, `slow` takes half a second, `fail` raises, `leak`
keeps 50 MB. All others are clean.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from aiokafka.consumer.group_coordinator import GroupCoordinator
from msgspec import Struct

from agents.kafka.app import create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.line import Work, attach
from agents.kafka.options import DeliveryOptions, Events
from agents.kafka.page import WorkerPage
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.run import run
from agents.kafka.values import Batch, Chunk, Outgoing
from stream.model import Record


class Setup(Struct, kw_only=True):
    """Everything a test chooses."""

    bootstrap: str
    group: str
    source: str
    alerts: str
    dead: str
    ledger: str
    options: dict[str, Any] = {}
    failpoint: str = ""  # where to be killed, `hang` or `block` before a publish, never `connect`, no `coordination`
    hang_seconds: float = 60.0
    probability: float = 0.02
    page: str = ""
    slot: int = 0
    fail_file: str = ""  # while it exists, judging fails
    instance: str = ""  # a static member id, to give it to two workers at once
    clock_jumps: bool = False  # wall clock that jumps by up to a day at every look
    file_bytes: int = -1  # a full disk: no file may grow beyond this
    log: str = "WARNING"


_kept: list[bytes] = []


def identity(record: Record) -> bytes:
    """The same for every repeat of the same record."""
    return f"{record.topic}-{record.partition}-{record.offset}".encode()


class Judge:
    """Turns chunks into alerts, dead letters and one ledger record each."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup

    def handle(self, chunks: Sequence[Chunk]) -> Batch:
        if self.setup.fail_file and Path(self.setup.fail_file).exists():
            return Batch(failures=sum(len(chunk.records) for chunk in chunks))
        outgoing = [each for chunk in chunks for record in chunk.records for each in self.judge(record)]
        return Batch([*outgoing, self.ledger(chunks, outgoing)])

    def poisoned(self, chunk: Chunk, deaths: int) -> Batch:
        record = chunk.records[0]
        dead = Outgoing(self.setup.dead, None, identity(record), (("deaths", str(deaths).encode()),))
        return Batch([dead, self.ledger([chunk], [dead])])

    def judge(self, record: Record) -> list[Outgoing]:
        value = record.value or b""
        word = value.split(b" ", 1)[0]
        if word == b"scam":
            return [Outgoing(self.setup.alerts, identity(record), identity(record))]
        if word == b"big":
            return [Outgoing(self.setup.alerts, identity(record), bytes(200_000))]
        if word == b"bad":
            return [Outgoing(self.setup.dead, None, identity(record))]
        act(word, value)
        return []

    def ledger(self, chunks: Sequence[Chunk], outgoing: Sequence[Outgoing]) -> Outgoing:
        topic, partition = chunks[0].source
        seen = sum(len(chunk.records) for chunk in chunks)
        dead = sum(each.topic == self.setup.dead for each in outgoing)
        entry = {
            "source": "test", "topic": topic, "partition": partition, "first": chunks[0].first, "last": chunks[-1].last,
            "seen": seen, "clean": seen - len(outgoing), "flagged": len(outgoing) - dead, "skipped": 0, "dead": dead,
            "offsets": {}, "kind": "live", "versions": {},
        }  # fmt: skip
        return Outgoing(self.setup.ledger, f"{topic}-{partition}".encode(), msgspec.json.encode(entry))

    def too_large(self, outgoing: Outgoing, limit: int) -> Outgoing | None:
        return Outgoing(self.setup.dead, None, outgoing.key, (("too-large", str(limit).encode()),))


def act(word: bytes, value: bytes) -> None:
    if word == b"abort":
        os.abort()
    if word == b"spin":
        while True:
            pass
    if word == b"slow":
        time.sleep(0.5)
    if word == b"leak":
        _kept.append(bytes(bytearray(b"x") * 50_000_000))
    if word == b"fail":
        raise ValueError(value)


def with_failpoints(publisher: Any, setup: Setup) -> Any:
    """Kills or holds up the process with some probability right before or right after a publish."""
    publish, choose = publisher.publish, random.Random()

    def chosen(name: str) -> bool:
        return name == setup.failpoint and choose.random() < setup.probability

    def fail(name: str) -> None:
        if chosen(name):
            os.kill(os.getpid(), signal.SIGKILL)

    async def publish_and_fail(outgoing: Sequence[Outgoing], chunks: Sequence[Chunk]) -> None:
        fail("before-publish")
        if chosen("hang"):
            await asyncio.sleep(setup.hang_seconds)
        if chosen("block"):
            time.sleep(setup.hang_seconds)  # noqa: ASYNC251  # the event loop stands still on purpose
        await publish(outgoing, chunks)
        fail("after-publish")

    async def never() -> None:
        await asyncio.Event().wait()

    publisher.publish = publish_and_fail
    if setup.failpoint == "connect":
        publisher.start = never
    return publisher


def make_trouble(setup: Setup) -> None:
    """What the surroundings of the process can do to it."""
    if setup.clock_jumps:
        real, choose = time.time, random.Random()
        time.time = lambda: real() + choose.uniform(-86_400, 86_400)
    if setup.failpoint == "coordination":  # as when a frozen broker thaws and lists no brokers
        GroupCoordinator.ensure_coordinator_known = _never_bootstrapped
    if setup.file_bytes >= 0:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (setup.file_bytes, setup.file_bytes))


async def _never_bootstrapped(_coordinator: Any) -> None:
    raise AssertionError("Did we not perform bootstrap?")


def _told() -> Events:
    """What delivery tells, in the log."""
    log = logging.getLogger("told")

    def line(what: str) -> Any:
        return lambda *about: log.warning("%s %s", what, about)

    return Events(on_expired=line("expired"), on_hole=line("hole"), on_gap=line("gap"), on_paused=line("paused"))


def main(setup: Setup) -> int:
    """Run until stopped; the exit code."""
    make_trouble(setup)
    logging.basicConfig(level=setup.log, format="%(asctime)s %(process)d %(name)s %(message)s")
    options, connection, judge = DeliveryOptions(**setup.options), Connection(setup.bootstrap), Judge(setup)
    app = create_faust_app(connection, setup.group, options, _told())
    if setup.instance:
        app.conf.consumer_group_instance_id = setup.instance
    outputs = [setup.alerts, setup.dead, setup.ledger]
    publisher = create_publisher(Writing(connection, setup.group, outputs, options, judge.too_large))
    work = Work(judge.handle, poisoned=judge.poisoned)
    line = attach(app, [setup.source], work, with_failpoints(publisher, setup), options)
    if setup.page:
        line.page = WorkerPage(Path(setup.page), setup.slot)
    return run(app, line, connection)


if __name__ == "__main__":
    sys.exit(main(msgspec.json.decode(sys.argv[1], type=Setup)))
