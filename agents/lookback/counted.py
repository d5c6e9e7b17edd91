"""What campaigns has counted, kept on disk beside the topics, so that a start reads minutes of them and not days.

What is written was counted from records whose alerts are acknowledged and whose offsets are committed: counts are taken
at one look, and written at a later one, once the group has gone past them. A kill at any time leaves either the counts
of before or those of now, and reading goes on behind them.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from agents.feeds.mapped import write_whole
from agents.kafka.values import Partition
from stream.campaigns import Group

log = logging.getLogger("saring.campaigns")
MOST_ALERTS: Final = 1_000_000  # read at a start; each of the two takes a minute or so
MOST_SIGHTINGS: Final = 200_000  # records, of dozens of sightings each
_MOST_TOLD: Final = 100_000

Offsets = Mapping[Partition, int]
Spans = Mapping[Partition, tuple[int, int]]


class Counted(Struct, frozen=True):
    """The groups, what was told of which case, and up to where topics were read for it."""

    groups: dict[bytes, Group] = {}
    told: dict[bytes, int] = {}
    next: dict[str, int] = {}  # "topic/partition" → the offset after the last record that is in it

    def after(self, place: Partition, first: int) -> int:
        """Where to read on, not before `first`."""
        return max(first, self.next.get(f"{place.topic}/{place.partition}", 0))


class Notebook:
    """The file with what was counted, and what waits to be written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: tuple[bytes, Offsets] | None = None

    def read(self) -> Counted:
        """What was written last; nothing where there is none or where it cannot be read."""
        try:
            return msgspec.msgpack.decode(self._path.read_bytes(), type=Counted)
        except (OSError, msgspec.DecodeError):
            return Counted()

    def take(self, groups: dict[bytes, Group], told: Mapping[bytes, int], counted: Offsets, alerts: Offsets) -> None:
        """Note what is counted now, from records before `counted`; alerts before `alerts` are known."""
        upto = {f"{place.topic}/{place.partition}": offset for place, offset in {**counted, **alerts}.items()}
        lately = dict(islice(told.items(), max(0, len(told) - _MOST_TOLD), None))
        self._waiting = (msgspec.msgpack.encode(Counted(groups, lately, upto)), dict(counted))

    def write(self, committed: Offsets) -> None:
        """Write what was taken, if the group has committed all that is in it."""
        if self._waiting and all(committed.get(place, 0) >= offset for place, offset in self._waiting[1].items()):
            write_whole(self._path, self._waiting[0])
            self._waiting = None


def newest(spans: Spans, most: int) -> Spans:
    """The ends of these spans, together at most so many records. What lies before is forgotten, and the log says so."""
    total = sum(max(0, end - first) for first, end in spans.values())
    if total <= most:
        return spans
    topics = ", ".join(sorted({place.topic for place in spans}))
    log.warning("%s: of %d records only the newest %d are read; what came before is forgotten", topics, total, most)
    return {place: (end - max(0, end - first) * most // total, end) for place, (first, end) in spans.items()}
