"""The consumer thread: records leave it labelled with the generation they were fetched in, or not at all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiokafka.conn
from aiokafka import TopicPartition
from aiokafka.errors import OffsetOutOfRangeError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread

from agents.kafka import batches
from agents.kafka.taken import Buffer
from agents.kafka.values import Partition
from stream.model import Record

READ_AHEAD_BYTES = 8_388_608
EMBEDDED_WAIT_MS = 20  # unlike Kafka, it lets a fetch that finds nothing wait to the end, whatever comes meanwhile


@dataclass(frozen=True, slots=True)
class Start:
    """Where a partition is read from: its committed offset (None before the first commit) and its low watermark."""

    position: int
    committed: int | None
    low: int

    @property
    def expired(self) -> int:
        """Messages that were deleted before we read them."""
        return 0 if self.committed is None else max(0, self.low - self.committed)


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records of one fetch and the group generation they belong to.

    `restarted` partitions had to begin at a later offset; `positions` are set when there was nothing to fetch.
    """

    generation: int
    records: Mapping[Partition, Sequence[Record]] = field(default_factory=dict)
    restarted: Mapping[Partition, int] = field(default_factory=dict)
    positions: Mapping[Partition, int] = field(default_factory=dict)


class ConsumerThread(AIOKafkaConsumerThread):  # type: ignore[misc]  # Faust's annotations are skipped
    """Runs aiokafka's consumer; everything here executes in that thread, except where the main thread only looks."""

    member_at = 0.0  # monotonic time at which the broker last knew us as a member

    async def on_start(self) -> None:
        """Connect, take records as our own values, and note every heartbeat that succeeds."""
        # A fetch comes in pieces, and for each this thread must wait until the other lets go of the interpreter. With
        # aiokafka's 64 KiB the socket rests after every piece, which makes it two waits.
        aiokafka.conn.READER_LIMIT = max(aiokafka.conn.READER_LIMIT, READ_AHEAD_BYTES)
        batches.install()
        await super().on_start()
        consumer = self._ensure_consumer()
        consumer._fetcher._records = Buffer(consumer._fetcher._records)  # nothing is assigned yet, so it is empty
        coordinator = consumer._coordinator
        beat = coordinator._do_heartbeat

        async def noted() -> bool:
            asked = time.monotonic()  # not when the answer is read: it may have lain there while we were frozen
            succeeded = bool(await beat())
            if succeeded:
                self.member_at = asked
            return succeeded

        coordinator._do_heartbeat = noted

    async def _fetch_records(self, consumer: Any, *arguments: Any, **options: Any) -> Fetched | None:
        try:
            records = await super()._fetch_records(consumer, *arguments, **options)
        except OffsetOutOfRangeError as error:
            return await self._restart(consumer, error)
        # No await between the fetch and the label: a label taken later may be that of the next generation.
        generation = consumer._coordinator.generation
        if not self.consumer.flow_active:
            # It stopped while we waited, or has not gone on yet. aiokafka's position is already behind these records,
            # and ChunkConsumer.perform_seek may have been here before they came: dropped now, they are never read.
            _unread(consumer, records)
            return None
        return Fetched(generation, records) if records else Fetched(generation, positions=_positions(consumer))

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        # Faust reads uncommitted records; what a producer aborted was never sent. Read by aiokafka only at its start.
        consumer._isolation_level = "read_committed"
        if not self.app.conf.broker_check_crcs:  # as on the embedded broker alone
            consumer._fetch_max_wait_ms = EMBEDDED_WAIT_MS
        return consumer

    def highwater(self, tp: Any) -> int | None:
        """Up to where records can be read: the end of the last finished transaction."""
        stable: int | None = self._ensure_consumer().last_stable_offset(TopicPartition(*tp))
        return stable

    async def _restart(self, consumer: Any, error: OffsetOutOfRangeError) -> Fetched:
        """What we wanted to read is gone. With a reset policy aiokafka would jump there and tell no one."""
        generation = consumer._coordinator.generation
        gone = [partition for partition in error.args[0] if consumer._subscription.is_assigned(partition)]
        lows = await consumer.beginning_offsets(gone) if gone else {}
        for partition, low in lows.items():
            if consumer._subscription.is_assigned(partition):
                consumer._fetcher.seek_to(partition, low)
        return Fetched(generation, restarted={Partition(*partition): low for partition, low in lows.items()})

    async def begin(self) -> dict[Partition, Start]:
        """Seek every assigned partition to where it must be read from, and say where that is."""
        return await self.call_thread(self._begin)  # type: ignore[no-any-return]  # Faust's annotations are skipped

    async def _begin(self) -> dict[Partition, Start]:
        consumer = self._ensure_consumer()
        self.member_at = time.monotonic()
        partitions = list(consumer.assignment())
        starts = {}
        for partition, low in (await consumer.beginning_offsets(partitions)).items() if partitions else ():
            committed = await consumer.committed(partition)
            position = low if committed is None else max(low, committed)
            starts[Partition(*partition)] = Start(position, committed, low)
        for partition, start in starts.items():
            if consumer._subscription.is_assigned(target := TopicPartition(*partition)):
                consumer._fetcher.seek_to(target, start.position)
        return starts


def _unread(consumer: Any, records: Mapping[Any, Sequence[Record]]) -> None:
    for partition, first in ((partition, each[0].offset) for partition, each in records.items() if each):
        if consumer._subscription.is_assigned(partition):
            consumer._fetcher.seek_to(partition, first)


def _positions(consumer: Any) -> dict[Partition, int]:
    """Where reading stands. Markers of transactions and compacted records move it without a record to show for it."""
    assignment = consumer._subscription.subscription.assignment
    states = {partition: assignment.state_value(partition) for partition in consumer.assignment()} if assignment else {}
    return {
        Partition(*partition): state.position
        for partition, state in states.items()
        if state is not None and state.has_valid_position
    }
