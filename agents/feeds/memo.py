"""What the keeper remembers of a feed between two fetches, on disk and in the lists topic for `saring lists status`."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from agents.feeds.mapped import write_whole
from stream.lists.admission import Cut

SIZES_KEPT = 50
SAMPLE = 20


class Held(Struct, frozen=True):
    """An update that waits for a person: what it would change."""

    sha256: str
    why: str
    at: str
    entries: int
    added: int
    removed: int
    added_sample: tuple[str, ...] = ()
    removed_sample: tuple[str, ...] = ()


Ending: TypeAlias = Literal["none", "admitted", "unchanged", "held", "refused", "unreachable", "fault"]


class Memo(Struct, frozen=True, omit_defaults=True):
    """One feed as the keeper knows it; `result` is the sentence that says how the last attempt ended."""

    name: str
    entries: int = 0
    result: str = "not fetched yet"
    ending: Ending = "none"  # of the last round: the same as a word, for a metric
    ok: bool = True
    etag: str = ""
    last_modified: str = ""
    content: str = ""  # SHA-256 of what was fetched last
    judged: str = ""  # why that content is not in force; empty where it is
    last_try: str = ""
    last_success: str = ""
    last_change: str = ""
    failures: int = 0
    bad_lines: int = 0
    bad_sample: tuple[str, ...] = ()
    cut: int = 0
    cut_sample: tuple[Cut, ...] = ()
    held: Held | None = None
    approved: tuple[str, ...] = ()  # keys let through when the content was judged
    sizes: tuple[tuple[str, int], ...] = ()  # when a set came into force, and its entries
    stale: bool = False
    enabled: bool = True
    paused: bool = False
    licence: str = ""
    stale_after_seconds: float = 0

    @property
    def in_force(self) -> str:
        """How much of the list counts and how much of it does not, in words."""
        told = f"{self.entries} {'entry' if self.entries == 1 else 'entries'} in force"
        told += f", {self.cut} cut out" if self.cut else ""
        return told + (f", {self.bad_lines} unreadable" if self.bad_lines else "")

    @property
    def quarantined(self) -> int:
        """Entries that wait for a person: those cut out, and those that a held update would add or take away."""
        return self.cut + (max(1, self.held.added + self.held.removed) if self.held else 0)


def status_key(name: str) -> bytes:
    """The record key under which a feed's memo stands in the lists topic."""
    return f"status/{name}".encode()


def load_memo(path: Path, name: str) -> Memo:
    """The memo in a file; a new one when there is none or it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Memo)
    except (OSError, msgspec.DecodeError):
        return Memo(name)


def save_memo(path: Path, memo: Memo) -> None:
    """Keep the memo."""
    write_whole(path, msgspec.json.encode(memo))
