"""What looking back holds in its hands: sightings, statements, the lists in force, and what it has just said."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

import msgspec
import numpy as np
from msgspec import Struct

from agents import connect
from agents.kafka.connection import Connection
from agents.kafka.values import Outgoing
from agents.lists_client import ListsClient
from agents.lookback.fetch import Where, fetched
from agents.lookback.store import STATEMENT, Store, keys_of
from agents.metrics import Metrics
from config.settings import Settings
from stream.alert import Alert
from stream.encode import alert_record
from stream.lists.entries import Entry, host_of
from stream.model import HostFacts, Link, Lists, Record
from stream.retro import Present
from stream.rules import Rules
from stream.sighting import Block, Sighting, domain_hash, domain_of

TOPICS: Final = ("alerts", "review")
TYPES: Final = ("flagged", "late", "retracted", "campaign")
MOST_SAID: Final = 200_000

Tier: TypeAlias = Literal["none", "review", "automatic"]


class Statement(NamedTuple):
    """One alert as the index has it: what it said of a case, when, and where it stands."""

    case: int
    time: int
    offset: int
    partition: int
    topic: int  # in TOPICS
    type: int  # in TYPES


class Stand(NamedTuple):
    """What was last said of a case, and how often it was taken back before."""

    tier: Tier
    retractions: int


class Match(NamedTuple):
    """A sighting that an entry covers."""

    entry: Entry
    domain: bytes
    block: Block
    row: Sighting


class SaidLink(Struct, frozen=True):
    """The part of an alert's link that the index is made of."""

    key: str


class Said(Struct, frozen=True):
    """The part of an alert that the index is made of."""

    case_id: str
    type: str
    link: SaidLink


_said: Final = msgspec.json.Decoder(Said)


@dataclass
class Desk:
    """The state of the role; everything in it comes from topics."""

    rules: Rules
    lists: Callable[[], Lists]
    facts: Callable[[Link], HostFacts]
    canonicalize: Callable[[str], Link | None]
    topics: Mapping[str, str]
    seen: Store
    said: Store
    clock: Callable[[], float] = time.time
    just_said: dict[bytes, list[Statement]] = field(default_factory=dict)

    def present(self) -> Present:
        """Today's rules and lists."""
        return Present(self.rules, self.lists(), self.facts, self.canonicalize)

    def now(self) -> int:
        """Milliseconds since the epoch."""
        return int(self.clock() * 1000)

    def domain(self, key: str) -> bytes:
        """The hash under which sightings of a link, or of what an entry covers, are kept."""
        host = host_of(key)
        named = host[:1] != "[" and not host.replace(".", "").isdigit()
        registrable = self.rules.suffixes.split(host)[0] if named else ""
        return domain_hash(domain_of(key, registrable, self.rules.platforms.opaque(host)))

    def take_statement(self, record: Record) -> None:
        """Index one record of the alerts topics."""
        if not self.said.taken((record.topic, record.partition), record.offset):
            return
        try:
            said = _said.decode(record.value or b"")
        except msgspec.DecodeError:
            return
        domain = self.domain(said.link.key)
        topic = TOPICS.index("alerts" if record.topic == self.topics["alerts"] else "review")
        row = Statement(
            case_number(said.case_id), record.timestamp, record.offset, record.partition, topic, TYPES.index(said.type)
        )
        self.said.add(keys_of([domain]), np.array([tuple(row)], STATEMENT), record.timestamp)
        if waiting := self.just_said.pop(domain, None):
            kept = [each for each in waiting if (each.case, each.type) != (row.case, row.type)]
            self.just_said |= {domain: kept} if kept else {}

    def statements(self, domains: Iterable[bytes]) -> dict[int, list[Statement]]:
        """Everything said of links of these domains, by case, oldest first."""
        found: dict[int, list[Statement]] = defaultdict(list)
        wanted = sorted(set(domains))
        for _, _, rows in self.said.find(keys_of(wanted)) if wanted else ():
            for row in rows.tolist():
                found[row[0]].append(Statement(*row))
        for domain in wanted:
            for said in self.just_said.get(domain, ()):
                found[said.case].append(said)
        for each in found.values():
            each.sort(key=lambda said: (said.time, said.offset))
        return found

    def utter(self, alert: Alert) -> None:
        """Note what is being published, until it comes back by its topic."""
        if len(self.just_said) > MOST_SAID:
            self.just_said.clear()
        topic = TOPICS.index("alerts" if alert.tier == "automatic" else "review")
        row = Statement(case_number(alert.case_id), self.now(), -1, -1, topic, TYPES.index(alert.type))
        self.just_said.setdefault(self.domain(alert.link.key), []).append(row)


@dataclass(frozen=True, slots=True)
class Outside:
    """What the role reaches the world by."""

    lists: ListsClient
    connection: Connection
    settings: Settings
    publish: Callable[[Sequence[Outgoing]], Awaitable[None]]
    meters: Metrics

    async def say(self, desk: Desk, alerts: Sequence[Alert]) -> None:
        """Publish statements and count them."""
        await self.publish(outgoing(alerts, desk.topics))
        count(self.meters, alerts)

    def fetch(self, places: Iterable[Where]) -> dict[Where, bytes]:
        """Records by their places."""
        return fetched(self.connection, connect.group(self.settings, "retro") + ".fetch", places)


def count(meters: Metrics, alerts: Sequence[Alert]) -> None:
    """Count what was published."""
    for alert in alerts:
        meters.alerts.labels(alert.type, alert.tier, alert.category).inc()
        if alert.late:
            meters.late_alert_delay.observe(alert.late.delay_seconds)
        if alert.retracted:
            meters.retractions.labels(alert.retracted.cause).inc()


def stand(said: Sequence[Statement]) -> Stand:
    """Where a case stands. A repeat of `flagged` or `campaign` says nothing new: readers drop it by its id."""
    tier: Tier = "none"
    first, retractions = set[int](), 0
    for each in said:
        name = TYPES[each.type]
        if name == "retracted":
            tier, retractions = "none", retractions + 1
        elif name == "late" or each.topic not in first:
            if name != "late":
                first.add(each.topic)
            tier = "automatic" if each.topic == 0 or tier == "automatic" else "review"
    return Stand(tier, retractions)


def case_number(case: str) -> int:
    """Eight bytes of a case id; all that the index keeps."""
    return int(case.replace("-", "")[:16], 16)


def outgoing(alerts: Iterable[Alert], topics: Mapping[str, str]) -> list[Outgoing]:
    """Alerts as they are written."""
    written = [alert_record(alert, f"/saring/{alert.message.source}") for alert in alerts]
    return [Outgoing(topics[each.kind], each.key, each.value, each.headers) for each in written]
