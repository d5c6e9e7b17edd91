"""Workers are restarted with back-off, stopped together, and what kills them is found and set aside."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agents.kafka.exits import Exit
from agents.kafka.supervisor import Plan, Supervisor, exit_name
from bench.cluster import Cluster
from tests.support.field import Field
from tests.support.lab import open_lab

SLEEP = "import time; time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
OBEDIENT = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"


def _python(text: str) -> Callable[[int, Path], Sequence[str]]:
    return lambda number, page: [sys.executable, "-c", text]


class Running:
    """A supervisor in a thread of its own."""

    def __init__(self, plan: Plan) -> None:
        self.supervisor, self.code = Supervisor(plan), list[Exit]()
        self.thread = threading.Thread(target=lambda: self.code.append(self.supervisor.run()))
        self.thread.start()

    def until(self, condition: Callable[[Supervisor], bool], seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not condition(self.supervisor):
            assert time.monotonic() < end, self.supervisor.exits
            time.sleep(0.02)

    def end(self) -> Exit:
        self.supervisor.stop.set()
        self.thread.join(60)
        return self.code[0]


def test_all_workers_run_and_stop_together() -> None:
    running = Running(Plan(3, _python(OBEDIENT)))
    running.until(lambda supervisor: supervisor.alive() == [0, 1, 2])
    time.sleep(0.3)  # until the handlers are in place
    assert running.end() == Exit.OK
    assert running.supervisor.alive() == []


def test_a_worker_that_ends_is_started_again_and_counted() -> None:
    running = Running(Plan(1, _python("raise SystemExit(70)")))
    running.until(lambda supervisor: supervisor.exits["INTERNAL"] == 3)
    running.end()


def test_back_off_grows() -> None:
    began = time.monotonic()
    running = Running(Plan(1, _python("raise SystemExit(75)")))
    running.until(lambda supervisor: supervisor.exits["STUCK"] == 3)
    assert time.monotonic() - began > 1.5  # 0.5 + 1.0 seconds
    running.end()


def test_wrong_settings_are_not_tried_again() -> None:
    running = Running(Plan(2, _python(f"raise SystemExit({int(Exit.USAGE)})")))
    running.thread.join(30)
    assert running.code == [Exit.USAGE]


def test_a_worker_that_does_not_stop_is_killed() -> None:
    running = Running(Plan(1, _python(STUBBORN), stop_limit_seconds=-4.5))
    running.until(lambda supervisor: supervisor.alive() == [0])
    time.sleep(0.3)
    assert running.end() == Exit.SLOW_STOP


@pytest.mark.parametrize(
    ("code", "name"),
    [(0, "OK"), (70, "INTERNAL"), (-signal.SIGKILL, "KILLED"), (-signal.SIGSEGV, "SIGNALLED"), (1, "OTHER")],
)
def test_exit_names_are_a_closed_set(code: int, name: str) -> None:
    assert exit_name(code) == name


def _supervised(field: Field, processes: int = 2) -> Running:
    return Running(Plan(processes, lambda number, page: field.command(page=str(page), slot=number)))


@pytest.mark.kafka
@pytest.mark.slow
def test_a_record_that_kills_becomes_a_dead_letter(kafka: Cluster) -> None:
    """Its neighbours are judged as if nothing had happened."""
    field = Field(open_lab(kafka.bootstrap), "exactly_once", partitions=2)
    values = [b"scam" if number % 20 == 0 else b"ok" for number in range(2000)]
    values[700] = b"abort"
    field.lab.produce(field.source, values, 2)
    field.lab.first_offsets(field.group, field.source)
    running = _supervised(field)
    drained = field.lab.drained(field.group, field.source, 100)
    exits = dict(running.supervisor.exits)
    assert running.end() == Exit.OK
    assert drained, exits
    assert exits == {"SIGNALLED": 4}  # once with its neighbours, three times alone
    field.crashes = 4
    verdict = field.verdict()
    assert verdict.good(field.mode, field.duplicate_limit()), verdict
    assert [record.headers() for record in field.lab.read(field.dead)] == [[("deaths", b"3")]]


@pytest.mark.kafka
def test_workers_end_with_their_supervisor(kafka: Cluster, tmp_path: Path) -> None:
    field = Field(open_lab(kafka.bootstrap), log=tmp_path / "log")
    text = (
        "import subprocess, sys; from pathlib import Path; from agents.kafka.page import create_page;"
        "create_page(Path(sys.argv[1]), 1); worker = subprocess.Popen(sys.argv[2:]); print(worker.pid, flush=True);"
        "worker.wait()"
    )
    page = tmp_path / "page"
    command = [sys.executable, "-c", text, str(page), *field.command(page=str(page))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        field.produce(100)
        assert field.lab.drained(field.group, field.source)
        parent.kill()
    end = time.monotonic() + 15
    while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not Path(f"/proc/{worker}").exists()
