"""A thread that sees when the worker no longer works: it heals what can be healed once, and ends the rest loudly.

A thread, not a task: tasks of the app do not run before the first assignment, nor while the event loop stands still.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

from agents.kafka.exits import Exit, leave, log
from agents.kafka.line import Line
from agents.kafka.options import DeliveryOptions
from agents.kafka.page import NoPage
from agents.kafka.values import Partition

_LOOK_SECONDS = 0.5
_HEALED_SECONDS = 30.0
_STATM = Path("/proc/self/statm")
_PAGE_BYTES = 4096


class Watchdog(threading.Thread):
    """Looks twice a second; `ended` stops it after an orderly stop."""

    def __init__(self, app: Any, line: Line, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="watchdog", daemon=True)
        self.stopping_since = 0.0
        self.ended = threading.Event()
        self._app = app
        self._line = line
        self._loop = loop
        self._options: DeliveryOptions = line.options
        self._began = self._ticked = self._member = time.monotonic()
        self._healed = -_HEALED_SECONDS
        self._parent = 0 if isinstance(line.page, NoPage) else os.getppid()
        self._moved: dict[Partition, tuple[int, float]] = {}  # with lag: finished offset, and since when

    def run(self) -> None:
        """Look until ended."""
        while not self.ended.wait(_LOOK_SECONDS):
            try:
                self._look(time.monotonic())
            except Exception as error:  # noqa: BLE001  # a race with a starting or ending app; the next look tells
                log.debug("watchdog: %r", error)

    def _look(self, now: float) -> None:
        self._look_at_stop(now)
        self._look_at_loop(now)
        self._look_at_memory()
        if not self.stopping_since:
            self._look_at_parent()
            self._look_at_group(now)
            self._look_at_progress(now)

    def _look_at_stop(self, now: float) -> None:
        if self.stopping_since and now - self.stopping_since > self._options.stop_limit_seconds:
            leave(Exit.SLOW_STOP, f"the stop took longer than {self._options.stop_limit_seconds:g} s")

    def _look_at_loop(self, now: float) -> None:
        since = self._line.judging_since
        if since and now - since > self._options.cpu_deadline_seconds:
            leave(Exit.CPU_DEADLINE, f"judging took longer than {self._options.cpu_deadline_seconds:g} s")
        self._loop.call_soon_threadsafe(self._tick)
        if now - self._ticked > self._options.stuck_seconds:
            leave(Exit.STUCK, "the event loop stands still")

    def _tick(self) -> None:
        self._ticked = time.monotonic()

    def loop_delay_seconds(self) -> float:
        """How long ago the event loop last answered; what /healthz judges by."""
        return time.monotonic() - self._ticked

    def _look_at_parent(self) -> None:
        if self._parent and os.getppid() != self._parent:
            self._parent = 0
            log.error("the supervisor is gone: stopping")
            os.kill(os.getpid(), signal.SIGTERM)

    def _look_at_memory(self) -> None:
        limit = self._options.memory_limit_bytes
        if limit and (used := resident_bytes()) > limit:
            leave(Exit.MEMORY, f"{used >> 20} MiB in use, the limit is {limit >> 20} MiB")

    def _look_at_group(self, now: float) -> None:
        """Faust never calls aiokafka's check_errors, and aiokafka waits for that for ever: alive, silent, idle."""
        thread = getattr(self._app._consumer, "_thread", None)
        consumer = getattr(thread, "_consumer", None)
        if consumer is None:
            if now - self._began > self._options.stuck_seconds:
                leave(Exit.STUCK, "no consumer after the start")
            return
        coordinator = consumer._coordinator
        if coordinator._coordination_task.done():
            leave(Exit.STUCK, "the group coordination ended")
        if coordinator._pending_exception is not None:
            self._heal(now, thread, coordinator)
        if coordinator.generation > 0:
            self._member = now
        elif now - self._member > self._options.stuck_seconds:  # a standby is a member too
            leave(Exit.STUCK, f"not a member of the group for {now - self._member:.0f} s")

    def _heal(self, now: float, thread: Any, coordinator: Any) -> None:
        if now - self._healed < _HEALED_SECONDS:
            leave(Exit.STUCK, f"the group refuses us again: {coordinator._pending_exception!r}")
        log.warning("group error, joining again: %r", coordinator._pending_exception)
        self._healed = now

        async def check() -> None:
            try:
                coordinator.check_errors()
            except Exception as error:  # noqa: BLE001  # raising is how aiokafka reports what it has just cleared
                log.info("cleared: %r", error)

        asyncio.run_coroutine_threadsafe(check(), thread.thread_loop)

    def _look_at_progress(self, now: float) -> None:
        """A partition with lag whose finished offset does not move. An idle one owes nothing, however long."""
        consumer, last = self._app.consumer, self._moved
        behind = {
            partition: offset
            for partition, offset in consumer.progress.finished().items()
            if (consumer.highwater(partition) or 0) > offset
        }
        self._moved = {
            partition: last[partition] if partition in last and last[partition][0] == offset else (offset, now)
            for partition, offset in behind.items()
        }
        if self._line.paused or not consumer.flow_active:
            self._moved.clear()  # it is said elsewhere why nothing moves
        for partition, (offset, since) in self._moved.items():
            if now - since > self._options.stuck_seconds:
                leave(Exit.STUCK, f"{partition}: nothing finished for {now - since:.0f} s at offset {offset}")


def resident_bytes() -> int:
    """Memory in use by this process; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text().split()[1]) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0
