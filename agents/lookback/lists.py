"""Following the lists: what came is held against the past, what was withdrawn takes alerts back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct

from agents.feeds.clock import now_text
from agents.feeds.mapped import open_layer, write_whole
from agents.feeds.places import cache_root
from agents.feeds.wire import RETRACTIONS, Lifted, Manifest
from agents.lookback.back import GRACE_MS, taken_back, unseen, withdrawn
from agents.lookback.desk import Desk, Outside
from agents.lookback.late import Watch, lates, matches, watch_for
from stream.lists.compile import seconds_of
from stream.lists.entries import Entry
from stream.lists.index import IndexedLists
from stream.lists.layer import BrokenError, Layer, time_text
from stream.retro_diff import Named, changes

log = logging.getLogger("saring.retro")
AT_ONCE: Final = 250  # entries between two looks at what else there is to do
LOCAL: Final = "local"
_UNKNOWN_MS: Final = 86_400_000  # how far back to look where it is not known what was handled

Kept = TypeVar("Kept", bound=Struct)


class Handled(Struct, frozen=True):
    """The set of lists that the past was held against, by its files, and when."""

    sequence: int = -1
    files: tuple[str, ...] = ()
    at: str = ""


class Held(Struct, frozen=True):
    """Withdrawn entries whose retractions wait for a person."""

    entries: tuple[Entry, ...] = ()
    at: str = ""  # since when; an approval must come after it


class Follower:
    """Compares each new snapshot with the one before, which a restart finds by the names of its files."""

    def __init__(self, desk: Desk, outside: Outside) -> None:
        self.watch = Watch()
        self._desk, self._outside, self._lists, self._retro = desk, outside, outside.lists, outside.settings.retro
        root = cache_root(outside.settings.cache_dir)
        self._sets = root / "sets" / desk.topics["lists"]
        self._file = root / "retro" / desk.topics["links"] / "handled.json"
        self._held_file = self._file.with_name("held.json")
        self._handled, self._held = Handled(), Held()
        self._snapshot: object = None
        self._named: list[Named] = []
        self._again: list[tuple[int, Sequence[Entry]]] = []  # when to look once more for alerts on what was withdrawn

    def begin(self) -> None:
        """Remember what was handled before; without a memory every entry is new, which costs time and repeats no id."""
        self._handled = _read(self._file, Handled())
        self._held = _read(self._held_file, Held())
        self._named = _opened(self._sets, self._handled.files)
        self._look_out()

    async def look(self) -> None:
        """Catch up with the lists in force."""
        current = self._lists.current()
        if current is not self._snapshot and isinstance(current, IndexedLists):
            await self._adopt(current)
        if self._held.entries and self._approved():
            entries, self._held = self._held.entries, Held()
            await self._take_back(entries, approved=True)
            self._hold(())
        while self._again and self._again[0][0] <= self._desk.now():
            await self._take_back(self._again.pop(0)[1], last=True)

    async def _adopt(self, lists: IndexedLists) -> None:
        manifest = self._lists.desired.manifests.get(lists.sequence)
        new = _named(lists, manifest)
        self._look_out()  # first: what arrives meanwhile is judged by the entries too
        gone: list[Entry] = []
        came: list[Entry] = []
        for change in changes(self._named, new):
            if change is None:
                await asyncio.sleep(0)
            elif change.came and change.entry.action == "block":
                came.append(change.entry)
            elif not change.came and change.entry.action == "block":
                gone.append(change.entry)
            if len(came) >= AT_ONCE:
                await self._late(came)
                came.clear()
        await self._late(came)
        if self._snapshot is None:
            gone += [*self._lifted(), *await self._unseen(lists)]
        if lists.sequence >= self._handled.sequence:  # a rollback withdraws nothing
            await self._take_back([entry for entry in gone if self._counts(entry, manifest)])
        self._snapshot, self._named = lists, new
        self._handled = Handled(lists.sequence, tuple(name for name, _ in new if ":" not in name), lists.built_at)
        write_whole(self._file, msgspec.json.encode(self._handled))

    def _look_out(self) -> None:
        lists = self._lists.current()
        if isinstance(lists, IndexedLists):
            manifest = self._lists.desired.manifests.get(lists.sequence)
            named = _named(lists, manifest)
            base = manifest.base.sha256 if manifest and manifest.base else ""
            listed = [each for name, layer in named if name != base and ":" not in name for each in _blocks(layer)]
            local = [each for name, layer in named if ":" in name for each in _blocks(layer)]
            since = (lists.sequence, self._base_since(base, lists.sequence))
            self.watch = watch_for(self._desk, listed, local, since)

    def _base_since(self, base: str, sequence: int) -> int:
        """The first sequence, of those still told, with this base; later than true is safe, it only costs look-ups."""
        manifests = self._lists.desired.manifests.values()
        return min((each.sequence for each in manifests if each.base and each.base.sha256 == base), default=sequence)

    async def _late(self, entries: Sequence[Entry]) -> None:
        if not entries:
            return
        alerts = lates(self._desk, matches(self._desk, entries), self._retro.summary_above)
        if alerts:
            await self._outside.say(self._desk, alerts)
        await asyncio.sleep(0)

    async def _take_back(self, entries: Sequence[Entry], approved: bool = False, last: bool = False) -> None:
        if not entries:
            return
        if not last:  # workers that swap late may still raise some
            self._again.append((self._desk.now() + GRACE_MS, entries))
        domains = sorted({self._desk.domain(entry.key) for entry in entries})
        reason = withdrawn(self._desk, entries)
        alerts = await taken_back(self._desk, self._outside.fetch, domains, reason, self._desk.now())
        if len(alerts) > self._retro.hold_above and not approved:
            feeds = ", ".join(sorted({entry.feed for entry in entries}))
            log.warning("%d retractions from %s wait: saring lists approve FEED --retractions", len(alerts), feeds)
            self._hold((*self._held.entries, *entries))
            self._outside.meters.retractions_held.set(len(alerts))
        elif alerts:
            for alert in alerts:
                self._desk.utter(alert)
            await self._outside.say(self._desk, alerts)

    def _hold(self, entries: tuple[Entry, ...]) -> None:
        self._held = Held(entries, now_text() if entries else "")
        write_whole(self._held_file, msgspec.json.encode(self._held))
        if not entries:
            self._outside.meters.retractions_held.set(0)

    def _approved(self) -> bool:
        feeds = {entry.feed for entry in self._held.entries}
        return any(
            control.control == "approve"
            and control.value == RETRACTIONS
            and control.name in feeds
            and control.at >= self._held.at
            for control in self._lists.controls()
        )

    def _counts(self, entry: Entry, manifest: Manifest | None) -> bool:
        """Whether going from its list means that the entry was wrong: most lists also drop what merely went offline."""
        if entry.feed == LOCAL:
            return any(_is_of(key, entry) for key in self._lists.desired.lifted)
        feeds = manifest.feeds if manifest else ()
        return any(feed.name == entry.feed and feed.removal == "delisted" for feed in feeds)

    async def _unseen(self, lists: IndexedLists) -> list[Entry]:
        """What alerts since the last set that was handled rest on, and what is gone."""
        now, at = self._desk.now(), seconds_of(self._handled.at) * 1000
        found = await unseen(self._desk, self._outside.fetch, at - GRACE_MS if at else now - _UNKNOWN_MS)
        return [entry for entry in found if entry.feed != LOCAL and entry.feed not in lists.paused]

    def _lifted(self) -> list[Entry]:
        """Own entries that somebody took back while we were away: the record says what they were."""
        lifted = self._lists.desired.lifted.items()
        return [entry for key, what in lifted if what.at > self._handled.at for entry in _entries_of(key, what)]


def _entries_of(key: bytes, what: Lifted) -> list[Entry]:
    word, _, rest = key.decode("utf-8", "replace").partition("/")
    kind, _, name = rest.partition("/")
    return [Entry(LOCAL, kind, name, raw=what.note)] if word == "entry" and name else []  # type: ignore[arg-type]  # ours


def _is_of(key: bytes, entry: Entry) -> bool:
    return key == f"entry/{entry.kind}/{entry.key}".encode()


def _named(lists: IndexedLists, manifest: Manifest | None) -> list[Named]:
    files = [ref.sha256 for ref in (manifest.base, manifest.delta) if ref] if manifest else []
    names = [*files, *(f"own:{id(layer)}" for layer in lists.layers[len(files) :])]
    return list(zip(names, lists.layers, strict=False))


def _opened(folder: Path, files: Iterable[str]) -> list[Named]:
    try:
        return [(name, open_layer(folder / f"{name}.set")) for name in files]
    except (OSError, BrokenError):
        return []


def _blocks(layer: Layer) -> Iterable[Entry]:
    unit = layer.header.unit_seconds
    for key, stated, seconds in layer.entries():
        if stated.action == "block":
            yield Entry(stated.feed, stated.kind, key, "block", stated.threat, time_text(seconds, unit))


def _read(path: Path, default: Kept) -> Kept:
    try:
        return msgspec.json.decode(path.read_bytes(), type=type(default))
    except (OSError, msgspec.DecodeError):
        return default
