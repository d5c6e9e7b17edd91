"""The keeper's measures of all groups: lag, members, partitions without owner, time left, messages arriving."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from confluent_kafka import KafkaException

from agents.feeds.wire import Control
from agents.groups import Eyes, Looked, Watched, look, open_eyes, watched
from agents.kafka.topics import AdminError, watermarks
from agents.kafka.values import Partition
from agents.metrics import Metrics
from config.settings import Settings

log = logging.getLogger("saring.groups")
INTERVAL_SECONDS: Final = 5.0
BRAKES: Final = ("pause", "rollback", "check")  # an approval brakes nothing


async def watch(settings: Settings, metrics: Metrics, interval_seconds: float = INTERVAL_SECONDS) -> None:
    """Look at the groups for ever and note what is seen; run as a task of the keeper and cancel it to end.

    While the brokers do not answer there are no figures rather than old ones: a rule tells of their absence.
    """
    groups, eyes, board = watched(settings), open_eyes(settings), Board(metrics)
    try:
        while True:
            try:
                await asyncio.to_thread(_round, eyes, groups, board)
            except (AdminError, KafkaException, TimeoutError) as error:
                board.blind(str(error) or "no answer in time")
                # A client whose question went unanswered through an outage may never get another one answered.
                eyes.close()
                eyes = open_eyes(settings)
            await asyncio.sleep(interval_seconds)
    finally:
        eyes.close()


def _round(eyes: Eyes, groups: Sequence[Watched], board: Board) -> None:
    topics = [topic for group in groups if group.required for topic in group.names]
    marks = watermarks(eyes.admin, topics)
    for group in groups:
        if group.required:
            board.arrived(marks, group.names)
        if seen := look(eyes, group, marks):
            board.note(group.role, seen)
    board.well()


def note_brakes(metrics: Metrics, controls: Iterable[Control]) -> None:
    """Show how many controls of each kind are in force; call it whenever they change, and when one may have expired."""
    found = Counter(control.control for control in controls)
    for kind in BRAKES:
        metrics.brakes.labels(kind).set(found[kind])


@dataclass(slots=True)
class Board:
    """Writes what was seen into the metrics, and into the log when seeing begins or ends."""

    metrics: Metrics
    ends: dict[Partition, int] = field(default_factory=dict)
    seeing: bool = True

    def note(self, role: str, seen: Looked) -> None:
        """One group."""
        self.metrics.group_members.labels(role).set(seen.members)
        self.metrics.group_unowned_partitions.labels(role).set(seen.unowned)
        for source, standing in seen.standings.items():
            self.metrics.group_lag_messages.labels(role, source).set(standing.messages)
            self.metrics.group_lag.labels(role, source).set(standing.seconds)
            if standing.headroom is not None:
                self.metrics.retention_headroom.labels(role, source).set(standing.headroom)

    def arrived(self, marks: Mapping[Partition, tuple[int, int]], names: Mapping[str, str]) -> None:
        """Count what came since the last look; what was there before the first does not count."""
        for partition, (_, high) in marks.items():
            new = high - self.ends.get(partition, high)
            self.metrics.arrived.labels(names[partition.topic]).inc(max(0, new))
            self.ends[partition] = high

    def blind(self, why: str) -> None:
        """The brokers do not answer."""
        if self.seeing:
            log.warning("groups cannot be seen: %s", why)
        self.seeing = False
        metrics = self.metrics
        for gauge in (
            metrics.group_members, metrics.group_unowned_partitions, metrics.group_lag_messages, metrics.group_lag,
            metrics.retention_headroom,
        ):  # fmt: skip
            gauge.clear()

    def well(self) -> None:
        """They answered."""
        if not self.seeing:
            log.info("groups can be seen again")
        self.seeing = True
