"""Where our consumer differs from Faust's: what is handed out, what is committed, and when."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP

from agents.kafka.consumer import ChunkConsumer
from agents.kafka.exits import Exit
from agents.kafka.options import DeliveryOptions, Events
from agents.kafka.progress import Progress
from agents.kafka.thread import Fetched, Start
from agents.kafka.values import Partition
from stream.model import Record

P = Partition("messages", 0)
GENERATION = 7


class Bare(ChunkConsumer):
    """The consumer without a transport or a thread; it notes what it hands out and commits."""

    flow_active = True

    def __init__(self, **options: Any) -> None:
        self.options = DeliveryOptions(**options)
        self.holes: list[tuple[Partition, int]] = []
        self.events = Events(on_hole=lambda partition, offsets: self.holes.append((partition, offsets)))
        self.progress, self.worker = Progress(), None
        self.app = SimpleNamespace(consumer_generation_id=GENERATION, should_stop=False)
        self.suspend_flow, self._stopped = asyncio.Event(), asyncio.Event()
        self._thread = SimpleNamespace(member_at=time.monotonic())
        self.handed_out: list[list[int]] = []
        self.sent: list[dict[TP, int]] = []
        self.accepts, self.owned = True, {TP(*P)}
        self.callback: Any = self._note
        self.progress.begin(P, 0, None)

    async def _note(self, message: Any) -> None:
        self.handed_out += [[record.offset for record in chunk.records] for chunk in message.chunks]

    async def wait_first(self, *waits: Any, **_options: Any) -> Any:
        tasks = [asyncio.ensure_future(each) for each in waits]
        _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in left:
            task.cancel()

    async def _commit(self, offsets: dict[TP, int]) -> bool:
        self.sent.append(offsets)
        return self.accepts

    def assignment(self) -> set[TP]:
        return self.owned

    async def hand_out(self, *offsets: int, generation: int = GENERATION) -> None:
        records = [_record(offset) for offset in offsets]
        await self._hand_out(SimpleNamespace(_stopped=asyncio.Event()), generation, P, records)


def _record(offset: int) -> Record:
    found: Any = SimpleNamespace(topic=P.topic, partition=P.partition, offset=offset, timestamp=0, timestamp_type=0)
    return found  # type: ignore[no-any-return]  # has what a record has, as aiokafka's own does


async def test_chunks_in_order_once_each() -> None:
    consumer = Bare(chunk_records=2)
    await consumer.hand_out(0, 1, 2, 3, 4)
    await consumer.hand_out(3, 4, 5)  # read again after a seek: only what is new goes out
    assert consumer.handed_out == [[0, 1], [2, 3], [4], [5]]


async def test_a_gap_in_offsets_is_a_hole_and_told() -> None:
    consumer = Bare()
    await consumer.hand_out(0, 1)
    await consumer.hand_out(5, 6)
    assert (consumer.handed_out, consumer.holes) == ([[0, 1], [5, 6]], [(P, 3)])


async def test_records_of_another_generation_are_not_handed_out() -> None:
    """Reading began again at the committed offset; these belong to whoever owned the partition before."""
    consumer = Bare()
    await consumer.hand_out(0, 1, generation=GENERATION - 1)
    consumer.flow_active = False
    await consumer.hand_out(0, 1)
    assert consumer.handed_out == []


async def test_a_full_queue_does_not_outlast_the_flow() -> None:
    """Without the way out a revocation would wait for a queue that nobody empties any more."""
    consumer = Bare()

    async def never(_message: Any) -> None:
        await asyncio.Event().wait()

    consumer.callback = never
    consumer.suspend_flow.set()
    async with asyncio.timeout(2):
        await consumer.hand_out(0, 1)


async def test_only_finished_work_is_committed_and_a_refusal_is_remembered() -> None:
    consumer = Bare(chunk_records=2)
    await consumer.hand_out(0, 1, 2, 3)
    consumer.progress.finish(P, 3)
    assert not await consumer.force_commit()
    consumer.progress.finish(P, 1)
    consumer.accepts = False
    assert not await consumer.force_commit()
    consumer.accepts = True
    assert await consumer.force_commit()
    assert consumer.sent == [{TP(*P): 4}, {TP(*P): 4}]
    assert not await consumer.force_commit()


async def test_a_revocation_waits_for_a_commit_under_way_and_then_commits() -> None:
    """Faust takes a second commit for done when the first ends; what finished in between would be repeated."""
    consumer = Bare()
    consumer.worker = SimpleNamespace(busy=lambda: False)
    await consumer.hand_out(0)
    consumer.progress.finish(P, 0)
    under_way: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    consumer._commit_fut, order = under_way, list[str]()

    async def commit() -> bool:
        order.append("ours")
        return await consumer.force_commit()

    consumer.commit = commit
    settling = asyncio.ensure_future(consumer._settle())
    await asyncio.sleep(0.05)
    assert order == []
    under_way.set_result(None)
    await settling
    assert (order, consumer.sent) == (["ours"], [{TP(*P): 1}])


class Slow(Bare):
    """A broker that answers a commit when it is told to."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.answer = asyncio.Event()
        self.app.client_only = False
        self.loop = asyncio.get_running_loop()

    async def _commit(self, offsets: dict[TP, int]) -> bool:
        self.sent.append(offsets)
        await self.answer.wait()
        return self.accepts

    def add_future(self, coro: Any) -> Any:
        return asyncio.ensure_future(coro)

    async def finish(self, *offsets: int) -> None:
        for offset in offsets:
            await self.hand_out(offset)
            self.progress.finish(P, offset)


