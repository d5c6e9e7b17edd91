"""What analysts said, followed from its topic: entries for everybody's lists, and alerts taken back."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from typing import Final

from agents.feeds.wire import Own, encode, own_key
from agents.kafka.reader import follow
from agents.kafka.values import Outgoing
from agents.lookback.back import GRACE_MS, called_false, taken_back
from agents.lookback.desk import Desk, Outside
from agents.reviews import count
from stream.feedback import Feedback, decode, entry_of, needs_second, overruled, seconded
from stream.lists.compile import seconds_of
from stream.lists.entries import Entry

log = logging.getLogger("saring.feedback")
_WAITS: Final = "waits for a second person: %s"


class FeedbackDesk:
    """Every word from the topic's beginning. What it leads to is written once: what stands already is not repeated."""

    def __init__(self, desk: Desk, outside: Outside) -> None:
        self._desk, self._outside, self._lists = desk, outside, outside.lists
        self._words: dict[tuple[str, str], list[Feedback]] = defaultdict(list)
        self._new: list[Feedback] = []
        self._ids: set[str] = set()
        self._counted: frozenset[str] = frozenset()  # by a process before this one
        self._task: asyncio.Task[None] | None = None
        self._again: list[tuple[int, Feedback]] = []  # when to look once more for alerts that a word extends to

    async def start(self) -> None:
        """Return when everything that was said is known."""
        at_end = asyncio.Event()
        self._task = asyncio.create_task(self._follow(at_end), name="feedback: follow")
        reached = asyncio.create_task(at_end.wait())
        await asyncio.wait([self._task, reached], return_when=asyncio.FIRST_COMPLETED)
        reached.cancel()
        if not at_end.is_set():
            await self._task  # raises what ended it
        self._counted = frozenset(self._ids)

    async def stop(self) -> None:
        """Stop following."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self, at_end: asyncio.Event) -> None:
        async for records in follow(self._outside.connection, [self._desk.topics["feedback"]], at_end):
            for record in records:
                word = decode(record.value)
                if word is not None and word.id not in self._ids:
                    self._ids.add(word.id)
                    self._words[word.kind, word.key].append(word)
                    self._new.append(word)

    async def look(self) -> None:
        """Do what new words ask for."""
        words, self._new = self._new, []
        for word in words:
            await self._heed(word)
            if word.id not in self._counted:
                await count(self._outside.meters, self._desk, self._outside.fetch, word)
        while self._again and self._again[0][0] <= self._desk.now():
            await self._take_back(self._again.pop(0)[1])

    async def _heed(self, word: Feedback) -> None:
        entry, others = entry_of(word), self._words[word.kind, word.key]
        if entry is None or overruled(word, others):
            return
        if (why := self._objection(word)) and not seconded(word, others):
            log.info("%s of %s " + _WAITS, word.verdict, word.id, why)
            return
        await self._enter(word, entry)
        if word.verdict == "false":
            await self._take_back(word)
            if seconds_of(word.at) * 1000 + GRACE_MS > self._desk.now():  # workers may not have it yet
                self._again.append((self._desk.now() + GRACE_MS, word))

    def _objection(self, word: Feedback) -> str:
        link = self._desk.canonicalize(f"http://{word.key}")
        return needs_second(word, self._lists.current().find(link) if link else ())

    async def _enter(self, word: Feedback, entry: Entry) -> None:
        own = Own(entry.kind, entry.key, entry.action, word.by, word.at, word.note, entry.threat, word.expires_at)
        key, desired = own_key(own), self._lists.desired
        known = desired.own.get(key) or desired.lifted.get(key)
        if known is None or known.at < word.at:
            await self._outside.publish([Outgoing(self._desk.topics["entries"], key, encode(own))])

    async def _take_back(self, word: Feedback) -> None:
        until = seconds_of(word.at) * 1000 + GRACE_MS
        domains = [self._desk.domain(word.key)]
        alerts = await taken_back(self._desk, self._outside.fetch, domains, called_false(word), until)
        for alert in alerts:
            self._desk.utter(alert)
        if alerts:
            await self._outside.say(self._desk, alerts)
