"""The lists of a worker: read to their end before the first chunk, then followed; a swap is one assignment."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agents import connect
from agents.feeds.chunks import IncompleteError, fetched
from agents.feeds.desired import Desired, after
from agents.feeds.mapped import open_layer
from agents.feeds.places import cache_root
from agents.feeds.wire import Control, FileRef, Manifest
from agents.kafka.connection import Connection
from agents.kafka.reader import follow
from config.settings import Settings
from stream.lists.compile import compiled
from stream.lists.entries import Entry
from stream.lists.index import IndexedLists
from stream.lists.layer import BrokenError, Layer
from stream.model import Lists

log = logging.getLogger("saring.lists")
_TICK_SECONDS: Final = 1.0  # how late an expiry may take effect
_AGAIN_SECONDS: Final = 30.0  # after a set that could not be loaded

Swapped = Callable[[IndexedLists], None]


class ListsClient:
    """Keeps `current()` at what the lists topics say; a set that is broken or incomplete leaves the old one in force.

    `on_swap` is called on the event loop after every swap, for metrics.
    """

    def __init__(self, connection: Connection, settings: Settings, on_swap: Swapped = lambda lists: None) -> None:
        topics = connect.topics(settings)
        self._connection, self._on_swap = connection, on_swap
        self._lists, self._chunks, self._entries = topics["lists"], topics["chunks"], topics["entries"]
        self._cache_dir = settings.cache_dir
        self._desired = Desired()
        self._current = IndexedLists(())
        self._loaded: Manifest | None = None
        self._local: tuple[list[Entry], Layer | None] = ([], None)
        self._tasks: list[asyncio.Task[None]] = []
        self._changed, self._ready = asyncio.Event(), asyncio.Event()
        self._broken: dict[int, float] = {}

    def current(self) -> Lists:
        """The snapshot in force; a chunk keeps the one that it began with."""
        return self._current

    def controls(self) -> list[Control]:
        """The controls in force, such as checks that are switched off for a while."""
        return self._desired.in_force(_now())

    @property
    def desired(self) -> Desired:
        """What the topics say, for commands that show it."""
        return self._desired

    @property
    def ready(self) -> bool:
        """Whether everything that was in the topics at the start has been taken in, and they are still followed.

        Stale lists are ready too.
        """
        return self._ready.is_set() and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        """Return when the lists are in force; raises when their topics cannot be read."""
        at_end = asyncio.Event()
        following = asyncio.create_task(self._follow(at_end), name="lists: follow")
        reached = asyncio.create_task(at_end.wait())
        self._tasks = [following]
        await asyncio.wait([following, reached], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if not at_end.is_set():
            await following  # raises what ended it
        await self._refresh()
        self._ready.set()
        self._tasks = [following, asyncio.create_task(self._keep(), name="lists: swap")]
        for task in self._tasks:
            task.add_done_callback(_ended)

    async def stop(self) -> None:
        """Stop following."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self, at_end: asyncio.Event) -> None:
        async for records in follow(self._connection, [self._lists, self._entries], at_end):
            self._desired = after(self._desired, records, self._lists, self._entries)
            self._changed.set()

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._changed.wait()
            self._changed.clear()
            await self._refresh()

    async def _refresh(self) -> None:
        """Bring what is in force to what is desired; what cannot be loaded is named once and tried again later."""
        now, time = _now(), asyncio.get_running_loop().time()
        layers = self._current.layers[: _set_layers(self._loaded)]
        loaded = self._loaded
        for manifest in self._desired.sets(now):
            if loaded is not None and manifest == loaded:
                break
            if self._broken.get(manifest.sequence, 0) > time:
                continue
            try:
                layers = await self._layers(manifest)
            except (IncompleteError, BrokenError, OSError) as error:
                log.warning("lists %d stay out: %s; %s stays in force", manifest.sequence, error, self._named())
                self._broken[manifest.sequence] = time + _AGAIN_SECONDS
                continue
            loaded = manifest
            break
        self._swap(loaded, layers, now)

    def _swap(self, manifest: Manifest | None, layers: tuple[Layer, ...], now: str) -> None:
        local, paused = self._local_layer(now), self._desired.paused(now)
        new = (*layers, local) if local else layers
        if new == self._current.layers and paused == self._current.paused and manifest == self._loaded:
            return
        self._current = _lists(manifest, new, paused)
        if manifest != self._loaded:
            log.info("lists %s in force", self._current.snapshot)
        self._loaded = manifest
        self._on_swap(self._current)

    def _local_layer(self, now: str) -> Layer | None:
        entries = self._desired.entries(now)
        if entries != self._local[0]:
            self._local = (entries, Layer(compiled(lambda: entries, 1)) if entries else None)
        return self._local[1]

    async def _layers(self, manifest: Manifest) -> tuple[Layer, ...]:
        refs = [ref for ref in (manifest.base, manifest.delta) if ref]
        layers = [await self._layer(ref) for ref in refs]
        await asyncio.to_thread(_forget, self._folder(), self._desired)
        return tuple(layers)

    async def _layer(self, ref: FileRef) -> Layer:
        return open_layer(await fetched(self._connection, self._chunks, ref, self._folder()))

    def _folder(self) -> Path:
        return cache_root(self._cache_dir) / "sets" / self._lists

    def _named(self) -> str:
        return f"lists {self._loaded.sequence}" if self._loaded else "no list"


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("%s ended, the lists stay as they are: %r", task.get_name(), error)


def _lists(manifest: Manifest | None, layers: tuple[Layer, ...], paused: frozenset[str]) -> IndexedLists:
    if manifest is None:
        return IndexedLists(layers, "local" if layers else "", 0, int(bool(layers)), (), "", paused)
    stale = tuple(feed.name for feed in manifest.feeds if feed.stale)
    checked = len(manifest.feeds) + int(len(layers) > _set_layers(manifest))
    return IndexedLists(layers, manifest.snapshot, manifest.sequence, checked, stale, manifest.built_at, paused)


def _set_layers(manifest: Manifest | None) -> int:
    return sum(ref is not None for ref in (manifest.base, manifest.delta)) if manifest else 0


def _forget(folder: Path, desired: Desired) -> None:
    """Delete cached sets that no manifest names any more; a process that still maps one keeps its pages."""
    named = {ref.sha256 for manifest in desired.manifests.values() for ref in (manifest.base, manifest.delta) if ref}
    for path in folder.glob("*.set"):
        if path.stem not in named:
            path.unlink(missing_ok=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
