"""Where the parts of a role are joined: settings in, a Faust app with its line, metrics and pages out."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from agents import connect, metrics, scan
from agents.kafka.app import App, create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.line import Line, attach
from agents.kafka.options import Events
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.taken import Taken
from agents.kafka.values import Outgoing, Partition
from agents.lists_client import ListsClient
from agents.meter import Meter
from agents.start import calm_collector, verify
from config.rules import rules_from
from config.settings import Settings
from stream import native, pipeline
from stream.mapping import SourceSpec
from stream.model import Lists
from stream.rules import Rules
from stream.sightings import opener

OUTPUTS = ("alerts", "review", "dead", "shadow", "ledger", "links")
BRAKES_SECONDS = 1.0  # how late a switched-off check may still judge, after the worker has read of it
# Judged before anything is read: the first link builds tables that its reader would wait a tenth of a second for.
WARM = Taken("", 0, 0, 0, 0, None, b'{"text":"your account is suspended, verify at https://warm.example/login"}')
HEAD_BYTES = 500  # of a dead letter that its own topic cannot take whole


@dataclass(frozen=True, slots=True)
class ScanApp:
    """A scan worker, not started: what runs it and what reports on it."""

    app: App
    line: Line
    lists: ListsClient
    connection: Connection
    metrics: metrics.Metrics
    settings: Settings

    async def prepare(self) -> None:
        """Before the first chunk: refuse to start where the topics do not allow it, and read the lists to their end."""
        self.metrics.setup_difference.set(await asyncio.to_thread(verify, self.settings, self.connection))
        await self.lists.start()
        calm_collector()

    def unready(self) -> str:
        """Why no work can be done now; empty when it can."""
        return self.line.unready() if self.lists.ready else "the lists are not loaded yet"


def create_app(settings: Settings) -> ScanApp:
    """A worker of the scan role; nothing connects before it runs."""
    rules, meters = rules_from(settings), metrics.create()
    connection, options, topics = (
        connect.connection(settings.kafka),
        connect.delivery(settings),
        connect.topics(settings),
    )
    group = connect.group(settings, "scan")
    app = create_faust_app(connection, group, options, _events(meters))
    lists = ListsClient(connection, settings, lambda lists: _swapped(meters, lists))
    desk = scan.Desk(
        _swapping(rules, lists),
        rules,
        topics,
        Meter(meters, rules),
        opener(rules),
        lambda: lists.current().sequence,
    )
    outputs = tuple(topics[kind] for kind in OUTPUTS)
    publisher = create_publisher(Writing(connection, group, outputs, options, _cut(topics["dead"])))
    line = attach(app, tuple(rules.sources), scan.work(desk), publisher, options)
    meters.build.info({"version": rules.versions.saring, "settings": rules.versions.settings, "form": native.form()})
    meters.oldest_unfinished.set_function(line.oldest_unfinished_seconds)
    return ScanApp(app, line, lists, connection, meters, settings)


def _swapped(meters: metrics.Metrics, lists: Lists) -> None:
    meters.lists_snapshot.clear()  # one series a worker: more than one name among all workers is a disagreement
    meters.lists_snapshot.labels(lists.snapshot).set(1)


def _swapping(rules: Rules, client: ListsClient) -> Callable[[], pipeline.Scanner]:
    """The scanner for the lists and brakes in force; a new snapshot costs one assignment."""
    with_lists = pipeline.line(replace(rules, sources={**rules.sources, WARM.topic: SourceSpec("warm", WARM.topic)}))
    lists, off, look_at = client.current(), frozenset[str](), 0.0
    scanner = with_lists(lists)
    scanner([WARM])

    def scanner_in_force() -> pipeline.Scanner:
        nonlocal lists, off, look_at, scanner
        braked = off
        if time.monotonic() >= look_at:
            look_at = time.monotonic() + BRAKES_SECONDS
            braked = frozenset(control.name for control in client.controls() if control.control == "check")
        if client.current() is not lists or braked != off:
            lists, off = client.current(), braked
            scanner = with_lists(lists, off)
        return scanner

    return scanner_in_force


def _events(meters: metrics.Metrics) -> Events:
    def expired(partition: Partition, messages: int) -> None:
        meters.messages_expired.inc(messages)

    def gap(partition: Partition, offsets: int) -> None:
        meters.ledger_gaps.inc(offsets)

    return Events(
        on_assigned=meters.assigned_partitions.set,
        on_expired=expired,
        on_gap=gap,
        on_paused=lambda paused: meters.paused.set(int(paused)),
    )


def _cut(dead: str) -> Callable[[Outgoing, int], Outgoing | None]:
    """What is written in place of a record above its topic's limit: its head, its length and its SHA-256, as a dead
    letter; so that it is accounted for and no broker ever refuses a batch because of it."""

    def cut(outgoing: Outgoing, limit: int) -> Outgoing:
        value = outgoing.value or b""
        about: Mapping[str, object] = {
            "cut": "larger than the topic's limit",
            "for": outgoing.topic,
            "length": len(value),
            "sha256": hashlib.sha256(value).hexdigest(),
        }
        headers = tuple((name, str(value).encode()) for name, value in about.items())
        kept = tuple(pair for pair in outgoing.headers if len(pair[1]) <= HEAD_BYTES)
        key = outgoing.key[:HEAD_BYTES] if outgoing.key else outgoing.key
        return Outgoing(dead, key, value[:HEAD_BYTES], (*kept, *headers))

    return cut