async def _turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_commit_begins_beside_the_work_and_is_waited_for_at_the_limit() -> None:
    consumer = Slow(commit_records=2, merge_records=3)  # no delivery begins with five uncommitted
    await consumer.finish(0)
    await consumer.bound_repeats(GENERATION)
    await _turns()
    assert consumer.sent == []
    await consumer.finish(1)
    await consumer.bound_repeats(GENERATION)  # goes on at once
    await _turns()
    assert consumer.sent == [{TP(*P): 2}]
    await consumer.finish(2, 3, 4, 5, 6)
    waiting = asyncio.ensure_future(consumer.bound_repeats(GENERATION))
    await _turns()
    assert not waiting.done()
    consumer.answer.set()  # two are committed, five are not: once more
    async with asyncio.timeout(2):
        await waiting
    assert (consumer.sent, consumer.progress.uncommitted()) == ([{TP(*P): 2}, {TP(*P): 7}], 0)


async def test_nobody_waits_for_a_commit_that_is_refused_in_a_new_generation() -> None:
    consumer = Slow(commit_records=1, merge_records=1)
    consumer.accepts = False
    consumer.answer.set()
    await consumer.finish(0, 1, 2)
    waiting = asyncio.ensure_future(consumer.bound_repeats(GENERATION))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    assert len(consumer.sent) < 30  # and is not asked for without a pause
    consumer.flow_active = False
    async with asyncio.timeout(2):
        await waiting


async def test_a_revocation_waits_for_the_chunk_in_hand() -> None:
    consumer, busy = Bare(), [True]
    consumer.worker = SimpleNamespace(busy=lambda: busy[0])
    settling = asyncio.ensure_future(consumer._settle())
    await asyncio.sleep(0.05)
    assert not settling.done()
    busy[0] = False
    async with asyncio.timeout(2):
        await settling


