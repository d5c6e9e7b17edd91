"""Proof from the ledger that every offset below the committed one ended in exactly one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import msgspec
from msgspec import Struct

from agents.kafka.options import Mode
from agents.kafka.values import Partition

Held = Callable[[Partition, int, int], int]  # how many records the source still holds from first to last


class Entry(Struct):
    """One ledger record, as far as the proof needs it."""

    source: str
    topic: str
    partition: int
    first: int
    last: int
    seen: int
    clean: int = 0
    flagged: int = 0
    skipped: int = 0
    dead: int = 0
    kind: str = "live"


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the ledger says about one partition, from its first entry to the committed offset."""

    partition: Partition
    first: int
    committed: int
    seen: int
    repeated: int  # offsets that more than one entry covers
    missing: tuple[tuple[int, int], ...]  # ranges without an entry that the source holds records for
    passed_over: int  # records within the ranges of entries that did not see them
    miscounted: int  # entries whose outcomes do not add up to what they saw

    def faults(self, mode: Mode) -> list[str]:
        """What is wrong here, as sentences; empty when the promise was kept."""
        found = [f"offsets {first} to {last} have no outcome" for first, last in self.missing]
        if self.passed_over:
            found.append(f"{self.passed_over} records within entries have no outcome")
        if self.miscounted:
            found.append(f"{self.miscounted} entries do not add up")
        if self.repeated and mode == "exactly_once":
            found.append(f"{self.repeated} offsets have more than one outcome")
        return found


def decode(values: Iterable[bytes | None]) -> list[Entry]:
    """The live entries among the values of the ledger topic; replays prove nothing about the live line."""
    decoder = msgspec.json.Decoder(Entry)
    entries = [decoder.decode(value) for value in values if value]
    return [entry for entry in entries if entry.kind == "live"]


def verify(entries: Iterable[Entry], committed: Mapping[Partition, int], held: Held) -> list[Coverage]:
    """One coverage for each committed partition that the ledger knows.

    `held` tells a hole (transaction markers, compaction, expiry) from a record that was passed over.
    """
    ordered = sorted(entries, key=lambda entry: (entry.topic, entry.partition, entry.first, entry.last))
    by_partition = {
        Partition(*key): list(group) for key, group in groupby(ordered, lambda entry: (entry.topic, entry.partition))
    }
    return [
        _coverage(partition, found, committed[partition], held)
        for partition, found in by_partition.items()
        if partition in committed
    ]


def _coverage(partition: Partition, entries: Sequence[Entry], committed: int, held: Held) -> Coverage:
    reached, repeated, gaps = entries[0].first, 0, list[tuple[int, int]]()
    for entry in entries:
        if entry.first > reached:
            gaps.append((reached, entry.first - 1))
        repeated += max(0, min(reached, entry.last + 1) - entry.first)
        reached = max(reached, entry.last + 1)
    if committed > reached:
        gaps.append((reached, committed - 1))
    missing = tuple(gap for gap in gaps if gap[0] < committed and held(partition, *gap))
    miscounted = sum(entry.seen != entry.clean + entry.flagged + entry.skipped + entry.dead for entry in entries)
    with_holes = [entry for entry in entries if entry.seen <= entry.last - entry.first]
    passed = sum(max(0, held(partition, entry.first, entry.last) - entry.seen) for entry in with_holes)
    seen = sum(entry.seen for entry in entries)
    return Coverage(partition, entries[0].first, committed, seen, repeated, missing, passed, miscounted)
