"""The campaigns role: counts sightings by domain, and tells when many users spread one new link."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agents import connect, metrics
from agents.kafka import topics as kafka
from agents.kafka.app import App, create_faust_app
from agents.kafka.connection import Connection
from agents.kafka.line import Line, Work, attach
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.spans import Kept, read_spans
from agents.kafka.values import Batch, Chunk
from agents.lists_client import ListsClient
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

    async def prepare(self) -> None:
        """Before the first chunk: learn which hosts are known, from what was counted before, and what was told."""
        await self.lists.start()
        await asyncio.to_thread(self._remember)
        await asyncio.to_thread(self._recall)

    def unready(self) -> str:
        """Why no work can be done now; empty when it can."""
        return self.line.unready() if self.lists.ready else "the lists are not loaded yet"

    async def close(self) -> None:
        """Stop following the lists."""
        await self.lists.stop()

    def _remember(self) -> None:
        admin, name = kafka.admin_client(self.connection), connect.topics(self.settings)["links"]
        group = connect.group(self.settings, ROLE)
        kafka.commit_first(admin, group, [name], "now")
        committed = kafka.committed(admin, group)
        marks = kafka.watermarks(admin, [name])
        ranges = {place: (low, committed.get(place, low)) for place, (low, _) in marks.items()}
        for batch in read_spans(self.connection, ranges):
            for record in batch:
                if block := unpack(record.value):
                    self.desk.counter.count(block)

    def _recall(self) -> None:
        """What a process before this one told, even right before it was killed, is not told again."""
        admin, topics = kafka.admin_client(self.connection), self.desk.topics
        names = [topics["alerts"], topics["review"]]
        first = kafka.offsets_at(admin, names, time.time() - self.desk.limits.known_seconds)
        ranges = {place: (first[place], high) for place, (_, high) in kafka.watermarks(admin, names).items()}
        for batch in read_spans(self.connection, ranges):
            for record in batch:
                if dict(record.headers).get("ce_type") == _TOLD:
                    self.desk.note(record)


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
    return CampaignsApp(app, line, lists, connection, meters, settings, desk)


@dataclass(frozen=True, slots=True)
class Desk:
    """What counting needs."""

    counter: Counter
    limits: Limits
    present: Callable[[], Present]
    topics: Mapping[str, str]
    meters: metrics.Metrics
    told: dict[bytes, int] = field(default_factory=dict)  # by case: rank of the tier, by processes before this one

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
        alerts = [said for said in found if desk.is_news(said)]
        return Batch(outgoing(alerts, desk.topics), alerts)

    def done(note: object, chunks: Sequence[Chunk]) -> None:
        if isinstance(note, list):
            count(desk.meters, note)

    return Work(handle, done)
