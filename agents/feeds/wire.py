"""What the keeper writes to the lists topics and the workers read: manifests, chunks, entries and controls.

`saring.lists` holds the last few manifests, one a key; `saring.lists.chunks` the files they name, cut into pieces;
`saring.entries` one record for each entry made by hand and for each control.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec
from msgspec import Struct

from stream.lists.entries import Action, EntryKind

FORMAT: Final = 1  # written; workers read this one and the one before
READABLE: Final = (FORMAT - 1, FORMAT)
LOCAL: Final = "local"
RETRACTIONS: Final = "retractions"  # value of an approval that lets held retractions of a feed go


class FileRef(Struct, frozen=True):
    """A compiled set in the chunks topic: its hash, its size, and the offset of each chunk."""

    sha256: str
    size: int
    chunk_bytes: int
    offsets: tuple[int, ...]


class FeedState(Struct, frozen=True, omit_defaults=True):
    """A feed as it stands in a manifest."""

    name: str
    entries: int
    last_success: str = ""
    last_change: str = ""
    stale: bool = False
    licence: str = ""
    removal: Literal["delisted", "expired", "window"] = "delisted"


class Manifest(Struct, frozen=True):
    """One published set of lists."""

    format: int
    sequence: int
    built_at: str
    base: FileRef | None
    delta: FileRef | None
    feeds: tuple[FeedState, ...] = ()

    @property
    def snapshot(self) -> str:
        """The name of the set, as alerts show it."""
        files = [ref.sha256 for ref in (self.base, self.delta) if ref]
        return f"{self.built_at}-{files[-1][:4] if files else 'none'}"


class Own(Struct, frozen=True, omit_defaults=True, tag="entry"):
    """An entry made by hand."""

    kind: EntryKind
    key: str
    action: Action
    by: str
    at: str
    note: str = ""
    threat: str = "phishing"
    expires_at: str = ""


class Control(Struct, frozen=True, omit_defaults=True, tag="control"):
    """A brake: `pause` a feed, `rollback` to a sequence (name empty), switch a `check` off, `approve` held content."""

    control: Literal["pause", "rollback", "check", "approve"]
    name: str
    by: str
    at: str
    value: str = ""
    note: str = ""
    expires_at: str = ""


class Lifted(Struct, frozen=True, tag="lifted"):
    """An entry or control that was taken back; kept instead of a tombstone so that the topic tells by whom."""

    by: str
    at: str
    note: str = ""


def own_key(entry: Own) -> bytes:
    """The record key of an entry made by hand."""
    return f"entry/{entry.kind}/{entry.key}".encode()


def control_key(control: str, name: str, value: str = "") -> bytes:
    """The record key of a control; a feed may have many approvals at once, of every other control one."""
    return f"control/{control}/{name}{'/' + value if control == 'approve' else ''}".encode()


def manifest_key(sequence: int) -> bytes:
    """The record key of a manifest; each has its own, so that a rollback finds the one before."""
    return f"manifest/{sequence}".encode()


def chunk_key(sha256: str, number: int) -> bytes:
    """The record key of a chunk."""
    return f"{sha256}/{number}".encode()


def encode(value: Manifest | Own | Control | Lifted) -> bytes:
    """The record's bytes."""
    return msgspec.json.encode(value)


def decode_manifest(value: bytes) -> Manifest | None:
    """The manifest, or None for one that this program cannot read: an older worker keeps the set that it has."""
    try:
        if msgspec.json.decode(value, type=_Versioned).format not in READABLE:
            return None
        return msgspec.json.decode(value, type=Manifest)
    except msgspec.DecodeError:
        return None


def decode_own(value: bytes) -> Own | Control | Lifted | None:
    """The entry or control; None for a record of a kind that this program does not know."""
    try:
        return msgspec.json.decode(value, type=Own | Control | Lifted)
    except msgspec.DecodeError:
        return None


class _Versioned(Struct):
    format: int
