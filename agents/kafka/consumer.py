"""Faust's consumer, changed in four places: chunks, strict commit, revocation, and where reading begins.

Tested against faust-streaming 0.15.3; each override says which behaviour of Faust it replaces.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any, Final, Protocol

from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage

from agents.kafka.exits import Exit, leave, log
from agents.kafka.options import DeliveryOptions, Events
from agents.kafka.progress import Progress
from agents.kafka.thread import ConsumerThread, Fetched
from agents.kafka.values import Chunk, Partition

_IDLE_SECONDS = 0.02  # Faust sleeps a whole second when it owns no partition
_AGAIN_SECONDS = 0.002  # until a commit that was refused is tried again
_offset: Final = attrgetter("offset")


class Worker(Protocol):
    """What the consumer needs of the line that works on its chunks."""

    def busy(self) -> bool:
        """Whether a chunk is in hand: judged, and its results not yet acknowledged."""

    async def fence(self, partitions: Sequence[Partition]) -> None:
        """Make sure that no former owner can still write for these partitions."""


class ChunkMessage(ConsumerMessage):  # type: ignore[misc]  # Faust's annotations are skipped
    """What Faust takes for one message are the chunks of a fetch here: each costs it a tenth of a millisecond.

    All are of one partition; the offset is that of the last record.
    """

    __slots__ = ("chunks",)
    chunks: Sequence[Chunk]


class ChunkConsumer(driver.Consumer):  # type: ignore[misc]  # Faust's annotations are skipped
    """A consumer whose messages are runs of chunks."""

    def __init__(self, transport: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(transport, *args, **kwargs)
        self.options: DeliveryOptions = transport.options
        self.events: Events = transport.events
        self.worker: Worker | None = transport.line
        self.progress = Progress()

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # Back pressure is the bounded queue in front of the agent alone: a full queue blocks the loop below. Faust also
    # takes a "full" partition out of the fetch and then sleeps one second when none is left: 4,000 messages/s.
    def on_buffer_full(self, tp: TP) -> None:
        """Nothing: see above."""

    def on_buffer_drop(self, tp: TP) -> None:
        """Nothing: see above."""

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: Faust's livelock detector counts messages it never sees here; the watchdog does this."""

    # -- chunks ---------------------------------------------------------------------------------------------------

    async def _drain_messages(self, fetcher: Any) -> None:
        """Hand out chunks until stopped. Replaces Faust's loop over single messages."""
        try:
            while not self._over(fetcher):
                await self._drain_once(fetcher)
        except ConsumerStoppedError:
            if not self.app.should_stop:
                leave(Exit.STUCK, "the consumer stopped by itself")
        except asyncio.CancelledError:
            if not self.app.should_stop:
                raise
        except Exception as error:  # noqa: BLE001  # Faust would end only this task: alive, and silent for ever
            leave(Exit.INTERNAL, f"fetching failed: {error!r}")

    def _over(self, fetcher: Any) -> bool:
        return bool(self._stopped.is_set() or fetcher._stopped.is_set())

    async def _drain_once(self, fetcher: Any) -> None:
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        elif not (active := self._get_active_partitions()):
            await asyncio.sleep(_IDLE_SECONDS)
        elif fetched := await self._getmany(active_partitions=active, timeout=1.0):
            self._restarted(fetched)
            self._moved(fetched)
            for partition, records in fetched.records.items():
                await self._hand_out(fetcher, fetched.generation, Partition(*partition), records)

    async def _hand_out(self, fetcher: Any, generation: int, partition: Partition, records: Sequence[Any]) -> None:
        # In a new generation reading starts again at the committed offset.
        if not self._live(generation) or self._over(fetcher):
            return
        chunks = [Chunk(partition, generation, part) for part in self._chunks(partition, records)]
        for chunk in chunks:
            self.progress.hand_out(partition, chunk.last)
        if chunks:
            await self.wait_first(self.callback(_message(chunks)), self.suspend_flow.wait())

    def _live(self, generation: int) -> bool:
        return bool(self.flow_active and generation == self.app.consumer_generation_id)

    def leased(self) -> bool:
        """Whether the broker can still take us for a member.

        After a freeze it does not, the partitions are with others, and it takes us a while to hear of it.
        """
        return bool(time.monotonic() - self._thread.member_at < self.options.session_timeout_seconds)

    def _chunks(self, partition: Partition, records: Sequence[Any]) -> Iterator[Sequence[Any]]:
        """Equal parts of the records that were not handed out before; a gap in offsets is a hole, and counted."""
        if not self.progress.owns(partition):
            return
        expected = self.progress.expected(partition)
        if records[0].offset < expected:
            records = records[bisect_left(records, expected, key=_offset) :]
        elif records[0].offset > expected:
            self.events.on_hole(partition, records[0].offset - expected)
        for begin in range(0, len(records), self.options.chunk_records):
            yield records[begin : begin + self.options.chunk_records]

    def _restarted(self, fetched: Fetched) -> None:
        for partition, low in fetched.restarted.items():
            if self._live(fetched.generation) and self.progress.owns(partition):
                lost = low - self.progress.expected(partition)
                if lost:  # else the log begins where we are, and what is in hand is as good as before
                    self._expired(partition, lost) if lost > 0 else self._cut(partition, -lost)
                    self.progress.skip(partition, low)

    def _moved(self, fetched: Fetched) -> None:
        """A hole at the end of a partition: finished, or the lag would stay above zero."""
        for partition, position in fetched.positions.items() if self._live(fetched.generation) else ():
            hole = position - self.progress.expected(partition) if self.progress.owns(partition) else 0
            if hole > 0:
                self.events.on_hole(partition, hole)
                self.progress.skip(partition, position)

    def _expired(self, partition: Partition, messages: int) -> None:
        log.error("%s-%d: %d messages were deleted before they were read", *partition, messages)
        self.events.on_expired(partition, messages)

    def _cut(self, partition: Partition, offsets: int) -> None:
        log.error("%s-%d: the log lost its end; %d offsets before ours are read again", *partition, offsets)
        self.events.on_gap(partition, offsets)

    # -- commit ---------------------------------------------------------------------------------------------------

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit what Progress allows. Faust's own rule can commit past an unfinished message."""
        owned = self.assignment()
        offsets = {tp: offset for tp, offset in self.progress.committable().items() if tp in owned}
        if not offsets or not await self._commit({TP(*tp): offset for tp, offset in offsets.items()}):
            return False
        self.progress.committed(offsets)  # only now: Faust notes it down even when the broker refused
        return True

    async def bound_repeats(self, generation: int) -> None:
        """Return when another delivery may begin: bounds what a crash can repeat, see `DeliveryOptions.repeat_limit`.

        The commit is under way long before anybody has to wait for it: waiting each time costs half of the speed.
        """
        if self.progress.uncommitted() >= self.options.commit_records and self._commit_fut is None:
            self.add_future(self.commit())
        while self._live(generation) and self.progress.uncommitted() >= self.options.uncommitted_limit:
            # Twice at most: where one is under way Faust only waits for that, and it may have begun too early.
            if not await self.commit() and not await self.commit():
                await asyncio.sleep(_AGAIN_SECONDS)

    # -- assignment -----------------------------------------------------------------------------------------------

    async def perform_seek(self) -> None:
        """Begin every partition at its committed offset or, if that has expired, at the low watermark, and say so.

        Runs after each assignment while the flow stands. Faust's own version leaves partitions without a commit where
        they happen to be, and aiokafka's reset would skip expired messages with one line at level INFO.
        """
        if self.worker is not None:
            # Before the committed offsets are read: nobody else can move them afterwards.
            await self.worker.fence([Partition(*tp) for tp in self.assignment()])
        self.progress = Progress()
        starts = await self._thread.begin()
        for partition, start in starts.items():
            self.progress.begin(partition, start.position, start.committed)
            if start.expired:
                self._expired(partition, start.expired)
        log.info("%d partitions assigned", len(starts))
        self.events.on_assigned(len(starts))

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Finish the chunk in hand and commit it while we are still a member of the old generation.

        Faust forgets what was acknowledged first and commits afterwards, so all of it would be repeated.
        """
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        await self._settle()
        self.progress.forget(Partition(*tp) for tp in revoked)
        await super().on_partitions_revoked(revoked)
        self.events.on_assigned(0)

    async def wait_empty(self) -> None:
        """Called by Faust on revocation and on stop: its own version waits for ever for what was only queued."""
        await self._settle()

    async def _settle(self) -> None:
        if self.worker is None:
            return
        # What only waits needs no call: the line drops a chunk whose flow has stopped, see Line._ours.
        limit = time.monotonic() + 0.8 * self.options.rebalance_timeout_seconds  # after that we are no member any more
        while self.worker.busy():
            if time.monotonic() > limit:
                leave(Exit.STUCK, "the chunk in hand did not end")
            await asyncio.sleep(0.002)
        # A commit that is under way may have begun before the last chunk ended; Faust then skips ours.
        await self.maybe_wait_for_commit_to_finish()
        if self.progress.committable():
            await self.commit()


def _message(chunks: Sequence[Chunk]) -> ChunkMessage:
    source, last = TP(*chunks[0].source), chunks[-1].records[-1]
    message = ChunkMessage(
        *source, last.offset, last.timestamp / 1000, 0, (), None, b"", None, 0, 0, source,
        generation_id=chunks[0].generation,
    )  # fmt: skip
    message.chunks = chunks
    return message
