"""What the line does with chunks whose partition may be with somebody else by now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from agents.kafka.connection import Connection
from agents.kafka.exits import Exit
from agents.kafka.line import Line, Work
from agents.kafka.options import DeliveryOptions, Events
from agents.kafka.progress import Progress
from agents.kafka.publisher import ExactlyOnce, Writing
from agents.kafka.taken import Taken
from agents.kafka.values import Batch, Chunk, Outgoing, Partition

P = Partition("messages", 0)
GENERATION = 7


class Member:
    """A consumer that is a member of a group, or not any more."""

    flow_active = True
    lease = True

    def __init__(self) -> None:
        self.progress = Progress()
        self.progress.begin(P, 0, None)

    def leased(self) -> bool:
        return self.lease

    async def bound_repeats(self, _generation: int) -> None:
        """Nothing is bounded here."""


class Written:
    """A publisher that keeps what it is given, and answers when it is told to."""

    commits = True

    def __init__(self) -> None:
        self.batches: list[Sequence[Outgoing]] = []
        self.answer = asyncio.Event()
        self.answer.set()

    async def publish(self, outgoing: Sequence[Outgoing], _chunks: Sequence[Chunk]) -> None:
        self.batches.append(outgoing)
        await self.answer.wait()


class Scene:
    """A line with one chunk after another of one partition."""

    def __init__(self) -> None:
        self.member, self.written, self.judged = Member(), Written(), list[int]()
        self.app = SimpleNamespace(consumer=self.member, consumer_generation_id=GENERATION)
        publisher: Any = self.written
        self.line = Line(self.app, Work(self._judge), publisher, DeliveryOptions(merge_records=1), Events())

    def _judge(self, chunks: Sequence[Chunk]) -> Batch:
        self.judged += [chunk.first for chunk in chunks]
        return Batch()

    async def take(self, *offsets: int) -> None:
        for offset in offsets:
            record = Taken(P.topic, P.partition, offset, 0, 0, None, b"ok")
            self.member.progress.hand_out(P, offset)
            await self.line._room.acquire()
            self.line._take(Chunk(P, GENERATION, [record]))
        await asyncio.sleep(0.02)


async def test_a_worker_out_of_touch_with_the_broker_judges_nothing() -> None:
    """After a freeze the partition is with another, and it takes a while to hear of it."""
    scene = Scene()
    scene.member.lease = False
    await scene.take(0)
    await asyncio.sleep(0.1)
    assert scene.judged == []
    scene.member.lease = True
    await asyncio.sleep(0.1)
    assert scene.judged == [0]


@pytest.mark.parametrize("lost", ["flow", "generation"])
async def test_what_waits_behind_the_chunk_in_hand_is_dropped_when_the_partition_goes(lost: str) -> None:
    """And leaves room for as many: whoever owns the partition now reads them again."""
    scene = Scene()
    room = scene.line._room._value
    scene.written.answer.clear()
    await scene.take(0, 1, 2)
    assert (scene.judged, scene.line.busy()) == ([0], True)
    if lost == "flow":
        scene.member.flow_active = False
    else:
        scene.app.consumer_generation_id += 1
    scene.written.answer.set()
    await asyncio.sleep(0.02)
    assert (scene.judged, scene.line.busy(), scene.line._room._value) == ([0], False, room)
    assert scene.line.oldest_unfinished_seconds() == 0


@pytest.mark.parametrize(("later", "finished"), [(0, {P: 1}), (1, {P: 0})])
async def test_what_ends_after_a_handover_is_not_counted_as_ours(later: int, finished: dict[Partition, int]) -> None:
    scene = Scene()
    scene.written.answer.clear()
    await scene.take(0)
    scene.app.consumer_generation_id += later
    scene.written.answer.set()
    await asyncio.sleep(0.02)
    assert scene.member.progress.finished() == finished


@pytest.mark.parametrize("fails", ["raises", "hangs"])
async def test_a_partition_that_cannot_be_fenced_is_not_worked_on(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Faust would log it and go on, beside a former owner that can still write."""
    scene, left = Scene(), list[Exit]()
    scene.line.options = DeliveryOptions(rebalance_timeout_seconds=0.05)

    async def fence(_partitions: Sequence[Partition]) -> None:
        if fails == "raises":
            raise ValueError(fails)
        await asyncio.Event().wait()

    monkeypatch.setattr(scene.line.publisher, "fence", fence, raising=False)
    monkeypatch.setattr("agents.kafka.line.leave", lambda code, _reason: left.append(code))
    async with asyncio.timeout(2):
        await scene.line.fence([P])
    assert left == [Exit.UNDELIVERED]


@pytest.mark.parametrize("fails", ["raises", "hangs"])
async def test_a_producer_that_does_not_close_holds_up_nothing(fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be fenced, or its broker away; the new epoch shuts it out either way."""

    class Producer:
        async def stop(self) -> None:
            if fails == "raises":
                raise ValueError(fails)
            await asyncio.Event().wait()

    monkeypatch.setattr("agents.kafka.publisher._CLOSE_SECONDS", 0.05)
    publisher = ExactlyOnce(Writing(Connection("nowhere:1"), "group", [], DeliveryOptions()))
    publisher._producers[P] = Producer()
    async with asyncio.timeout(2):
        await publisher.stop()
    assert publisher._producers == {}
