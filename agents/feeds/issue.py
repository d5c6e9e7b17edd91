"""Issuing sets: what the good sets make is built, uploaded, announced; what has served is let go."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from agents.feeds import build
from agents.feeds.clock import age_seconds, now_text
from agents.feeds.desired import Desired
from agents.feeds.memo import Memo
from agents.feeds.plan import Plan
from agents.feeds.publish import Press, announce, clear, files_of, upload
from agents.feeds.rounds import Store, built
from agents.feeds.wire import FORMAT, FeedState, FileRef, Manifest
from config.feeds import FeedSettings, ListsSettings

log = logging.getLogger("saring.keeper")
_KEPT_SETS: Final = 3  # for a rollback, whatever their age
_MOST_SETS: Final = 12  # however young they are


class Issuer:
    """The sets of one keeper, from the last one published on."""

    def __init__(self, plan: Plan, store: Store, press: Press) -> None:
        self._plan, self._store, self._press = plan, store, press
        self._manifests: dict[int, Manifest] = {}
        self._superseded: dict[int, str] = {}
        self._base_at = now_text()

    @property
    def last(self) -> Manifest | None:
        """The set in force."""
        return self._manifests[max(self._manifests)] if self._manifests else None

    @property
    def base_due(self) -> bool:
        """Whether the delta has been growing for so long that a new base should take it in."""
        old = age_seconds(self._base_at) > self._plan.limits.base_seconds
        return old and self.last is not None and self.last.delta is not None

    async def begin(self, desired: Desired) -> None:
        """Go on from what the topics hold; chunks of a set that never came into force are cleared away."""
        self._manifests = dict(desired.manifests)
        if self.last:
            self._base_at = self.last.built_at
            self._superseded = dict.fromkeys(sorted(self._manifests)[:-1], now_text())
        named = {ref.sha256 for manifest in self._manifests.values() for ref in files_of(manifest)}
        orphans = {sha256: count for sha256, count in desired.uploads.items() if sha256 not in named}
        await clear(self._press, [], self._manifests.values(), orphans)

    async def issue(self, memos: Mapping[str, Memo]) -> bool:
        """Put in force what the good sets make; False when that is what is in force already."""
        made = await self._built(memos)
        base, delta = await self._file(made.base), await self._file(made.delta)
        feeds = tuple(_state(memo, self._plan.feeds[name]) for name, memo in sorted(memos.items()) if memo.entries)
        last = self.last
        if (last.base, last.delta, last.feeds) == (base, delta, feeds) if last else base is None:
            return False
        manifest = Manifest(FORMAT, (last.sequence if last else 0) + 1, now_text(), base, delta, feeds)
        await announce(self._press, manifest)
        if last is None or last.base != base:
            self._base_at = manifest.built_at
        if last:
            self._superseded[last.sequence] = manifest.built_at
        self._manifests[manifest.sequence] = manifest
        log.info("lists %d published: %d entries, delta %d", manifest.sequence, made.entries, made.changes)
        self._plan.events.on_published(manifest)
        return True

    async def retire(self) -> None:
        """Let go of sets that were superseded long enough ago; the last few stay for a rollback."""
        gone = _retired(sorted(self._manifests), self._superseded, self._plan.limits)
        if not gone:
            return
        old = [self._manifests.pop(sequence) for sequence in gone]
        await clear(self._press, old, self._manifests.values(), {})
        for sequence in gone:
            self._superseded.pop(sequence, None)
        _unlink(self._folder, self._manifests.values())

    async def _built(self, memos: Mapping[str, Memo]) -> build.Built:
        enabled = [name for name, feed in self._plan.feeds.items() if feed.enabled]
        goods = {name: str(path) for name in enabled if (path := self._store.path(name, "good")).exists()}
        base = self._folder / f"{self.last.base.sha256}.set" if self.last and self.last.base else None
        job = build.Job(
            goods,
            str(base) if base and base.exists() else None,
            str(self._folder),
            self._plan.limits.delta_share,
            self.base_due,
        )
        return await built(job, sum(memo.entries for memo in memos.values()))

    async def _file(self, sha256: str | None) -> FileRef | None:
        if sha256 is None:
            return None
        for manifest in self._manifests.values():
            for ref in files_of(manifest):
                if ref.sha256 == sha256:
                    return ref
        return await upload(self._press, self._folder / f"{sha256}.set")

    @property
    def _folder(self) -> Path:
        return self._store.root / "sets"


def _unlink(folder: Path, kept: Iterable[Manifest]) -> None:
    named = {ref.sha256 for manifest in kept for ref in files_of(manifest)}
    for path in folder.glob("*.set"):
        if path.stem not in named:
            path.unlink(missing_ok=True)


def _retired(sequences: list[int], superseded: Mapping[int, str], limits: ListsSettings) -> list[int]:
    """Of all sets but the newest few: those superseded long ago, and as many as are too many."""
    candidates = sequences[: -_KEPT_SETS - 1]
    old = {each for each in candidates if age_seconds(superseded.get(each, "")) > limits.keep_superseded_seconds}
    surplus = candidates[: max(0, len(sequences) - _MOST_SETS)]
    return sorted(old.union(surplus))


def _state(memo: Memo, feed: FeedSettings) -> FeedState:
    return FeedState(memo.name, memo.entries, "", memo.last_change, memo.stale, memo.licence, feed.removal)
