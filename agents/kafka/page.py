"""What a worker notes about the records it is judging, where its supervisor can still read it after a crash.

One small file, mapped by the supervisor and all its workers. Every worker writes its own slot, the supervisor alone
writes the suspects, so nothing needs a lock; what a killed process wrote last stays in the page cache.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agents.kafka.values import Chunk, Partition

DEADLY = 3  # deaths at one offset after which it is not tried again
_ENTRY = struct.Struct("<i i q q 250p")  # state or deaths, partition, first, last, topic
_HEADER = struct.Struct("<i i")  # slots, suspects
_SUSPECTS = 64
_BUSY = 1


@dataclass(frozen=True, slots=True)
class Range:
    """Records of one partition and how many processes ended while judging them."""

    source: Partition
    first: int
    last: int
    deaths: int = 0


class Page(Protocol):
    """Notes the range in hand, and knows the ranges that ended a process before."""

    def hold(self, chunks: Sequence[Chunk]) -> None:
        """These records are judged now."""

    def release(self) -> None:
        """Judging ended, whatever its result."""

    def parts(self, chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
        """The chunks as they must be judged: all together, or suspects one record at a time."""

    def deaths(self, chunks: Sequence[Chunk]) -> int:
        """How many processes this record ended, once that is enough not to try it again; else 0."""


class NoPage:
    """A worker without a supervisor: nothing is noted, nothing is suspect."""

    def hold(self, chunks: Sequence[Chunk]) -> None:
        """Nothing."""

    def release(self) -> None:
        """Nothing."""

    def parts(self, chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
        """All together."""
        yield chunks

    def deaths(self, chunks: Sequence[Chunk]) -> int:
        """None."""
        return 0


def create_page(path: Path, slots: int) -> None:
    """An empty page for that many workers."""
    size = _HEADER.size + (slots + _SUSPECTS) * _ENTRY.size
    path.write_bytes(_HEADER.pack(slots, 0) + bytes(size - _HEADER.size))


class _Mapped:
    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)

    def _slots_and_suspects(self) -> tuple[int, int]:
        slots, suspects = _HEADER.unpack_from(self._map)
        return slots, suspects

    def _read(self, index: int) -> Range:
        state, partition, first, last, topic = _ENTRY.unpack_from(self._map, _HEADER.size + index * _ENTRY.size)
        return Range(Partition(topic.decode(), partition), first, last, state)

    def _write(self, index: int, entry: Range) -> None:
        at, topic = _HEADER.size + index * _ENTRY.size, entry.source.topic.encode()
        _ENTRY.pack_into(self._map, at, entry.deaths, entry.source.partition, entry.first, entry.last, topic)

    def suspects(self) -> list[Range]:
        """Every range that ended a process, oldest first."""
        slots, suspects = self._slots_and_suspects()
        return [self._read(slots + index) for index in range(suspects)]


class WorkerPage(_Mapped):
    """A worker's view: its own slot to write, the suspects to read."""

    def __init__(self, path: Path, slot: int) -> None:
        super().__init__(path)
        self._slot = slot
        self._state_at = _HEADER.size + slot * _ENTRY.size
        self.release()

    def hold(self, chunks: Sequence[Chunk]) -> None:
        """These records are judged now."""
        self._write(self._slot, Range(chunks[0].source, chunks[0].first, chunks[-1].last, _BUSY))

    def release(self) -> None:
        """Judging ended, whatever its result."""
        struct.pack_into("<i", self._map, self._state_at, 0)

    def parts(self, chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
        """The chunks all together, or with suspects one record at a time."""
        source, first, last = chunks[0].source, chunks[0].first, chunks[-1].last
        near = [each for each in self.suspects() if each.source == source and each.first <= last and first <= each.last]
        if not near:
            yield chunks
        else:
            for chunk in chunks:
                yield from _split(chunk, near)

    def deaths(self, chunks: Sequence[Chunk]) -> int:
        """How many processes this record ended, once that is enough not to try it again; else 0."""
        source, offset = chunks[0].source, chunks[0].first
        if len(chunks) > 1 or chunks[0].last != offset:
            return 0
        found = [each.deaths for each in self.suspects() if each.source == source and each.first == each.last == offset]
        return max((deaths for deaths in found if deaths >= DEADLY), default=0)


def _split(chunk: Chunk, suspects: Sequence[Range]) -> Iterator[Sequence[Chunk]]:
    """Runs of harmless records as they are, each suspect on its own, in order."""
    begin = 0
    for index, record in enumerate(chunk.records):
        if any(each.first <= record.offset <= each.last for each in suspects):
            if begin < index:
                yield [_slice(chunk, begin, index)]
            yield [_slice(chunk, index, index + 1)]
            begin = index + 1
    if begin < len(chunk.records):
        yield [_slice(chunk, begin, len(chunk.records))]


def _slice(chunk: Chunk, begin: int, end: int) -> Chunk:
    return Chunk(chunk.source, chunk.generation, chunk.records[begin:end])


class SupervisorPage(_Mapped):
    """The supervisor's view: all slots to read, the suspects to write."""

    def in_hand(self, slot: int) -> Range | None:
        """What the worker in that slot was judging; None when it was judging nothing."""
        entry = self._read(slot)
        return entry if entry.deaths == _BUSY else None

    def blame(self, slot: int) -> Range | None:
        """After an abnormal end: make what was in hand a suspect. The range blamed, with its deaths, or None."""
        held = self.in_hand(slot)
        if held is None:
            return None
        single = held.first == held.last
        suspects = self.suspects()
        known = [
            each for each in suspects if (each.source, each.first, each.last) == (held.source, held.first, held.last)
        ]
        deaths = (known[0].deaths if known else 0) + single  # only an offset alone can be found guilty
        blamed = Range(held.source, held.first, held.last, deaths)
        self._store([each for each in suspects if each not in known] + [blamed])
        return blamed

    def _store(self, suspects: Sequence[Range]) -> None:
        slots, _ = self._slots_and_suspects()
        kept = suspects[-_SUSPECTS:]  # the oldest give way: they either passed or are dead letters by now
        for index, entry in enumerate(kept):
            self._write(slots + index, entry)
        _HEADER.pack_into(self._map, 0, slots, len(kept))
