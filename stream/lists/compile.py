"""Entries to a compiled set: the file that workers map."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import marisa_trie
import msgspec

from stream.lists.entries import Entry, EntryKind
from stream.lists.layer import FORMAT, MAGIC, MORE, PATHS_BELOW, TABLE_BITS, Header, Statement, end_of, turned_key

DAY: Final = 86_400
_LATEST: Final = {2: 0xFFFF, 4: 0xFFFFFFFF}  # by the bytes that a time takes
_MANY: Final = 30_000  # of the 65,535 numbers that a statement can have
_STEP: Final = 100_000  # entries between two reports of progress

Progress = Callable[[str, int], None]


@dataclass
class _Columns:
    records: bytearray
    times: array[int]
    unit_seconds: int
    more: dict[tuple[int, int], int] = field(default_factory=dict)  # time by key and statement
    table: dict[tuple[str, EntryKind, str, str], int] = field(default_factory=dict)
    feeds: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    hosts: bytearray = field(default_factory=bytearray)  # a bit by the last end of each host


def compiled(
    entries: Callable[[], Iterable[Entry]], unit_seconds: int = DAY, progress: Progress = lambda _stage, _done: None
) -> bytes:
    """The file for these entries, which are read twice: once for the keys, once for what they state.

    Only keys are held in memory, and by the trie's builder, not by Python. With `unit_seconds` of a day a time takes
    two bytes; a small set keeps seconds.
    """
    trie = marisa_trie.Trie(_keys(entries(), progress))
    times = array("H" if unit_seconds > 1 else "I", [0])
    columns = _Columns(bytearray(len(trie)), times * len(trie), unit_seconds)
    columns.hosts = bytearray(max(1, len(trie)))  # eight bits a key: one new link in seven is asked about for nothing
    for done, entry in enumerate(entries(), 1):
        _state(columns, trie, entry)
        if done % _STEP == 0:
            progress("entries", done)
    return _file(trie, columns)


def _keys(entries: Iterable[Entry], progress: Progress) -> Iterator[str]:
    for done, entry in enumerate(entries, 1):
        key = turned_key(entry.key)
        yield key
        if "/" in key:
            yield key[: key.index("/")]  # the host itself, to say that it has paths below
        if done % _STEP == 0:
            progress("keys", done)
    progress("trie", 0)


def _state(columns: _Columns, trie: marisa_trie.Trie, entry: Entry) -> None:
    host, slash, path = entry.key.partition("/")
    turned, records = host[::-1] + ".", columns.records
    _mark(columns.hosts, host)
    if slash:
        records[trie[turned]] |= PATHS_BELOW
        turned = f"{turned}/{path}"
    number = trie[turned]
    index = _index(columns, (entry.feed, entry.kind, entry.action, entry.threat))
    known = records[number]
    if known & TABLE_BITS == index or (number, index) in columns.more:
        return
    time = min(seconds_of(entry.listed_at) // columns.unit_seconds, _LATEST[columns.times.itemsize])
    if known & TABLE_BITS or index > TABLE_BITS:
        records[number] = known | MORE
        columns.more[number, index] = time
    else:
        records[number] = known | index
        columns.times[number] = time
    columns.entries += 1
    columns.feeds[entry.feed] = columns.feeds.get(entry.feed, 0) + 1


def _mark(hosts: bytearray, host: str) -> None:
    """Note that this host has entries. One of a single label covers hosts that end in anything: then all are asked."""
    if "." in host or host[:1] == "[":
        place = end_of(host) % (len(hosts) * 8)
        hosts[place >> 3] |= 1 << (place & 7)
    else:
        hosts[:] = b"\xff" * len(hosts)


def _index(columns: _Columns, statement: tuple[str, EntryKind, str, str]) -> int:
    """The statement's number; a list with thousands of threats of its own making gets one word for the rest."""
    known = columns.table.get(statement)
    if known is None and len(columns.table) >= _MANY:
        statement = (*statement[:3], "other")
        known = columns.table.get(statement)
    if known is None:
        known = columns.table[statement] = len(columns.table) + 1
    if known > 0xFFFF:
        raise ValueError("more than 65,535 different feeds and kinds")
    return known


def _file(trie: marisa_trie.Trie, columns: _Columns) -> bytes:
    more = sorted((number, index, time) for (number, index), time in columns.more.items())
    parts = {
        "records": bytes(columns.records),
        "hosts": bytes(columns.hosts),
        "times": columns.times.tobytes(),
        "more": array("I", [number for number, _, _ in more]).tobytes(),
        "more_records": array("H", [index for _, index, _ in more]).tobytes(),
        "more_times": array(columns.times.typecode, [time for _, _, time in more]).tobytes(),
    }
    data = bytearray(trie.tobytes())
    places = {name: (_append(data, part), len(part)) for name, part in parts.items()}
    statements = (Statement("", "url", "block", ""), *(Statement(*values) for values in columns.table))
    header = Header(FORMAT, len(trie), columns.entries, places, columns.unit_seconds, statements, columns.feeds)
    place = _append(data, msgspec.json.encode(header))
    return bytes(data + place.to_bytes(8, "little") + MAGIC)


def _append(data: bytearray, part: bytes) -> int:
    """Append a part at a multiple of eight bytes, as reading a column in place needs; returns where it is."""
    data.extend(bytes(-len(data) % 8))
    place = len(data)
    data.extend(part)
    return place


@lru_cache(maxsize=8192)
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
