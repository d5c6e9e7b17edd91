"""How we reach Kafka and what delivery promises, as plain values that the settings fill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from agents.kafka.values import Partition

Mode = Literal["at_least_once", "exactly_once"]


@dataclass(frozen=True, slots=True)
class DeliveryOptions:
    """Limits of the delivery; each default was measured on a real Kafka (see docs/operate.md)."""

    mode: Mode = "at_least_once"
    commit_interval_seconds: float = 0.2  # with commit_records: what a crash can repeat, see repeat_limit
    commit_records: int = 2000
    chunk_records: int = 1000
    fetches_waiting: int = 4
    merge_records: int = 4000
    poll_records: int = 2000
    fetch_bytes: int = 1_048_576
    session_timeout_seconds: float = 10.0  # a killed worker's partitions stand still that long
    heartbeat_seconds: float = 2.0
    rebalance_timeout_seconds: float = 30.0
    request_timeout_seconds: float = 30.0
    metadata_seconds: float = 10.0  # how old our picture of the topics may get, see app.py
    transaction_timeout_seconds: float = 15.0
    cpu_deadline_seconds: float = 5.0
    delivery_deadline_seconds: float = 30.0
    stop_limit_seconds: float = 20.0
    start_limit_seconds: float = 60.0
    stuck_seconds: float = 60.0
    memory_limit_bytes: int = 0  # 0: no limit
    probe_seconds: Sequence[float] = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)  # between probes while paused; then it ends
    failure_share_limit: float = 0.5  # above this share of internal failures in a batch the line pauses
    largest_record_bytes: int = 1_000_000  # where the broker does not let us read a topic's own limit

    @property
    def uncommitted_limit(self) -> int:
        """Finished and uncommitted records at which no further delivery begins before a commit."""
        return self.commit_records + self.merge_records

    def repeat_limit(self, partitions: int) -> int:
        """How many records a crash of a worker with so many partitions can repeat: one delivery of each may go beyond
        the limit at which none begins."""
        return self.uncommitted_limit + self.merge_records * partitions


@dataclass(frozen=True, slots=True)
class Events:
    """What delivery tells the outside; every hook is called on the event loop and must be quick."""

    on_assigned: Callable[[int], None] = lambda partitions: None
    on_expired: Callable[[Partition, int], None] = lambda partition, messages: None
    on_hole: Callable[[Partition, int], None] = lambda partition, offsets: None  # markers, compaction: harmless
    on_gap: Callable[[Partition, int], None] = lambda partition, offsets: None  # the log lost its end: never harmless
    on_paused: Callable[[bool], None] = lambda paused: None
