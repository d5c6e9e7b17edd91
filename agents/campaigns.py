"""The campaigns role: counts sightings by domain, and tells when many users spread one new link."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from agents import connect, metrics
from agents.feeds.places import cache_root
from agents.kafka import topics as kafka
from agents.kafka.admin import AdminError
from agents.kafka.app import App, create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.line import Line, Work, attach
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.spans import Kept, read_spans
from agents.kafka.values import Batch, Chunk, Partition
from agents.lists_client import ListsClient
from agents.lookback.counted import MOST_ALERTS, MOST_SIGHTINGS, Counted, Notebook, Spans, newest
from agents.lookback.desk import count, outgoing
from config.rules import rules_from
from config.settings import Settings
from stream.alert import Alert
from stream.campaigns import Counter, Limits, alerts_of, raiser
from stream.canonical import canonicalizer
from stream.checks.load import load
from stream.hosts import facts_cache
from stream.retro import RANK, Present
from stream.sighting import unpack

log = logging.getLogger("saring.campaigns")
ROLE: Final = "campaigns"
SAVE_SECONDS: Final = 30.0
_SIGHTINGS_SECONDS: Final = 72 * 3600  # as long as their topic keeps them
_TOLD: Final = b"saring.alert.campaign.v1"


@dataclass
class CampaignsApp:
    """The role, not started: what runs it and what reports on it."""

    app: App
    line: Line
    lists: ListsClient
    connection: Connection
    metrics: metrics.Metrics
    settings: Settings
    desk: Desk
    notebook: Notebook
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    leaving: threading.Event = field(default_factory=threading.Event)

    async def prepare(self) -> None:
        """Before the first chunk: learn which hosts are known, from what was counted before, and what was told."""
        await self.lists.start()
        await asyncio.to_thread(self._remember)
        self.tasks = [asyncio.create_task(self._keep(), name="campaigns: keep")]

    def unready(self) -> str:
        """Why no work can be done now; empty when it can."""
        return self.line.unready() if self.lists.ready else "the lists are not loaded yet"

    async def close(self) -> None:
        """Stop following the lists, and write down what was counted."""
        self.leaving.set()
        for task in self.tasks:
            task.cancel()
        await self.lists.stop()
        if self.tasks:
            await self._save()
            await self._save()  # what the first took

    def _remember(self) -> None:
        admin, topics, desk = kafka.admin_client(self.connection), self.desk.topics, self.desk
        kafka.commit_first(admin, connect.group(self.settings, ROLE), [topics["links"]], "now")
        kept, committed = self.notebook.read(), self._committed(admin)
        desk.counter.groups.update(kept.groups)
        desk.told.update(kept.told)
        desk.counted.update(committed)
        marks = kafka.watermarks(admin, [topics["links"]])
        seen = {place: (low, committed.get(place, low)) for place, (low, _) in marks.items()}
        for record in self._read(seen, kept, MOST_SIGHTINGS):
            if block := unpack(record.value):
                desk.counter.count(block)
        # What a process before this one told, even right before it was killed, is not told again.
        since = kafka.offsets_at(admin, self._alerts, time.time() - desk.limits.known_seconds)
        said = {place: (since[place], end) for place, end in self._ends(admin).items()}
        for record in self._read(said, kept, MOST_ALERTS):
            if dict(record.headers).get("ce_type") == _TOLD:
                desk.note(record)

    def _read(self, spans: Spans, kept: Counted, most: int) -> Iterator[Kept]:
        """The newest records of these spans that are not in what was kept."""
        left = {place: (kept.after(place, first), end) for place, (first, end) in spans.items()}
        for batch in read_spans(self.connection, newest(left, most)):
            if self.leaving.is_set():
                return
            yield from batch

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(SAVE_SECONDS)
            await self._save()

    async def _save(self) -> None:
        admin, desk = kafka.admin_client(self.connection), self.desk
        try:
            committed = await asyncio.to_thread(self._committed, admin)
            ends = await asyncio.to_thread(self._ends, admin)
            await asyncio.to_thread(self.notebook.write, committed)
        except (AdminError, KafkaException, OSError) as error:
            log.warning("what was counted is written later: %s", error)
            return
        desk.counter.forget(int(1000 * (time.time() - _SIGHTINGS_SECONDS)))
        self.notebook.take(desk.counter.groups, desk.told, desk.counted, ends)

    def _committed(self, admin: AdminClient) -> dict[Partition, int]:
        offsets = kafka.committed(admin, connect.group(self.settings, ROLE))
        return {place: offset for place, offset in offsets.items() if place.topic == self.desk.topics["links"]}

    def _ends(self, admin: AdminClient) -> dict[Partition, int]:
        return {place: high for place, (_, high) in kafka.watermarks(admin, self._alerts).items()}

    @property
    def _alerts(self) -> list[str]:
        return [self.desk.topics["alerts"], self.desk.topics["review"]]


def create_campaigns(settings: Settings) -> CampaignsApp:
    """The campaigns role; nothing connects before it runs."""
    rules, meters = rules_from(settings), metrics.create()
    connection, topics = connect.connection(settings.kafka), connect.topics(settings)
    options = replace(connect.delivery(settings), mode="at_least_once")
    group = connect.group(settings, ROLE)
    app = create_faust_app(connection, group, options)
    lists = ListsClient(connection, settings)
    facts, canonicalize = facts_cache(rules, load()), canonicalizer(rules.suffixes)
    limits = Limits(**settings.campaigns.model_dump())
    desk = Desk(Counter(limits), limits, lambda: Present(rules, lists.current(), facts, canonicalize), topics, meters)
    publisher = create_publisher(Writing(connection, group, [topics["alerts"], topics["review"]], options))
    line = attach(app, [topics["links"]], work(desk), publisher, options)
    meters.build.info({"version": rules.versions.saring, "settings": rules.versions.settings})
    meters.campaign_groups.set_function(lambda: len(desk.counter))
    notebook = Notebook(cache_root(settings.cache_dir) / "campaigns" / topics["links"] / "counted")
    return CampaignsApp(app, line, lists, connection, meters, settings, desk, notebook)


@dataclass(frozen=True, slots=True)
class Desk:
    """What counting needs."""

    counter: Counter
    limits: Limits
    present: Callable[[], Present]
    topics: Mapping[str, str]
    meters: metrics.Metrics
    told: dict[bytes, int] = field(default_factory=dict)  # by case: rank of the tier, by processes before this one
    counted: dict[Partition, int] = field(default_factory=dict)  # the offset after the last record that is counted

    def note(self, record: Kept) -> None:
        """Take in an alert that was told before."""
        rank = RANK["automatic" if record.topic == self.topics["alerts"] else "review"]
        self.told[record.key or b""] = max(rank, self.told.get(record.key or b"", 0))

    def is_news(self, said: Alert) -> bool:
        """Whether nobody told it before, or in a lower tier."""
        return RANK[said.tier] > self.told.get(said.case_id.encode(), 0)


def work(desk: Desk) -> Work:
    """Counting as the delivery line wants it."""
    raised = raiser(desk.limits, desk.present)

    def handle(chunks: Sequence[Chunk]) -> Batch:
        records = [record for chunk in chunks for record in chunk.records]
        blocks = [block for record in records if (block := unpack(record.value))]
        found = alerts_of(desk.counter, blocks, raised, max(record.timestamp for record in records))
        desk.counted.update({chunk.source: chunk.last + 1 for chunk in chunks})
        alerts = [said for said in found if desk.is_news(said)]
        return Batch(outgoing(alerts, desk.topics), alerts)

    def done(note: object, chunks: Sequence[Chunk]) -> None:
        if isinstance(note, list):
            count(desk.meters, note)

    return Work(handle, done)
