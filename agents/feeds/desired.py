"""From the records of the lists topics to what should be in force: pure, so that every process agrees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from agents.feeds.wire import Control, Lifted, Manifest, Own, control_key, decode_manifest, decode_own
from stream.lists.entries import Entry
from stream.model import Record

_Name = TypeVar("_Name")
_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Desired:
    """Everything that the lists topics say now."""

    manifests: dict[int, Manifest] = field(default_factory=dict)
    own: dict[bytes, Own] = field(default_factory=dict)
    controls: dict[bytes, Control] = field(default_factory=dict)
    lifted: dict[bytes, Lifted] = field(default_factory=dict)
    uploads: dict[str, int] = field(default_factory=dict)  # files whose chunks were begun, and how many those are
    memos: dict[str, bytes] = field(default_factory=dict)  # what the keeper says of each feed

    def sets(self, now: str) -> list[Manifest]:
        """Manifests to try, best first: the newest, or under a rollback the newest up to its target."""
        rollback = self.control("rollback", "", now)
        limit = int(rollback.value) if rollback and rollback.value.isdecimal() else None
        wanted = [manifest for sequence, manifest in self.manifests.items() if limit is None or sequence <= limit]
        return sorted(wanted, key=lambda manifest: -manifest.sequence)

    def control(self, name: str, of: str, now: str) -> Control | None:
        """The control of that name if it is in force; times are RFC 3339 in UTC."""
        found = self.controls.get(control_key(name, of))
        return found if found and not _over(found.expires_at, now) else None

    def in_force(self, now: str) -> list[Control]:
        """Every control in force."""
        return [control for control in self.controls.values() if not _over(control.expires_at, now)]

    def paused(self, now: str) -> frozenset[str]:
        """Feeds whose entries do not count for now."""
        return frozenset(control.name for control in self.in_force(now) if control.control == "pause")

    def entries(self, now: str) -> list[Entry]:
        """Entries made by hand that have not expired."""
        return [entry_of(own) for own in self.own.values() if not _over(own.expires_at, now)]


def entry_of(own: Own) -> Entry:
    """An entry made by hand as any other list's."""
    return Entry("local", own.kind, own.key, own.action, own.threat, own.at, own.expires_at, own.note)


def after(desired: Desired, records: Iterable[Record], lists: str, entries: str) -> Desired:
    """What is desired once these records are known; records of other kinds and versions change nothing."""
    new = replace(
        desired,
        manifests=dict(desired.manifests),
        own=dict(desired.own),
        controls=dict(desired.controls),
        lifted=dict(desired.lifted),
        uploads=dict(desired.uploads),
        memos=dict(desired.memos),
    )
    for record in records:
        if record.topic == lists:
            _of_keeper(new, (record.key or b"").decode("utf-8", "replace"), record.value)
        elif record.topic == entries and record.key is not None:
            _entry(new, record.key, record.value)
    return new


def _of_keeper(desired: Desired, key: str, value: bytes | None) -> None:
    kind, _, name = key.partition("/")
    if kind == "upload":
        _put(desired.uploads, name, int(value) if value is not None else None)
    elif kind == "status":
        _put(desired.memos, name, value)
    elif kind == "manifest" and name.isdecimal():
        _put(desired.manifests, int(name), decode_manifest(value) if value is not None else None)


def _put(kept: dict[_Name, _Value], name: _Name, value: _Value | None) -> None:
    if value is None:
        kept.pop(name, None)
    else:
        kept[name] = value


def _entry(desired: Desired, key: bytes, value: bytes | None) -> None:
    for kept in (desired.own, desired.controls, desired.lifted):
        kept.pop(key, None)
    found = decode_own(value) if value is not None else None
    if isinstance(found, Own):
        desired.own[key] = found
    elif isinstance(found, Control):
        desired.controls[key] = found
    elif isinstance(found, Lifted):
        desired.lifted[key] = found


def _over(expires_at: str, now: str) -> bool:
    return bool(expires_at) and expires_at <= now
