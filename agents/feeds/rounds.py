"""One round of one feed: fetch, judge, remember; and when to come back."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from msgspec import Struct, structs

from agents.feeds import admit, build
from agents.feeds.clock import age_seconds, now_text
from agents.feeds.fetch import FetchError, Validators, fetch
from agents.feeds.mapped import write_whole
from agents.feeds.memo import Memo, load_memo, save_memo
from config.feeds import FLOOR_SECONDS, OWN_FLOOR_SECONDS, FeedSettings, ListsSettings
from stream.lists.admission import Limits

log = logging.getLogger("saring.keeper")
_IN_THREAD_BYTES: Final = 300_000  # below it a process of its own costs more than the work
_Result = TypeVar("_Result")
_one_at_a_time = cache(lambda loop: asyncio.Semaphore(1))  # jobs take a core and much memory


@dataclass(frozen=True)
class Store:
    """What the keeper keeps on disk: a cache, the last good sets are in Kafka too."""

    root: Path

    def path(self, feed: str, kind: str) -> Path:
        """The file of a feed: its memo, body, good set or held one."""
        return self.root / "feeds" / f"{feed}.{kind}"

    @property
    def traffic(self) -> Path:
        """The file that says what our own recent links are."""
        return self.root / "traffic"

    def memo(self, feed: str) -> Memo:
        """What is remembered of the feed."""
        return load_memo(self.path(feed, "memo"), feed)

    def keep(self, memo: Memo) -> None:
        """Remember."""
        save_memo(self.path(memo.name, "memo"), memo)


class Approval(Struct, frozen=True):
    """What a person let through for a feed: keys of entries, and the content of a held update."""

    keys: frozenset[str] = frozenset()
    contents: frozenset[str] = frozenset()  # SHA-256


@dataclass(frozen=True)
class Round:
    """How a round ended: the memo, whether the good set changed, and when the server wants to be asked again."""

    memo: Memo
    changed: bool
    after_seconds: float = 0.0


@dataclass(frozen=True)
class Setup:
    """What a round needs besides the feed."""

    limits: ListsSettings
    store: Store
    extra_suffixes: tuple[str, ...] = ()


async def play(name: str, feed: FeedSettings, setup: Setup, approval: Approval) -> Round:
    """One round; whatever goes wrong, the last good set stays and the memo says why in a sentence."""
    memo = structs.replace(_described(setup.store.memo(name), feed), last_try=now_text())
    try:
        fetched = await fetch(feed, setup.limits, _validators(memo, approval))
    except FetchError as error:
        result = f"kept the last good set: {error}"
        memo = structs.replace(memo, ok=False, failures=memo.failures + 1, result=result, ending="unreachable")
        return _ended(setup, memo, False, error.after)
    if fetched.body is None or _same(memo, fetched.body, approval):
        return _ended(setup, _judged_before(memo), False)
    etag, modified = fetched.validators.etag, fetched.validators.last_modified
    approved = tuple(sorted(approval.keys))
    memo = structs.replace(memo, etag=etag, last_modified=modified, failures=0, approved=approved)
    await asyncio.to_thread(write_whole, setup.store.path(name, "body"), fetched.body)
    admitted = await _admitted(_job(memo, feed, setup, approval), len(fetched.body))
    return _ended(setup, admitted.memo, admitted.changed)


def _validators(memo: Memo, approval: Approval) -> Validators:
    """Nothing is asked conditionally when the content has to be judged again."""
    return Validators() if _approved_since(memo, approval) else Validators(memo.etag, memo.last_modified)


def _same(memo: Memo, body: bytes, approval: Approval) -> bool:
    """Whether the body is the one that was judged last, and nobody has said anything about it since."""
    return hashlib.sha256(body).hexdigest() == memo.content and not _approved_since(memo, approval)


def _approved_since(memo: Memo, approval: Approval) -> bool:
    held = memo.held is not None and memo.held.sha256 in approval.contents
    return held or tuple(sorted(approval.keys)) != memo.approved


def _judged_before(memo: Memo) -> Memo:
    """What was said of this content counts again, also after rounds in which the server did not answer."""
    memo = structs.replace(memo, failures=0)
    if memo.judged:
        return structs.replace(memo, ok=False, result=memo.judged, ending="held" if memo.held else "refused")
    result = f"unchanged: {memo.in_force}"
    if is_stale(memo):
        days = age_seconds(memo.last_change) / 86_400
        result = f"answers, but has not changed for {days:.0f} days: {memo.in_force}"
    return structs.replace(memo, ok=True, last_success=now_text(), result=result, ending="unchanged")


def _ended(setup: Setup, memo: Memo, changed: bool, after_seconds: float = 0.0) -> Round:
    memo = structs.replace(memo, stale=is_stale(memo))
    told = setup.store.memo(memo.name).result
    setup.store.keep(memo)
    if not memo.ok and memo.result != told:
        log.warning("feed %s: %s", memo.name, memo.result)
    elif changed:
        log.info("feed %s: %s", memo.name, memo.result)
    return Round(memo, changed, after_seconds)


def is_stale(memo: Memo) -> bool:
    """Whether a list stands still for longer than it should; one that answers 200 can be dead all the same."""
    return bool(memo.last_change) and age_seconds(memo.last_change) > memo.stale_after_seconds > 0


def _described(memo: Memo, feed: FeedSettings) -> Memo:
    return structs.replace(
        memo, enabled=feed.enabled, licence=feed.licence, stale_after_seconds=feed.stale_after_seconds
    )


def _job(memo: Memo, feed: FeedSettings, setup: Setup, approval: Approval) -> admit.Job:
    limits, store = setup.limits, setup.store
    return admit.Job(
        memo=memo,
        body=str(store.path(memo.name, "body")),
        good=str(store.path(memo.name, "good")),
        held=str(store.path(memo.name, "held")),
        now=now_text(),
        format=feed.format,
        kinds=feed.entries,
        threat=feed.threat,
        action=feed.action,
        fields=feed.fields,
        window_seconds=feed.keep_seconds if feed.removal == "window" else 0.0,
        unpacked_bytes=limits.unpacked_bytes,
        limits=Limits(
            limits.shrink_limit, limits.growth_limit, limits.unreadable_limit, limits.cut_limit,
            limits.sightings_share, limits.sightings_users,
        ),
        approved=approval.keys,
        approved_contents=approval.contents,
        extra_suffixes=setup.extra_suffixes,
        traffic=str(store.traffic) if store.traffic.exists() else None,
    )  # fmt: skip


async def _admitted(job: admit.Job, size: int) -> admit.Admitted:
    if size < _IN_THREAD_BYTES:
        return await asyncio.to_thread(lambda: admit.admit(job, *_hosts(job.extra_suffixes)))
    return await in_process(admit.__name__, job, Path(job.body).with_suffix(".job"), admit.Admitted)


_hosts = cache(admit.known_hosts)


async def built(job: build.Job, size: int) -> build.Built:
    """Base and delta of a job, for which `size` entries are read."""
    if size < _IN_THREAD_BYTES // 10:
        return await asyncio.to_thread(build.build, job)
    return await in_process(build.__name__, job, Path(job.folder) / "build.job", build.Built)


async def in_process(module: str, job: Struct, path: Path, result: type[_Result]) -> _Result:
    """What `python -m module` makes of a job; its memory and its hold on the interpreter go with it."""
    async with _one_at_a_time(asyncio.get_running_loop()):
        await asyncio.to_thread(write_whole, path, msgspec.json.encode(job))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(path), stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
    if process.returncode:
        raise RuntimeError(f"{module} ended with {process.returncode}")
    return msgspec.json.decode(out, type=result)


def delay_seconds(feed: FeedSettings, limits: ListsSettings, ended: Round) -> float:
    """How long to wait: the feed's interval, or after a failure ever longer pauses, never below the floor.

    A tenth of chance spreads many keepers over the minute; half of chance spreads them after a common failure.
    """
    floor = floor_seconds(feed)
    if ended.memo.failures:
        pause = min(feed.interval_seconds, limits.retry_seconds * 2.0 ** min(ended.memo.failures - 1, 10))
        return max(floor, ended.after_seconds, pause * random.uniform(0.5, 1.5))
    return max(floor, feed.interval_seconds * random.uniform(1.0, 1.1))


def floor_seconds(feed: FeedSettings) -> float:
    """The least time between two requests: short only for what is our own."""
    return OWN_FLOOR_SECONDS if feed.allow_private or feed.url.startswith("file:") else FLOOR_SECONDS


def due_at_start(feed: FeedSettings, memo: Memo) -> float:
    """Seconds until the first round after a restart: a feed asked a moment ago is not asked again."""
    if not memo.last_try:
        return random.uniform(0, 1)
    pause = feed.interval_seconds if memo.ok else floor_seconds(feed)
    return max(0.0, pause - age_seconds(memo.last_try))
