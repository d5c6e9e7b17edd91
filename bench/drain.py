"""One process that drains a preloaded topic and says how fast: `python -m bench.drain '{"kind": "no-op", …}'`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import faust
import msgspec
from msgspec import Struct

from agents.kafka.app import create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.line import Work, attach
from agents.kafka.options import DeliveryOptions, Mode
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.run import run_app
from agents.kafka.values import Batch, Chunk, Outgoing, size
from bench.peak import peak_megabytes


class Task(Struct):
    """What to drain and how."""

    kind: str  # no-op, trivial, stock or saring
    bootstrap: str
    group: str
    source: str
    alerts: str
    messages: int
    mode: Mode = "at_least_once"


class Event(Struct):
    """What the trivial decision looks at."""

    text: str
    scam: bool = False


class Clock:
    """Counts messages from the first to the last; then prints the figures and ends the process."""

    def __init__(self, messages: int) -> None:
        self.messages, self.seen, self.began, self.cpu = messages, 0, 0.0, 0.0

    def count(self, messages: int) -> None:
        if not self.began:
            self.began, self.cpu = time.perf_counter(), time.process_time()
        self.seen += messages
        if self.seen >= self.messages:
            seconds, cpu = time.perf_counter() - self.began, time.process_time() - self.cpu
            figures = {"messages": self.seen, "seconds": seconds, "cpu_seconds": cpu, "megabytes": peak_megabytes()}
            print(json.dumps(figures), flush=True)
            os._exit(0)


_decode = msgspec.json.Decoder(Event).decode


def no_op(chunks: Sequence[Chunk]) -> Batch:
    """Nothing at all: the price of delivery alone."""
    return Batch()


def trivial(alerts: str) -> Callable[[Sequence[Chunk]], Batch]:
    """Decode every message and alert on those that say so."""

    def handle(chunks: Sequence[Chunk]) -> Batch:
        found = [record for chunk in chunks for record in chunk.records if _decode(record.value or b"").scam]
        return Batch([Outgoing(alerts, b"%d" % record.offset, record.value) for record in found])

    return handle


async def drain(task: Task) -> None:
    """Our transport; ends the process when all messages are through."""
    options, connection, clock = DeliveryOptions(mode=task.mode), Connection(task.bootstrap), Clock(task.messages)
    app = create_faust_app(connection, task.group, options)
    handle = no_op if task.kind == "no-op" else trivial(task.alerts)
    publisher = create_publisher(Writing(connection, task.group, [task.alerts], options))
    work = Work(handle, lambda note, chunks: clock.count(size(chunks)))
    await run_app(app, attach(app, [task.source], work, publisher, options), connection)


async def drain_whole(task: Task) -> None:
    """The scan role with everything on, over the large list; ends the process when all messages are through."""
    from agents import connect, metrics, scan
    from agents.app import OUTPUTS
    from agents.meter import Meter
    from agents.start import calm_collector
    from bench.speed_data import read_lists
    from config.load import load
    from config.rules import rules_from
    from stream.pipeline import scanner
    from stream.sightings import opener

    settings = load(environment={"SARING_KAFKA__BOOTSTRAP_SERVERS": task.bootstrap}).settings
    rules, lists, clock = rules_from(settings), read_lists(), Clock(task.messages)
    options, connection, topics = connect.delivery(settings), Connection(task.bootstrap), connect.topics(settings)
    app = create_faust_app(connection, task.group, options)
    judge = scanner(rules, lists)
    desk = scan.Desk(
        lambda: judge,
        rules,
        topics,
        Meter(metrics.create(), rules),
        opener(rules),
        lambda: lists.sequence,
    )
    publisher = create_publisher(Writing(connection, task.group, tuple(topics[kind] for kind in OUTPUTS), options))
    work = scan.work(desk)

    def done(note: object, chunks: Sequence[Chunk]) -> None:
        work.done(note, chunks)
        clock.count(size(chunks))

    calm_collector()
    whole = Work(work.handle, done, work.poisoned)
    await run_app(app, attach(app, [task.source], whole, publisher, options), connection)


async def drain_stock(task: Task) -> None:
    """Faust as it comes, one message at a time."""
    settings: dict[str, Any] = {"store": "memory://", "topic_disable_leader": True, "topic_allow_declare": False}
    app = faust.App(task.group, broker=f"kafka://{task.bootstrap}", web_enabled=False, **settings)
    app._create_directories = lambda: None
    clock = Clock(task.messages)
    source = app.topic(task.source, key_type=bytes, value_type=bytes, value_serializer="raw", key_serializer="raw")

    async def agent(stream: Any) -> None:
        async for _ in stream:
            clock.count(1)

    app.agent(source, name="stock")(agent)
    await app.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    chosen = msgspec.json.decode(sys.argv[1], type=Task)
    with contextlib.suppress(KeyboardInterrupt):
        kinds = {"stock": drain_stock, "saring": drain_whole}
        asyncio.run(kinds.get(chosen.kind, drain)(chosen))
