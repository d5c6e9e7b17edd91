"""The retro role: holds the past against every change of the lists, and every word of an analyst against the past."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agents import connect, metrics
from agents.feedback import FeedbackDesk
from agents.feeds.places import cache_root
from agents.kafka import topics as kafka
from agents.kafka.app import App, create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.exits import Exit, leave
from agents.kafka.line import Line, Work, attach
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.spans import read_spans
from agents.kafka.values import Batch, Chunk, Outgoing, Partition
from agents.lists_client import ListsClient
from agents.lookback.desk import Desk, Match, Outside, count, outgoing
from agents.lookback.fill import fill
from agents.lookback.late import lates
from agents.lookback.lists import Follower
from agents.lookback.store import SIGHTING, STATEMENT, open_store
from config.rules import rules_from
from config.settings import Settings
from stream.canonical import canonicalizer
from stream.checks.load import load
from stream.hosts import facts_cache
from stream.rules import Rules

log = logging.getLogger("saring.retro")
ROLE: Final = "retro"
READS: Final = ("links", "alerts", "review")
WRITES: Final = ("alerts", "review", "entries")
TICK_SECONDS: Final = 0.25
_HOUR_MS: Final = 3_600_000
_SIGHTING_HOURS: Final = 72  # as long as the topic keeps them


@dataclass
class RetroApp:
    """The role, not started: what runs it and what reports on it."""

    app: App
    line: Line
    lists: ListsClient
    connection: Connection
    metrics: metrics.Metrics
    settings: Settings
    desk: Desk
    follower: Follower
    words: FeedbackDesk
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    catching_up: list[asyncio.Task[None]] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    async def prepare(self) -> None:
        """Before the first chunk: take in what the topics hold, and read the lists to their end."""
        await self.lists.start()
        self.catching_up = [asyncio.create_task(asyncio.to_thread(self._catch_up), name="retro: catch up")]
        await asyncio.shield(self.catching_up[0])
        self.follower.begin()
        await self.words.start()
        task = asyncio.create_task(self._look(), name="retro: look")
        task.add_done_callback(_ended)
        self.tasks = [task]

    def unready(self) -> str:
        """Why no work can be done now; empty when it can."""
        return self.line.unready() if self.lists.ready else "the lists are not loaded yet"

    async def close(self) -> None:
        """Bring the store to disk, so that the next start reads little."""
        self.leaving.set()
        for task in self.tasks:
            task.cancel()
        if waiting := [*self.catching_up, *self.tasks]:
            await asyncio.wait(waiting)
        await self.words.stop()
        await self.lists.stop()
        await self._save()

    def _catch_up(self) -> None:
        admin = kafka.admin_client(self.connection)
        names, group = [self.desk.topics[kind] for kind in READS], connect.group(self.settings, ROLE)
        kafka.commit_first(admin, group, names, "beginning")
        marks, committed = kafka.watermarks(admin, names), kafka.committed(admin, group)
        sightings = self.desk.topics["links"]
        # What the group has not committed comes by the line, with its promise; of alerts we want all there are.
        ends = {each: committed.get(each, 0) if each.topic == sightings else high for each, (_, high) in marks.items()}
        spans = {each: (max(self._next(each), marks[each][0]), end) for each, end in ends.items()}
        fill(self.desk, read_spans(self.connection, spans), self.settings.retro.save_seconds, self.leaving)

    def _next(self, place: Partition) -> int:
        store = self.desk.seen if place.topic == self.desk.topics["links"] else self.desk.said
        return store.next.get((place.topic, place.partition), 0)

    async def _look(self) -> None:
        """Follow lists and words for ever. Whatever ends this ends the process: half a role is worse than none."""
        saved = asyncio.get_running_loop().time()
        while True:
            if not self.line.unready():
                await self.follower.look()
                await self.words.look()
            if asyncio.get_running_loop().time() - saved > self.settings.retro.save_seconds:
                await self._save()
                saved = asyncio.get_running_loop().time()
            await asyncio.sleep(TICK_SECONDS)

    async def _save(self) -> None:
        now = self.desk.now()
        self.desk.seen.drop(now - _SIGHTING_HOURS * _HOUR_MS)
        self.desk.said.drop(now - self.settings.retro.alerts_days * 24 * _HOUR_MS)
        await self.desk.seen.save_beside()
        await self.desk.said.save_beside()
        self.metrics.sightings.set(len(self.desk.seen))


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        leave(Exit.INTERNAL, f"following lists and feedback ended: {error!r}")


def create_retro(settings: Settings) -> RetroApp:
    """The retro role; nothing connects before it runs."""
    rules, meters = rules_from(settings), metrics.create()
    connection, topics = connect.connection(settings.kafka), connect.topics(settings)
    # Each statement carries an id made of its cause, so repeats are harmless; and it is also written outside batches.
    options = replace(connect.delivery(settings), mode="at_least_once")
    group = connect.group(settings, ROLE)
    app = create_faust_app(connection, group, options)
    lists = ListsClient(connection, settings)
    desk = _desk(settings, rules, lists)
    publisher = create_publisher(Writing(connection, group, [topics[kind] for kind in WRITES], options))

    async def publish(records: Sequence[Outgoing]) -> None:
        async with asyncio.timeout(options.delivery_deadline_seconds):
            await publisher.publish(records, ())

    outside = Outside(lists, connection, settings, publish, meters)
    follower = Follower(desk, outside)
    work = Work(_handle(desk, follower, settings.retro.summary_above), _done(meters))
    line = attach(app, [topics[kind] for kind in READS], work, publisher, options)
    meters.build.info({"version": rules.versions.saring, "settings": rules.versions.settings})
    return RetroApp(app, line, lists, connection, meters, settings, desk, follower, FeedbackDesk(desk, outside))


def _desk(settings: Settings, rules: Rules, lists: ListsClient) -> Desk:
    topics = connect.topics(settings)
    folder = cache_root(settings.cache_dir) / "retro" / topics["links"]
    seen, said = open_store(folder / "seen", SIGHTING), open_store(folder / "said", STATEMENT)
    facts, canonicalize = facts_cache(rules, load()), canonicalizer(rules.suffixes)
    return Desk(rules, lists.current, facts, canonicalize, topics, seen, said)


def _handle(desk: Desk, follower: Follower, summary_above: int) -> Callable[[Sequence[Chunk]], Batch]:
    def handle(chunks: Sequence[Chunk]) -> Batch:
        found: list[Match] = []
        for chunk in chunks:
            if chunk.source.topic == desk.topics["links"]:
                for record in chunk.records:
                    found += follower.watch.arriving(desk, record)
            else:
                for record in chunk.records:
                    desk.take_statement(record)
        alerts = lates(desk, found, summary_above) if found else []
        return Batch(outgoing(alerts, desk.topics), alerts)

    return handle


def _done(meters: metrics.Metrics) -> Callable[[object, Sequence[Chunk]], None]:
    def done(note: object, chunks: Sequence[Chunk]) -> None:
        if isinstance(note, list):
            count(meters, note)

    return done
