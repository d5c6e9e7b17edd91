"""One compiled set of entries: a trie over reversed hosts and paths, and what each of its keys states.

A key is the reversed host, a dot, then the path: `elpmaxe.dab./pay`. Every listed host above a link and every listed
path above its own is a prefix of the link's key, so that one look-up finds them all, exactly and with the entry itself.
A table of bits says of nearly every host that no key is above it.
The file is the trie's bytes, the columns, a JSON header and a trailer; it is mapped, never read whole.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal
from zlib import crc32

import marisa_trie
import msgspec
from msgspec import Struct

from stream.lists.entries import EntryKind

FORMAT: Final = 2
MAGIC: Final = b"SARINGL1"
TRAILER: Final = 16  # the header's place as 8 bytes, then the magic
TABLE_BITS: Final = 0x3F  # which statement a key makes; 0 = none, or one with a number too high for these bits
PATHS_BELOW: Final = 0x40  # this host has listed paths, which a look-up from a host below it must ask for
MORE: Final = 0x80  # further statements of the same key stand in the `more` columns

_ANY: Final = memoryview(b"\xff")  # for sets that an earlier version compiled: any host may be there


class Statement(Struct, frozen=True):
    """What an entry says besides its key and time; few of them are different, so that a key needs one byte."""

    feed: str
    kind: EntryKind
    action: str  # block, allow; in a delta also removed
    threat: str


class Header(Struct, frozen=True):
    """Where the columns of a file lie and how to read them."""

    format: int
    keys: int
    entries: int
    columns: Mapping[str, tuple[int, int]]  # offset and bytes
    unit_seconds: int  # of the time column
    statements: tuple[Statement, ...]
    feeds: Mapping[str, int]  # entries of each


class BrokenError(ValueError):
    """Bytes that are no compiled set of a format that this program reads."""


class Layer:
    """A compiled set over a buffer; the buffer must not change while the layer lives."""

    __slots__ = (
        "bits",
        "header",
        "hosts",
        "more",
        "more_records",
        "more_times",
        "prefixes",
        "records",
        "times",
        "trie",
    )

    def __init__(self, buffer: Any) -> None:
        view = memoryview(buffer)
        self.header = header = header_of(view)
        self.hosts = _column(view, header, "hosts", "B") if "hosts" in header.columns else _ANY
        self.bits = len(self.hosts) * 8
        self.records = _column(view, header, "records", "B")
        self.times = _column(view, header, "times", _time_code(header))
        self.more = _column(view, header, "more", "I")
        self.more_records = _column(view, header, "more_records", "H")
        self.more_times = _column(view, header, "more_times", _time_code(header))
        self.trie = marisa_trie.Trie().map(buffer)
        self.prefixes = self.trie.prefixes

    def passes_over(self, host: str) -> bool:
        """Whether surely no key stands at this host or above it, as at nearly all.

        The trie says the same, but touches memory in many places, few of which are in a processor's cache
        when it is asked about a host in thousands; this touches two. A key of two labels is the last two of this host,
        a longer one ends in its last three.
        """
        hosts, bits, octets = self.hosts, self.bits, host.encode()
        two = octets.rfind(b".", 0, octets.rfind(b"."))
        place = crc32(octets[two + 1 :]) % bits
        if hosts[place >> 3] >> (place & 7) & 1:
            return False
        if two < 0:
            return True
        place = crc32(octets[octets.rfind(b".", 0, two) + 1 :]) % bits
        return not hosts[place >> 3] >> (place & 7) & 1

    def matches(self, host: str, rest: str) -> Iterator[tuple[str, str, int]]:
        """For each key above a link: host and rest of the key, and its number."""
        turned = host[::-1] + "."
        length = len(turned)
        for key, number in self.trie.iter_prefixes_with_ids(turned + rest):
            if len(key) <= length:
                yield key[-2::-1], "", number
            else:
                yield host, key[length:], number

    def statements(self, number: int) -> Iterator[tuple[Statement, int]]:
        """Everything stated of one key, with its time in seconds; 0 when the list gave none."""
        record, unit, table = self.records[number], self.header.unit_seconds, self.header.statements
        if record & TABLE_BITS:
            yield table[record & TABLE_BITS], self.times[number] * unit
        if record & MORE:
            place = bisect_left(self.more, number)
            while place < len(self.more) and self.more[place] == number:
                yield table[self.more_records[place]], self.more_times[place] * unit
                place += 1

    def has_paths_below(self, number: int) -> bool:
        """Whether paths are listed under the host of this key."""
        return bool(self.records[number] & PATHS_BELOW)

    def time_of(self, key: str, statement: Statement) -> int | None:
        """When exactly this was stated of the key, in seconds; None where it is not."""
        number = self.trie.get(turned_key(key))
        if number is None:
            return None
        return next((seconds for found, seconds in self.statements(number) if found == statement), None)

    def holds(self, key: str, statement: Statement) -> bool:
        """Whether exactly this is stated of the key."""
        return self.time_of(key, statement) is not None

    def entries(self) -> Iterator[tuple[str, Statement, int]]:
        """Key, statement and time of every entry, in no useful order."""
        for turned, number in self.trie.items():
            host, slash, rest = turned.partition("./") if "/" in turned else (turned[:-1], "", "")
            key = host[::-1] + ("/" + rest if slash else "")
            for statement, seconds in self.statements(number):
                yield key, statement, seconds


def header_of(view: memoryview) -> Header:
    """The header of a compiled set; raises for other bytes and for formats of another program version."""
    if len(view) < TRAILER or bytes(view[-8:]) != MAGIC:
        raise BrokenError("not a compiled list: no trailer")
    place = int.from_bytes(view[-16:-8], "little")
    try:
        header = msgspec.json.decode(view[place:-TRAILER], type=Header)
    except msgspec.DecodeError as error:
        raise BrokenError(f"not a compiled list: {error}") from None
    if header.format != FORMAT:
        raise BrokenError(f"compiled list has format {header.format}, this program reads {FORMAT}")
    return header


def end_of(host: str) -> int:
    """A hash of the last three labels of a host, or of all where there are fewer."""
    return crc32(".".join(host.rsplit(".", 3)[-3:]).encode())


def turned_key(key: str) -> str:
    """The key under which an entry stands in the trie."""
    host, slash, path = key.partition("/")
    return f"{host[::-1]}.{slash}{path}"


def time_text(seconds: int, unit_seconds: int) -> str:
    """A time as alerts show it: a date where only the day is kept, empty where there is none."""
    if not seconds:
        return ""
    moment = datetime.fromtimestamp(seconds, UTC)
    return moment.date().isoformat() if unit_seconds > 1 else moment.isoformat().replace("+00:00", "Z")


def _column(view: memoryview, header: Header, name: str, code: Literal["B", "H", "I"]) -> memoryview:
    offset, length = header.columns[name]
    if offset + length > len(view) - TRAILER:
        raise BrokenError(f"compiled list is cut off in column {name}")
    return view[offset : offset + length].cast(code)


def _time_code(header: Header) -> Literal["H", "I"]:
    return "H" if header.unit_seconds > 1 else "I"
