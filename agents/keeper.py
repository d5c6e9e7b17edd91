"""The keeper role: fetches feeds, admits updates, builds and publishes what the workers map.

A plain asyncio service, no Faust app: it consumes no stream and owns no partition. One keeper works at a time; a second
one takes over by its transactional id, and the first ends when it next writes.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

import msgspec
from msgspec import structs

from agents.feeds.clock import now_text
from agents.feeds.desired import Desired, after
from agents.feeds.gather import gather
from agents.feeds.issue import Issuer
from agents.feeds.memo import Memo, status_key
from agents.feeds.plan import Plan
from agents.feeds.publish import Press, close_press, open_press, write
from agents.feeds.recover import recover
from agents.feeds.rounds import Approval, Round, Setup, Store, delay_seconds, due_at_start, is_stale, play
from agents.kafka.reader import follow
from config.feeds import FeedSettings

log = logging.getLogger("saring.keeper")
_TICK_SECONDS: Final = 5.0
_TRAFFIC_SECONDS: Final = 60.0  # how long the first rounds wait for what our own links are


class Keeper:
    """The keeper at work; `run` returns only by cancellation or by what ends it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._setup = Setup(plan.limits, Store(plan.root), plan.extra_suffixes)
        self._desired = Desired()
        self._memos: dict[str, Memo] = {}
        self._told: dict[str, bytes] = {}
        self._dirty, self._traffic = asyncio.Event(), asyncio.Event()
        self._wake: dict[str, asyncio.Event] = {name: asyncio.Event() for name in plan.feeds}

    async def run(self) -> None:
        """Take over and work; raises `FencedError` when another keeper takes over."""
        topics = self._plan.topics
        press = await open_press(self._plan.connection, topics.lists, topics.chunks)
        at_end = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._follow(at_end), name="keeper: follow")
                if topics.links:
                    group.create_task(self._gather(), name="keeper: traffic")
                await at_end.wait()
                issuer = await self._begin(press)
                for name, feed in self._plan.feeds.items():
                    if feed.enabled:
                        group.create_task(self._feed(name, feed), name=f"feed {name}")
                group.create_task(self._publishing(issuer), name="keeper: publish")
                group.create_task(self._housekeeping(press, issuer), name="keeper: keep house")
        except BaseExceptionGroup as ended:
            raise ended.exceptions[0] from None
        finally:
            await close_press(press)

    async def _gather(self) -> None:
        await gather(self._plan.connection, self._plan.topics.links, self._setup.store.traffic, self._traffic)

    async def _follow(self, at_end: asyncio.Event) -> None:
        topics = self._plan.topics
        async for records in follow(self._plan.connection, [topics.lists, topics.entries], at_end):
            before = self._desired
            self._desired = after(self._desired, records, topics.lists, topics.entries)
            if before.controls != self._desired.controls:
                self._controls_changed()

    def _controls_changed(self) -> None:
        """Approvals and ends of pauses take effect at once, not at the feed's next turn."""
        self._plan.events.on_controls(self._desired.in_force(now_text()))
        for wake in self._wake.values():
            wake.set()
        self._dirty.set()

    async def _begin(self, press: Press) -> Issuer:
        """Go on where the last keeper was: its sets, its unfinished uploads, its good sets."""
        issuer = Issuer(self._plan, self._setup.store, press)
        await issuer.begin(self._desired)
        await recover(self._plan.connection, self._plan.topics.chunks, self._setup.store, issuer.last)
        self._memos = {name: self._known(name, feed) for name, feed in self._plan.feeds.items()}
        self._dirty.set()
        return issuer

    def _known(self, name: str, feed: FeedSettings) -> Memo:
        memo, said = self._setup.store.memo(name), self._desired.memos.get(name)
        if said and not memo.last_try and self._setup.store.path(name, "good").exists():
            memo = msgspec.json.decode(said, type=Memo)  # an empty disk: what the last keeper said of the feed holds
        memo = structs.replace(
            memo,
            enabled=feed.enabled,
            licence=feed.licence,
            stale_after_seconds=feed.stale_after_seconds,
        )
        return memo if feed.enabled else structs.replace(memo, result="switched off", held=None)

    async def _feed(self, name: str, feed: FeedSettings) -> None:
        wake = self._wake[name]
        wait = due_at_start(feed, self._memos[name])
        if self._plan.topics.links:
            await _within(_TRAFFIC_SECONDS, self._traffic)
        while True:
            woken = await _within(wait, wake)
            wake.clear()
            if woken and not self._must_look(name):
                continue
            if name in self._desired.paused(now_text()):
                self._memos[name] = structs.replace(self._memos[name], paused=True, result="paused")
                wait = feed.interval_seconds
                continue
            was_stale = self._memos[name].stale
            ended = await self._round(name, feed)
            self._memos[name] = structs.replace(ended.memo, paused=False)
            self._plan.events.on_round(self._memos[name])
            if ended.changed or ended.memo.stale != was_stale:
                self._dirty.set()
            wait = delay_seconds(feed, self._plan.limits, ended)

    async def _round(self, name: str, feed: FeedSettings) -> Round:
        try:
            return await play(name, feed, self._setup, self._approval(name))
        except (RuntimeError, OSError, ValueError) as error:
            log.exception("feed %s", name)
            memo = self._setup.store.memo(name)
            result = f"kept the last good set: our own fault: {type(error).__name__}"
            return Round(
                structs.replace(memo, ok=False, failures=memo.failures + 1, result=result, ending="fault"), False
            )

    def _must_look(self, name: str) -> bool:
        """Whether a control that came in changes what this feed's next round would do."""
        memo, approval = self._memos[name], self._approval(name)
        held = memo.held is not None and memo.held.sha256 in approval.contents
        resumed = memo.paused and name not in self._desired.paused(now_text())
        paused = not memo.paused and name in self._desired.paused(now_text())
        return held or resumed or paused or (tuple(sorted(approval.keys)) != memo.approved and bool(memo.content))

    def _approval(self, name: str) -> Approval:
        values = [
            control.value
            for control in self._desired.in_force(now_text())
            if control.control == "approve" and control.name == name
        ]
        keys = frozenset(value.removeprefix("entry:") for value in values if value.startswith("entry:"))
        return Approval(keys, frozenset(value for value in values if not value.startswith("entry:")))

    async def _publishing(self, issuer: Issuer) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(self._plan.limits.settle_seconds)
            self._dirty.clear()
            if self._desired.control("rollback", "", now_text()):
                log.info("nothing is published while a rollback is in force")
            elif await issuer.issue(self._memos):
                await issuer.retire()

    async def _housekeeping(self, press: Press, issuer: Issuer) -> None:
        while True:
            for name, memo in self._memos.items():
                self._memos[name] = structs.replace(memo, stale=is_stale(memo))
                if self._memos[name].stale != memo.stale:
                    self._dirty.set()
                self._plan.events.on_feed(self._memos[name])
            self._plan.events.on_controls(self._desired.in_force(now_text()))  # some end by themselves
            if issuer.base_due:
                self._dirty.set()
            await self._tell(press)
            if not self._desired.control("rollback", "", now_text()):
                await issuer.retire()
            await asyncio.sleep(_TICK_SECONDS)

    async def _tell(self, press: Press) -> None:
        """Write what changed of the feeds' memos, for `saring lists status` anywhere."""
        said = {name: msgspec.json.encode(memo) for name, memo in self._memos.items()}
        new: dict[str, bytes | None] = {
            name: value for name, value in said.items() if self._told.get(name, self._desired.memos.get(name)) != value
        }
        new |= {name: None for name in self._desired.memos if name not in said}
        if new:
            await write(press, [(press.lists, status_key(name), value) for name, value in new.items()])
        self._told |= said


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Whether the event came before the time was over."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True
