"""The way of a chunk: judged in one go, delivered together with what waits behind it, acknowledged, committed."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.errors import KafkaError

from agents.kafka.consumer import ChunkConsumer
from agents.kafka.exits import Exit, leave, log
from agents.kafka.options import DeliveryOptions, Events
from agents.kafka.page import NoPage, Page
from agents.kafka.publisher import FencedError, Publisher
from agents.kafka.values import Batch, Chunk, Done, Handle, Partition, Poisoned, size

_CHUNKS_TAKEN = 24  # taken from Faust's queue over all partitions; bounds memory, and feeds large transactions
_LEASE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with chunks: judge them, afterwards note it down; and what to do with a record that kills us."""

    handle: Handle
    done: Done = lambda note, chunks: None
    poisoned: Poisoned | None = None


class Line:
    """Partitions side by side; within one, everything that waits is one delivery (group commit)."""

    def __init__(self, app: Any, work: Work, publisher: Publisher, options: DeliveryOptions, events: Events) -> None:
        self.app = app
        self.work = work
        self.publisher = publisher
        self.options = options
        self.events = events
        self.page: Page | NoPage = NoPage()
        self.judging_since = 0.0  # monotonic; 0 while nothing is judged. Read by the watchdog's thread
        self.paused = False
        self._produced = True
        self._waiting: dict[Partition, deque[Chunk]] = defaultdict(deque)
        self._pumps: dict[Partition, asyncio.Task[None]] = {}
        self._in_hand: dict[Partition, Sequence[Chunk]] = {}
        self._room = asyncio.Semaphore(_CHUNKS_TAKEN)

    # -- what the consumer asks (see consumer.Worker) --------------------------------------------------------------

    def busy(self) -> bool:
        """Whether a chunk is in hand: judged, and its results not yet acknowledged."""
        return bool(self._in_hand)

    async def fence(self, partitions: Sequence[Partition]) -> None:
        """Make sure that no former owner can still write for these partitions."""
        try:
            async with asyncio.timeout(0.8 * self.options.rebalance_timeout_seconds):
                await self.publisher.fence(partitions)
        except Exception as error:  # noqa: BLE001  # Faust would log it and go on unfenced
            leave(Exit.UNDELIVERED, f"could not fence {len(partitions)} partitions: {error!r}")

    # -- what the pages ask ----------------------------------------------------------------------------------------

    def oldest_unfinished_seconds(self) -> float:
        """Age of the oldest record that is here and not finished, by its timestamp; 0 when idle."""
        chunks = [each[0] for each in (*self._in_hand.values(), *self._waiting.values()) if each]
        oldest = min((chunk.records[0].timestamp for chunk in chunks), default=0)
        return max(0.0, time.time() - oldest / 1000) if oldest else 0.0

    def unready(self) -> str:
        """Why no work can be done now; empty when it can. A worker without partitions is standby, and ready."""
        if self.paused:
            return "paused after internal failures, probing"
        if not self._produced:
            return "the last write was not acknowledged"
        if self.app.consumer_generation_id <= 0:
            return "not a member of the group yet"
        return ""

    # -- the agent --------------------------------------------------------------------------------------------------

    async def run(self, stream: Any) -> None:
        """Take chunks from Faust as long as there are any."""
        # noack: what Faust acknowledges by itself it keeps until its own rule commits it, and that is never asked here
        # (see ChunkConsumer.force_commit): memory would grow with every chunk.
        async for event in stream.noack().events():
            for chunk in event.message.chunks:
                await self._room.acquire()
                self._take(chunk)

    def _take(self, chunk: Chunk) -> None:
        self._waiting[chunk.source].append(chunk)
        if chunk.source not in self._pumps:
            task = asyncio.get_running_loop().create_task(self._pump(chunk.source))
            self._pumps[chunk.source] = task

    async def _pump(self, partition: Partition) -> None:
        try:
            while self._waiting[partition]:
                await self._deliver(partition)
        except FencedError as error:
            leave(Exit.FENCED, str(error))
        except TimeoutError:
            leave(Exit.UNDELIVERED, f"not acknowledged within {self.options.delivery_deadline_seconds:g} s")
        except KafkaError as error:
            leave(Exit.UNDELIVERED, f"Kafka refused what we wrote: {error!r}, because of {error.__cause__!r}")
        except Exception as error:  # noqa: BLE001  # whatever it is: nothing was acknowledged, so start again
            leave(Exit.INTERNAL, f"delivery failed: {error!r}")
        finally:
            self._pumps.pop(partition, None)

    async def _deliver(self, partition: Partition) -> None:
        chunks = self._next(self._waiting[partition])
        try:
            for part in self.page.parts(chunks):
                batch = await self._judged(part)
                if batch is None:
                    return  # no longer ours: whoever owns the partition now reads these records again
                self._in_hand[partition] = part
                await self._publish(batch, part)
                self.work.done(batch.note, part)
            self._finish(chunks)
        finally:
            self._in_hand.pop(partition, None)
            for _ in chunks:
                self._room.release()
        await self._consumer.bound_repeats(chunks[0].generation)

    def _next(self, waiting: deque[Chunk]) -> list[Chunk]:
        """What waits, up to the merge limit, as long as it is of one generation."""
        chunks = [waiting.popleft()]
        records = size(chunks)
        while waiting and waiting[0].generation == chunks[0].generation:
            records += len(waiting[0].records)
            if records > self.options.merge_records:
                break
            chunks.append(waiting.popleft())
        return chunks

    # -- judging ----------------------------------------------------------------------------------------------------

    async def _judged(self, chunks: Sequence[Chunk]) -> Batch | None:
        """The batch of the chunks, or None when the partition was taken away meanwhile.

        Internal failures above the limit are no verdict: the line pauses, and probes one chunk with back-off.
        """
        for seconds in (*self.options.probe_seconds, None):
            if not await self._ours(chunks[0]):
                return None
            batch = self._judge(chunks if not self.paused else chunks[:1])
            if batch is None:
                self._pause(True)
            elif not self.paused:
                return batch
            else:
                self._pause(False)
                if (batch := self._judge(chunks)) is not None:
                    return batch
            if seconds is None:
                leave(Exit.INTERNAL, f"judging keeps failing at {chunks[0].source} offset {chunks[0].first}")
            await asyncio.sleep(seconds)
        return None

    def _judge(self, chunks: Sequence[Chunk]) -> Batch | None:
        """The batch, or None when too many of its records met an internal failure."""
        self.page.hold(chunks)
        self.judging_since = time.monotonic()
        try:
            deaths = self.page.deaths(chunks)
            poisoned = self.work.poisoned
            batch = poisoned(chunks[0], deaths) if poisoned and deaths else self.work.handle(chunks)
        except Exception as error:  # noqa: BLE001  # the line contains its own; what comes through is a bug: probe
            log.error("judging failed at %s offset %d: %r", chunks[0].source, chunks[0].first, error)
            return None
        finally:
            self.judging_since = 0.0
            self.page.release()
        return None if batch.failures > self.options.failure_share_limit * size(chunks) else batch

    def _pause(self, paused: bool) -> None:
        if paused != self.paused:
            self.paused = paused
            log.error("internal failures: paused, probing") if paused else log.warning("probe succeeded: going on")
            self.events.on_paused(paused)

    async def _ours(self, chunk: Chunk) -> bool:
        """Whether the partition is still ours; waits until that is known again after a freeze or an outage."""
        consumer = self._consumer
        while consumer.flow_active and chunk.generation == self.app.consumer_generation_id:
            if consumer.leased():
                return True
            await asyncio.sleep(_LEASE_SECONDS)
        return False

    # -- delivery ---------------------------------------------------------------------------------------------------

    async def _publish(self, batch: Batch, chunks: Sequence[Chunk]) -> None:
        try:
            async with asyncio.timeout(self.options.delivery_deadline_seconds):
                await self.publisher.publish(batch.outgoing, chunks)
        except BaseException:
            self._produced = False
            raise
        self._produced = True

    def _finish(self, chunks: Sequence[Chunk]) -> None:
        consumer, last = self._consumer, chunks[-1]
        if last.generation != self.app.consumer_generation_id:
            return
        for chunk in chunks:
            consumer.progress.finish(chunk.source, chunk.last)
        if self.publisher.commits:
            consumer.progress.committed({last.source: last.last + 1})

    @property
    def _consumer(self) -> ChunkConsumer:
        consumer: ChunkConsumer = self.app.consumer
        return consumer


def attach(app: Any, topics: Sequence[str], work: Work, publisher: Publisher, options: DeliveryOptions) -> Line:
    """Let the app read the topics in chunks through `work`; returns the line for the watchdog and for readiness."""
    line = Line(app, work, publisher, options, app.transport.events)
    app.transport.line = line
    source = app.topic(*topics, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    app.agent(source, name="line")(line.run)
    return line
