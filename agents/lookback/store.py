"""Retro's store: what was seen and said, by domain. A cache on disk that the topics can always fill again.

Rows gather in memory, are sorted into segments, and small segments are merged into larger ones; a question about ten
thousand domains is a binary search in each of a few segments, whatever they hold.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.feeds.mapped import write_whole
from agents.lookback.segment import BLOCK, Keys, Payload, Segment, load, merged, save, sealed

SIGHTING: Final = np.dtype([(BLOCK, "<u4"), ("row", "<u2")])
STATEMENT: Final = np.dtype(
    [("case", "<u8"), ("time", "<u8"), ("offset", "<u8"), ("partition", "<u2"), ("topic", "u1"), ("type", "u1")]
)
GATHERED: Final = 65_536  # rows that are sorted together first
LARGEST: Final = 4_000_000  # rows of a segment; some 250 MB with their blocks

Place = tuple[str, int]  # topic and partition


class Written(msgspec.Struct, frozen=True):
    """What the folder holds: the segments, and up to where each partition is in them."""

    segments: list[str]
    next: dict[str, int]  # "topic/partition" → the offset after the last one held


@dataclass
class Store:
    """Rows by key. `next` says up to where each partition was taken in."""

    folder: Path
    dtype: np.dtype[Any]
    segments: list[Segment] = field(default_factory=list)
    next: dict[Place, int] = field(default_factory=dict)
    number: int = 0
    _keys: list[Keys] = field(default_factory=list)
    _payloads: list[Payload] = field(default_factory=list)
    _blocks: list[bytes] = field(default_factory=list)
    _gathered: int = 0
    _latest: int = 0

    def __len__(self) -> int:
        return sum(map(len, self.segments)) + self._gathered

    def add(self, keys: Keys, payload: Payload, time: int, block: bytes = b"") -> None:
        """Take in rows; those of one block are numbered 0, 1, … and get its number here."""
        if block:
            payload[BLOCK] = len(self._blocks)
            self._blocks.append(block)
        self._keys.append(keys)
        self._payloads.append(payload)
        self._gathered += len(keys)
        self._latest = max(self._latest, time)
        if self._gathered >= GATHERED:
            self.seal()

    def add_block(self, domains: bytes, time: int, block: bytes) -> None:
        """Take in one block of sightings."""
        keys = np.frombuffer(domains, "<u8")
        payload = np.empty(len(keys), SIGHTING)
        payload["row"] = np.arange(len(keys))
        self.add(keys, payload, time, block)

    def taken(self, place: Place, offset: int) -> bool:
        """Note that a record is taken in; False when it had been before."""
        if offset < self.next.get(place, 0):
            return False
        self.next[place] = offset + 1
        return True

    def seal(self) -> None:
        """Sort what was gathered into a segment, and merge neighbours of similar size."""
        if not self._gathered:
            return
        self.segments.append(sealed(self._keys, self._payloads, self._blocks, self._latest))
        self._keys, self._payloads, self._blocks, self._gathered, self._latest = [], [], [], 0, 0
        while len(self.segments) > 1 and self._similar(*self.segments[-2:]):
            last = self.segments.pop()
            self.segments[-1] = merged(self.segments[-1], last)

    def _similar(self, first: Segment, second: Segment) -> bool:
        return len(first) <= 2 * len(second) and len(first) + len(second) <= LARGEST

    def find(self, keys: Keys) -> Iterator[tuple[Segment, NDArray[np.intp], Payload]]:
        """For each segment that has any: which of the keys (their places), and the rows."""
        self.seal()
        for segment in self.segments:
            which, rows = segment.find(keys)
            if len(which):
                yield segment, which, rows

    def rows(self) -> Iterator[Payload]:
        """Every row, in no useful order."""
        self.seal()
        for segment in self.segments:
            yield segment.payload

    def drop(self, before: int) -> None:
        """Forget segments of which everything is older than a time in milliseconds."""
        self.segments = [segment for segment in self.segments if segment.latest >= before]

    async def save_beside(self) -> None:
        """Bring everything to disk while work goes on; what is there is whole, whenever we are killed."""
        self.seal()
        held, upto = list(self.segments), dict(self.next)
        saved = [await asyncio.to_thread(self._saved, segment) for segment in held]
        self._adopt(held, saved)
        await asyncio.to_thread(self._note, saved, upto)

    def save(self) -> None:
        """The same at once."""
        self.seal()
        self.segments = [self._saved(segment) for segment in self.segments]
        self._note(self.segments, self.next)

    def _saved(self, segment: Segment) -> Segment:
        if segment.path is not None:
            return segment
        self.number += 1
        return save(segment, self.folder / f"{self.number:08}.segment")

    def _adopt(self, held: Sequence[Segment], saved: Sequence[Segment]) -> None:
        """Use the mapped ones for those in memory, unless these were merged meanwhile."""
        mapped = {id(old): new for old, new in zip(held, saved, strict=True)}
        self.segments = [mapped.get(id(segment), segment) for segment in self.segments]

    def _note(self, saved: Sequence[Segment], next_offsets: Mapping[Place, int]) -> None:
        names = [segment.path.name for segment in saved if segment.path]
        upto = {f"{topic}/{partition}": offset for (topic, partition), offset in next_offsets.items()}
        write_whole(self.folder / "written.json", msgspec.json.encode(Written(names, upto)))
        for path in self.folder.glob("*.segment"):
            if path.name not in names:
                path.unlink(missing_ok=True)


def open_store(folder: Path, dtype: np.dtype[Any]) -> Store:
    """The store as it was saved; an empty one where there is none or where it cannot be read."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        written = msgspec.json.decode((folder / "written.json").read_bytes(), type=Written)
        segments = [load(folder / name, dtype) for name in written.segments]
    except (OSError, ValueError, KeyError):
        return Store(folder, dtype)
    number = max((int(Path(name).stem) for name in written.segments), default=0)
    return Store(folder, dtype, segments, _places(written.next), number)


def _places(upto: Mapping[str, int]) -> dict[Place, int]:
    split = {name.rpartition("/"): offset for name, offset in upto.items()}
    return {(topic, int(partition)): offset for (topic, _, partition), offset in split.items()}


def keys_of(hashes: list[bytes]) -> Keys:
    """Domain hashes as keys to find by."""
    return np.frombuffer(b"".join(hashes), "<u8")