@pytest.mark.parametrize(
    ("error", "stopping", "code"),
    [
        (ConsumerStoppedError(), False, Exit.STUCK),
        (ConsumerStoppedError(), True, None),  # in order
        (ValueError(), False, Exit.INTERNAL),
    ],
)
async def test_reading_that_ends_by_itself_ends_the_process(
    error: Exception, stopping: bool, code: Exit | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faust would end this one task: alive, and silent for ever."""
    consumer, left = Bare(), list[Exit]()
    consumer.app.should_stop = stopping

    async def drain(_fetcher: Any) -> None:
        raise error

    monkeypatch.setattr(consumer, "_drain_once", drain)
    monkeypatch.setattr("agents.kafka.consumer.leave", lambda code, _reason: left.append(code))
    await consumer._drain_messages(SimpleNamespace(_stopped=asyncio.Event()))
    assert left == ([] if code is None else [code])


@pytest.mark.parametrize(("low", "told"), [(14, ["expired 4"]), (10, []), (4, ["gap 6"])])
async def test_a_log_that_begins_or_ends_elsewhere_is_told_and_read_on(low: int, told: list[str]) -> None:
    consumer, said = Bare(), list[str]()
    consumer.events = Events(
        on_expired=lambda _partition, messages: said.append(f"expired {messages}"),
        on_gap=lambda _partition, offsets: said.append(f"gap {offsets}"),
    )
    await consumer.hand_out(*range(10))
    consumer._restarted(Fetched(GENERATION, restarted={P: low}))
    assert (said, consumer.progress.expected(P)) == (told, low)


async def test_what_is_not_assigned_is_not_committed() -> None:
    """aiokafka would raise, and Faust take that for the end of everything."""
    consumer = Bare()
    await consumer.hand_out(0)
    consumer.progress.finish(P, 0)
    consumer.owned = set()
    assert not await consumer.force_commit()
    assert consumer.sent == []


async def test_the_flow_stops_before_the_chunk_in_hand_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise there is always a next one, and what ends after the commit is repeated."""
    consumer, order = Bare(), list[str]()

    async def revoked(_consumer: Any, _partitions: Any) -> None:
        order.append("revoked")

    def note(what: str) -> Any:
        return lambda: order.append(what)

    monkeypatch.setattr(driver.Consumer, "on_partitions_revoked", revoked)
    consumer.stop_flow = note("stop")
    consumer.app.flow_control = SimpleNamespace(suspend=note("suspend"), clear=note("clear"))
    consumer.worker = SimpleNamespace(busy=note("busy?"))
    await consumer.on_partitions_revoked({TP(*P)})
    assert order == ["stop", "suspend", "clear", "busy?", "revoked"]
    assert not consumer.progress.owns(P)


async def test_former_owners_are_shut_out_before_the_committed_offsets_are_read() -> None:
    """The other way round a former owner could still move them, and what it finished would be repeated."""
    consumer, order = Bare(), list[str]()

    async def fence(partitions: Any) -> None:
        order.append(f"fence {partitions}")

    async def begin() -> dict[Partition, Start]:
        order.append("begin")
        return {P: Start(7, 5, 7)}

    expired: list[int] = []
    consumer.events = Events(on_expired=lambda _partition, messages: expired.append(messages))
    consumer.worker, consumer._thread.begin = SimpleNamespace(fence=fence), begin
    await consumer.perform_seek()
    assert order == [f"fence {[P]}", "begin"]
    assert (expired, consumer.progress.committable()) == ([2], {P: 7})


@pytest.mark.parametrize(("ago", "member"), [(0.0, True), (5.9, True), (6.1, False)])
async def test_a_worker_that_was_not_heard_of_is_no_member(ago: float, member: bool) -> None:
    consumer = Bare(session_timeout_seconds=6.0)
    consumer._thread.member_at = time.monotonic() - ago
    assert consumer.leased() == member


async def test_back_pressure_and_livelock_detection_of_faust_are_off() -> None:
    """A full partition would leave the fetch, and the fetch would then sleep for a second."""
    consumer = Bare()
    consumer._buffered_partitions = set()
    consumer.on_buffer_full(TP(*P))
    consumer.on_buffer_drop(TP(*P))
    consumer.verify_event_path(time.monotonic() + 1e6, TP(*P))  # Faust's own needs more than we have, and would raise
    assert consumer._buffered_partitions == set()
