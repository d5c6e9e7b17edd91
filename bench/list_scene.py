"""Fresh topics on a broker, a feed of which every entry tells its generation, and what waits for them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from agents.feeds.mapped import write_whole
from agents.feeds.plan import Plan, Topics
from agents.kafka.connection import Connection
from agents.kafka.topics import TopicSpec, admin_client, create
from agents.lists_client import ListsClient
from config.feeds import FeedSettings, ListsSettings
from config.load import load

QUICK: Final = ListsSettings(settle_seconds=0.02, keep_superseded_seconds=0, growth_limit=1000, shrink_limit=0.99)
# What setup asks for, hurried, so that a test sees the cleaner work.
HURRIED: Final = {
    "cleanup.policy": "compact",
    "segment.bytes": "1048576",
    "segment.ms": "1000",
    "min.cleanable.dirty.ratio": "0.01",
    "delete.retention.ms": "100",
    "max.compaction.lag.ms": "1000",
}


@dataclass(frozen=True)
class Scene:
    """Fresh topics on a broker and a folder for everything that processes keep."""

    connection: Connection
    topics: Topics
    folder: Path

    def client(self, process: str) -> ListsClient:
        """A worker's lists with a cache of its own."""
        names = {"LISTS": self.topics.lists, "CHUNKS": self.topics.chunks, "ENTRIES": self.topics.entries}
        environment = {f"SARING_TOPICS__{name}": topic for name, topic in names.items()}
        environment["SARING_CACHE_DIR"] = str(self.folder / process)
        return ListsClient(self.connection, load(environment=environment).settings)

    def write_feed(self, generation: int, entries: int) -> None:
        """A list of which every entry tells its generation."""
        lines = "".join(f"g{generation}-{number}.test\n" for number in range(entries))
        write_whole(self.folder / "feed.txt", lines.encode())

    def plan(self) -> Plan:
        """A keeper of that list."""
        feed = FeedSettings(url=f"file://{self.folder / 'feed.txt'}", interval_seconds=1)
        return Plan(self.connection, self.topics, {"feed": feed}, QUICK, self.folder / "keeper", ("test",))


def scene(bootstrap: str, folder: Path) -> Scene:
    """Fresh topics, compacted."""
    connection, mark = Connection(bootstrap), uuid.uuid4().hex[:8]
    topics = Topics(*(f"{name}-{mark}" for name in ("lists", "chunks", "entries")))
    specs = [TopicSpec(name, 1, 1, HURRIED) for name in (topics.lists, topics.chunks, topics.entries)]
    create(admin_client(connection), specs)
    return Scene(connection, topics, folder)


async def until(holds: Any, seconds: float = 240.0) -> None:
    """Wait for a condition; raises `TimeoutError` where it does not come to hold."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110  # what is waited for happens in other processes and on the broker
            await asyncio.sleep(0.01)
