"""Entries to a compiled set: the file that workers map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import marisa_trie
import msgspec
import numpy as np

from stream.lists.entries import Entry
from stream.lists.layer import FORMAT, MAGIC, MORE, PATHS_BELOW, TABLE_BITS, Header, Statement, turned_key

DAY: Final = 86_400
_STEP: Final = 100_000  # entries between two reports of progress

Progress = Callable[[str, int], None]


@dataclass
class _Columns:
    records: np.ndarray
    times: np.ndarray
    more: list[tuple[int, int, int]] = field(default_factory=list)
    table: dict[Statement, int] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    entries: int = 0


def compiled(
    entries: Callable[[], Iterable[Entry]], unit_seconds: int = DAY, progress: Progress = lambda _stage, _done: None
) -> bytes:
    """The file for these entries, which are read twice: once for the keys, once for what they state.

    Only keys are held in memory, and by the trie's builder, not by Python. With `unit_seconds` of a day a time takes
    two bytes; a small set keeps seconds.
    """
    trie = marisa_trie.Trie(_keys(entries(), progress))
    columns = _Columns(
        np.zeros(len(trie), np.uint16), np.zeros(len(trie), np.uint16 if unit_seconds > 1 else np.uint32)
    )
    for done, entry in enumerate(entries(), 1):
        _state(columns, trie, entry, unit_seconds)
        if done % _STEP == 0:
            progress("entries", done)
    return _file(trie, columns, unit_seconds)


def _keys(entries: Iterable[Entry], progress: Progress) -> Iterator[str]:
    for done, entry in enumerate(entries, 1):
        key = turned_key(entry.key)
        yield key
        if "/" in key:
            yield key[: key.index("/")]  # the host itself, to say that it has paths below
        if done % _STEP == 0:
            progress("keys", done)
    progress("trie", 0)


def _state(columns: _Columns, trie: marisa_trie.Trie, entry: Entry, unit_seconds: int) -> None:
    key = turned_key(entry.key)
    number = trie[key]
    if "/" in key:
        columns.records[trie[key[: key.index("/")]]] |= PATHS_BELOW
    statement = Statement(entry.feed, entry.kind, entry.action, entry.threat)
    index = columns.table.setdefault(statement, len(columns.table) + 1)
    if index > TABLE_BITS:
        raise ValueError("more than 16,383 different statements: threats must come from a short list")
    time = min(seconds_of(entry.listed_at) // unit_seconds, int(np.iinfo(columns.times.dtype).max))
    known = int(columns.records[number])
    if not known & TABLE_BITS:
        columns.records[number] = known | index
        columns.times[number] = time
    elif known & TABLE_BITS == index:
        return
    else:
        columns.records[number] = known | MORE
        columns.more.append((number, index, time))
    columns.entries += 1
    columns.feeds[entry.feed] = columns.feeds.get(entry.feed, 0) + 1


def _file(trie: marisa_trie.Trie, columns: _Columns, unit_seconds: int) -> bytes:
    more = np.array(sorted(set(columns.more)), np.uint32).reshape(-1, 3)
    parts = {
        "records": columns.records.tobytes(),
        "times": columns.times.tobytes(),
        "more": more[:, 0].tobytes(),
        "more_records": more[:, 1].astype(np.uint16).tobytes(),
        "more_times": more[:, 2].astype(columns.times.dtype).tobytes(),
    }
    data = bytearray(trie.tobytes())
    places = {name: (_append(data, part), len(part)) for name, part in parts.items()}
    statements = (Statement("", "url", "block", ""), *columns.table)
    header = Header(FORMAT, len(trie), columns.entries, places, unit_seconds, statements, columns.feeds)
    place = _append(data, msgspec.json.encode(header))
    return bytes(data + place.to_bytes(8, "little") + MAGIC)


def _append(data: bytearray, part: bytes) -> int:
    """Append a part at a multiple of eight bytes, as reading a column in place needs; returns where it is."""
    data.extend(bytes(-len(data) % 8))
    place = len(data)
    data.extend(part)
    return place


def seconds_of(text: str) -> int:
    """Seconds since 1970 of a date or RFC 3339 time, or of a number that is one; 0 for anything else."""
    if len(text) == 10 and text[4:5] == "-":
        text += "T00:00:00+00:00"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 11 else 0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(moment.timestamp()))
