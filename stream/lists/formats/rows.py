"""What every list format is read into: rows, bad lines, and the options that say how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from msgspec import Struct

from stream.lists.entries import Action, Entry, EntryKind
from stream.model import Link


class Row(Struct, frozen=True, gc=False):
    """One entry as a list states it, before it gets its canonical name; empty fields were not stated."""

    raw: str
    kind: EntryKind | None = None
    listed_at: str = ""
    expires_at: str = ""
    threat: str = ""
    action: Action = "block"
    feed: str = ""


class Bad(Struct, frozen=True, gc=False):
    """A line or record that is no entry; `line` counts from 1, or is the position in a structured file."""

    line: int
    why: str
    text: str = ""


Rows: TypeAlias = Iterator[Row | Bad]
Canonicalize: TypeAlias = Callable[[str], Link | None]
Kinds: TypeAlias = Literal["auto", "url", "prefix", "host", "domain"]


@dataclass(frozen=True)
class ParseOptions:
    """How to read one feed: its name, what its lines are, and where a structured format keeps them."""

    canonicalize: Canonicalize
    feed: str = "file"
    kinds: Kinds = "auto"
    threat: str = "phishing"
    fields: Mapping[str, str] = field(default_factory=dict)  # `column`, `pointer`, `listed_at` … of a format


@dataclass(frozen=True)
class Parsed:
    """Entries in the order of the list, with the first bad lines as examples and the count of all of them."""

    entries: list[Entry]
    bad_lines: tuple[Bad, ...] = ()
    bad_count: int = 0

    @property
    def bad_share(self) -> float:
        """Share of lines that could not be read; 1 for a list in which nothing could."""
        total = len(self.entries) + self.bad_count
        return self.bad_count / total if total else 0.0


class UnreadableError(ValueError):
    """The whole file is not what its format says, such as an HTML page where a list should be."""


def text_of(data: bytes) -> str:
    """The file as text; bytes that are not UTF-8 become U+FFFD, which makes their line a bad one."""
    return data.decode("utf-8-sig", "replace")


def lines_of(data: bytes) -> Iterator[tuple[int, str]]:
    """Numbered lines without comments and blank ones."""
    for number, line in enumerate(text_of(data).split("\n"), 1):
        stripped = line.strip()
        if stripped and stripped[0] not in "#;!":
            yield number, stripped
