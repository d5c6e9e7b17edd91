"""Last good sets out of what was published, for a keeper that starts on an empty disk."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from agents.feeds.build import entry_from
from agents.feeds.chunks import IncompleteError, fetched
from agents.feeds.mapped import open_layer, write_whole
from agents.feeds.rounds import Store
from agents.feeds.wire import Manifest
from agents.kafka.connection import Connection
from stream.lists.compile import compiled
from stream.lists.entries import Entry
from stream.lists.layer import BrokenError, Layer

log = logging.getLogger("saring.keeper")


async def recover(connection: Connection, chunks: str, store: Store, manifest: Manifest | None) -> None:
    """Bring the published set onto this disk, and for each of its feeds a good set where none is there."""
    if manifest is None:
        return
    folder = store.root / "sets"
    try:
        paths = [await fetched(connection, chunks, ref, folder) for ref in (manifest.base, manifest.delta) if ref]
        missing = [feed.name for feed in manifest.feeds if not store.path(feed.name, "good").exists()]
        if missing:
            await asyncio.to_thread(_split, store, paths, missing)
            log.info("recovered the last good sets of %s", ", ".join(missing))
    except (IncompleteError, BrokenError) as error:
        log.warning("the published set cannot be recovered: %s; feeds are fetched anew", error)


def _split(store: Store, paths: list[Path], feeds: list[str]) -> None:
    layers = [open_layer(path) for path in paths]
    for feed in feeds:
        entries = _of_feed(layers, feed)
        write_whole(store.path(feed, "good"), compiled(lambda entries=entries: entries, 1))  # type: ignore[misc]  # bound now


def _of_feed(layers: list[Layer], feed: str) -> list[Entry]:
    found: dict[tuple[str, str], Entry] = {}
    for layer in layers:
        for key, statement, seconds in layer.entries():
            if statement.feed != feed:
                continue
            if statement.action == "removed":
                found.pop((key, statement.kind), None)
            else:
                found[key, statement.kind] = entry_from(key, statement, seconds, layer.header.unit_seconds)
    return list(found.values())
