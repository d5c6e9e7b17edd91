"""Several workers on one machine: started, restarted with back-off, stopped together, shown as one."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.kafka.exits import Exit, log
from agents.kafka.page import SupervisorPage, create_page

_LOOK_SECONDS = 0.05
_GRACE_SECONDS = 5.0  # a worker ends itself at its stop limit; this much later it is killed
_BACKOFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_STOPPED = (Exit.OK, -signal.SIGTERM)  # the latter before it had begun: with nothing in hand
_STEADY_SECONDS = 60.0  # a worker that ran this long begins again at the shortest back-off


@dataclass(frozen=True, slots=True)
class Plan:
    """How many workers, and the command line of the worker with that number and that page."""

    processes: int
    command: Callable[[int, Path], Sequence[str]]
    stop_limit_seconds: float = 20.0


@dataclass(slots=True)
class _Child:
    number: int
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float = 0.0
    failures: int = 0


@dataclass(slots=True)
class Supervisor:
    """Runs a plan until told to stop; `exits` counts how its workers ended."""

    plan: Plan
    exits: Counter[str] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    _children: list[_Child] = field(default_factory=list)

    def alive(self) -> list[int]:
        """Numbers of the workers that run now."""
        return [child.number for child in self._children if child.process and child.process.poll() is None]

    def run(self) -> Exit:
        """Until `stop` is set, or a worker says that a restart does not help."""
        with tempfile.TemporaryDirectory(prefix="saring-") as folder:
            path = Path(folder) / "page"
            create_page(path, self.plan.processes)
            page = SupervisorPage(path)
            self._children = [_Child(number) for number in range(self.plan.processes)]
            try:
                return self._watch(page, path)
            finally:
                self._stop_all()

    def _watch(self, page: SupervisorPage, path: Path) -> Exit:
        while not self.stop.wait(_LOOK_SECONDS):
            for child in self._children:
                if child.process is None:
                    self._maybe_start(child, path)
                elif (code := child.process.poll()) is not None:
                    self._ended(child, code, page)
                    if code == Exit.USAGE:
                        return Exit.USAGE
        return self._stop_all()

    def _maybe_start(self, child: _Child, path: Path) -> None:
        now = time.monotonic()
        if now >= child.start_at:
            # A session of its own: Ctrl-C in a terminal reaches us alone, and we stop the workers in order.
            child.process = subprocess.Popen(self.plan.command(child.number, path), start_new_session=True)
            child.started = now

    def _ended(self, child: _Child, code: int, page: SupervisorPage) -> None:
        now = time.monotonic()
        child.process = None
        child.failures = 0 if now - child.started > _STEADY_SECONDS else child.failures
        seconds = _BACKOFF_SECONDS[min(child.failures, len(_BACKOFF_SECONDS) - 1)]
        child.failures += 1
        child.start_at = now + seconds
        self.exits[exit_name(code)] += 1
        log.error("worker %d ended (%s); again in %.1f s", child.number, exit_name(code), seconds)
        if blamed := page.blame(child.number):
            log.error(
                "it was judging %s offsets %d to %d (%d deaths there alone)",
                blamed.source, blamed.first, blamed.last, blamed.deaths,
            )  # fmt: skip

    def _stop_all(self) -> Exit:
        running = [child.process for child in self._children if child.process]
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
        end = time.monotonic() + self.plan.stop_limit_seconds + _GRACE_SECONDS
        codes = [_wait(process, end) for process in running]
        for child in self._children:
            child.process = None
        return Exit.OK if all(code in _STOPPED for code in codes) else Exit.SLOW_STOP


def _wait(process: subprocess.Popen[bytes], end: float) -> int:
    try:
        return process.wait(max(0.1, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def exit_name(code: int) -> str:
    """The name of an exit code as metrics and logs show it; a closed set."""
    if code < 0:
        return "KILLED" if code == -signal.SIGKILL else "SIGNALLED"
    return Exit(code).name if code in Exit.__members__.values() else "OTHER"


def supervise(supervisor: Supervisor) -> Exit:
    """Run with SIGTERM and SIGINT meaning: stop in order. Call from the main thread."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: supervisor.stop.set())
    return supervisor.run()
