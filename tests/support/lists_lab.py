"""A keeper and workers' lists on a broker, with fresh topics and folders."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.feeds.orders import lift, order
from agents.feeds.plan import Events, Plan, Topics
from agents.feeds.wire import Control, Lifted, Own
from agents.keeper import Keeper
from agents.lists_client import ListsClient
from config.feeds import FeedSettings, ListsSettings
from config.load import load
from config.settings import Settings
from stream.canonical import canonicalize
from stream.model import ListHit, Lists
from tests.support.lab import Lab, open_lab

QUICK = ListsSettings(settle_seconds=0.05, retry_seconds=0.2, timeout_seconds=5)
AT = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class ListsLab:
    """Fresh lists topics, and a folder for what processes cache."""

    lab: Lab
    topics: Topics
    folder: Path

    def settings(self, process: str) -> Settings:
        return load(
            environment={
                "SARING_KAFKA__BOOTSTRAP_SERVERS": self.lab.bootstrap,
                "SARING_TOPICS__LISTS": self.topics.lists,
                "SARING_TOPICS__CHUNKS": self.topics.chunks,
                "SARING_TOPICS__ENTRIES": self.topics.entries,
                "SARING_CACHE_DIR": str(self.folder / process),
            }
        ).settings

    def client(self, process: str = "worker") -> ListsClient:
        return ListsClient(self.lab.connection, self.settings(process))

    def plan(self, feeds: dict[str, FeedSettings], limits: ListsSettings = QUICK, events: Events | None = None) -> Plan:
        return Plan(
            self.lab.connection, self.topics, feeds, limits, self.folder / "keeper", ("test",), events or Events()
        )

    async def order(self, what: Own | Control) -> None:
        await order(self.lab.connection, self.topics.entries, what)

    async def lift(self, key: bytes) -> None:
        await lift(self.lab.connection, self.topics.entries, key, Lifted("test", AT))


def open_lists_lab(bootstrap: str, folder: Path, segment_ms: str = "600000") -> ListsLab:
    """Topics as setup makes them, compacted, one partition."""
    lab = open_lab(bootstrap)
    lists, entries = (lab.topic(name, cleanup_policy="compact") for name in ("lists", "entries"))
    chunks = lab.topic("chunks", cleanup_policy="compact", segment_ms=segment_ms)
    return ListsLab(lab, Topics(lists, chunks, entries), folder)


@asynccontextmanager
async def keeping(keeper: Keeper) -> AsyncIterator[asyncio.Task[None]]:
    """A keeper at work until the block ends; what ended it before that is raised."""
    task = asyncio.create_task(keeper.run())
    try:
        yield task
    finally:
        if task.done():
            task.result()
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def following(client: ListsClient) -> AsyncIterator[ListsClient]:
    """A worker's lists, started."""
    await client.start()
    try:
        yield client
    finally:
        await client.stop()


async def until(holds: Callable[[], bool], seconds: float = 15.0) -> float:
    """Wait for a condition; how long it took."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            raise TimeoutError("the condition did not come to hold")
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def found(lists: Lists, url: str) -> list[tuple[str, str]]:
    """Feed and entry of every hit."""
    link = canonicalize(url)
    hits: tuple[ListHit, ...] = lists.find(link) if link else ()
    return [(hit.feed, hit.entry) for hit in hits]
