"""Follows the sightings topic for the admission of lists: what our own recent links are, rewritten every minute."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cramjam
import msgspec

from agents.feeds.traffic import HALF_MS, Traffic, save
from agents.kafka.connection import Connection
from agents.kafka.reader import follow
from stream.model import Record
from stream.sighting import unpack

log = logging.getLogger("saring.keeper")
_EVERY_SECONDS: Final = 60.0


async def gather(connection: Connection, topic: str, path: Path, ready: asyncio.Event) -> None:
    """Keep the file up to date; `ready` is set once it covers the last day, or when the topic cannot be read."""
    traffic, at_end = Traffic(), asyncio.Event()
    saving = asyncio.create_task(_saving(traffic, path, at_end, ready))
    since_ms = int(time.time() * 1000) - 2 * HALF_MS
    try:
        async for records in follow(connection, [topic], at_end, since_ms):
            await asyncio.to_thread(_take, traffic, records)
    except TimeoutError:
        log.warning("lists are admitted without our own sightings: there is no topic %s", topic)
        ready.set()
    finally:
        saving.cancel()


async def _saving(traffic: Traffic, path: Path, at_end: asyncio.Event, ready: asyncio.Event) -> None:
    await at_end.wait()
    while True:
        summary = traffic.summary()
        await asyncio.to_thread(save, summary, path)
        ready.set()
        await asyncio.sleep(_EVERY_SECONDS)


def _take(traffic: Traffic, records: Sequence[Record]) -> None:
    for record in records:
        if block := unpack(record.value):
            try:
                traffic.add(block)
            except (cramjam.DecompressionError, msgspec.DecodeError):
                continue  # of another version, or damaged: a sample does without it
