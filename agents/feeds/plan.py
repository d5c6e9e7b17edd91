"""What a keeper is to do, and whom it tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.feeds.memo import Memo
from agents.feeds.places import cache_root
from agents.feeds.wire import Control, Manifest
from agents.kafka.connection import Connection
from config.feeds import FeedSettings, ListsSettings


@dataclass(frozen=True)
class Topics:
    """The topics that the keeper writes and reads."""

    lists: str
    chunks: str
    entries: str
    links: str = ""  # sightings, only read; empty: lists are judged without them


@dataclass(frozen=True)
class Events:
    """What the keeper tells the outside; called on the event loop."""

    on_feed: Callable[[Memo], None] = lambda memo: None  # how it stands, every few seconds
    on_round: Callable[[Memo], None] = lambda memo: None  # once for each round that was played
    on_published: Callable[[Manifest], None] = lambda manifest: None
    on_controls: Callable[[Sequence[Control]], None] = lambda controls: None  # those in force


@dataclass(frozen=True)
class Plan:
    """Brokers, topics, feeds and limits of one keeper."""

    connection: Connection
    topics: Topics
    feeds: dict[str, FeedSettings]
    limits: ListsSettings
    cache_dir: Path | None = None
    extra_suffixes: tuple[str, ...] = ()
    events: Events = field(default_factory=Events)

    @property
    def root(self) -> Path:
        """Where this keeper keeps its files."""
        return cache_root(self.cache_dir) / "keeper" / self.topics.lists
