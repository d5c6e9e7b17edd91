"""The deployment of `bench.beside`: its roles on their cores, a list that grows, and one turn with what it measures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil
from confluent_kafka import Consumer, Producer, TopicPartition

from bench import neighbour
from bench.background import running
from bench.latency import PARTITIONS, measured
from config.feeds import default_feeds

RATE: Final = 2_000
ONE_IN: Final = 20  # messages of the delay measurement that are flagged
CORE: Final = 0  # the worker's
NICE: Final = 10
STEP_SECONDS: Final = 2.0
STEPS: Final = 14  # of a turn
LINKED: Final = 3  # one message in so many of those to drain has a link
LATE_BYTES: Final = 2_900  # of a late alert on such a link, with its key and headers
DELAYS: Final = ("taken_p50_ms", "taken_p99_ms", "p50_ms", "p99_ms")

Turn = Mapping[str, Any]


class Stage:
    """A deployment with one list, in a file."""

    def __init__(self, bootstrap: str, folder: Path, messages: int, entries: int) -> None:
        self._bootstrap, self._list = bootstrap, folder / "list.txt"
        self._messages, self._entries = messages, entries
        self._client = Consumer({"bootstrap.servers": bootstrap, "group.id": "saring.scan", "log_level": 0})
        self._listed = self._seen = 0  # hosts
        self._cores: list[float] = []  # that retro used in each turn so far
        self._list_more(0)
        off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in default_feeds())
        listed = f'[feeds.bench]\nurl = "{self._list.as_uri()}"\nentries = "host"\ninterval_seconds = 1.0\n'
        settings = folder / "saring.toml"
        settings.write_text(off + listed)
        self._env = os.environ | {
            "SARING_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "SARING_METRICS__PORT": "0",
            "SARING_CONFIG": str(settings),
            "SARING_CACHE_DIR": str(folder / "cache"),
            "SARING_TOPICS__PARTITIONS": str(PARTITIONS),
        }

    def _list_more(self, hosts: int) -> None:
        """Hosts that were seen enter the list, in the order in which they came."""
        self._listed = min(self._listed + hosts, self._seen)
        listed = "".join(f"{_host(number)}\n" for number in range(self._listed))
        self._list.with_suffix(".new").write_text("never-seen.test\n" + listed)
        self._list.with_suffix(".new").replace(self._list)

    @contextmanager
    def _listing(self) -> Iterator[None]:
        """Hosts enter the list step by step while the block runs, all of them by its end."""

        def steps(ended: threading.Event) -> None:
            for _ in range(STEPS):
                self._list_more(self._entries // STEPS)
                if ended.wait(STEP_SECONDS):
                    break

        with running(steps):
            yield
        self._list_more(self._seen)

    def _command(self, name: str) -> list[str]:
        if name != "neighbour":
            return ["agents", name]
        load = {
            "cpu_seconds": STEP_SECONDS * sum(self._cores) / len(self._cores),
            "records": self._messages // LINKED // STEPS,
            "bytes": LATE_BYTES,
            "seconds": STEP_SECONDS,
            "partitions": PARTITIONS,
        }
        return [neighbour.__name__, self._bootstrap, json.dumps(load)]

    def command(self, name: str) -> subprocess.Popen[bytes]:
        """Start a role or another command; a neighbour is as busy as retro was in the turns before."""
        whole = [sys.executable, "-m", *self._command(name)]
        return subprocess.Popen(whole, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @contextmanager
    def role(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a role; the worker on its own core, all else where we are."""
        process = self.command(name)
        if name == "worker":
            os.sched_setaffinity(process.pid, {CORE})
        if name == "neighbour":
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def turn(self, kind: str, seconds: float, other: subprocess.Popen[bytes] | None) -> Turn:
        """Drain, then measure the delay at a fixed rate, while entries arrive. `other` is who works beside, if any."""
        _preload(self._bootstrap, self._messages, range(self._seen, self._seen + self._entries))
        with self.role("worker") as worker, self._listing():
            drained = self._drained(worker)
            before, spent, began = _waits(worker), _cpu_seconds(other), time.monotonic()
            delays = measured(self._bootstrap, RATE, ONE_IN, seconds)
            took = time.monotonic() - began
            cores, waits = (_cpu_seconds(other) - spent) / took, (_waits(worker) - before) / took
        self._seen += self._entries
        if kind == "retro":
            self._cores.append(cores)
        shares = {"worker_waits": round(waits, 3), "other_cores": round(cores, 3)}
        return drained | {name: round(delays[name], 1) for name in DELAYS} | shares

    def _drained(self, worker: subprocess.Popen[bytes]) -> dict[str, float]:
        """From the first commit to the last, so that the start of the process does not count."""
        end = self._committed() + self._messages
        begun = self._committed()
        while (first := self._committed()) == begun:
            time.sleep(0.05)
        at, spent = time.monotonic(), _cpu_seconds(worker)
        while self._committed() < end:
            time.sleep(0.05)
        seconds, used, done = time.monotonic() - at, _cpu_seconds(worker) - spent, end - first
        return {
            "messages_per_second": round(done / seconds),
            "cpu_us_per_message": round(1e6 * used / done, 1),
        }

    def _committed(self) -> int:
        places = [TopicPartition("messages", number) for number in range(PARTITIONS)]
        return sum(max(0, each.offset) for each in self._client.committed(places, timeout=20))


def busy_elsewhere() -> float:
    """CPU seconds so far of all that is not ours: a machine that does other work measures that."""
    times, ours = psutil.cpu_times(), psutil.Process()
    busy = times.user + times.nice + times.system + times.irq + times.softirq
    return float(busy - sum(_cpu_of(each) for each in (ours, *ours.children(recursive=True))))


def _cpu_of(process: psutil.Process) -> float:
    """Seconds of a process and of its children that have ended: a worker runs for one turn."""
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


def _cpu_seconds(process: subprocess.Popen[bytes] | None) -> float:
    """Of a process and its threads, so far."""
    return _cpu_of(psutil.Process(process.pid)) if process else 0.0


def _waits(process: subprocess.Popen[bytes]) -> float:
    """Seconds that the threads of a process could have run, so far, and had no core."""
    threads = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[1]) for each in threads) / 1e9


def _host(number: int) -> str:
    return f"kedai-{number:06}.test"


def _preload(bootstrap: str, messages: int, hosts: range) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.messages": 500_000})
    for number in range(messages):
        text = f"hari ini {number} orang datang, terima kasih semua"
        if number % LINKED == 0:
            text = f"gambar semalam ada di http://{_host(hosts[number // LINKED % len(hosts)])}/galeri/{number} ya"
        value = json.dumps({"id": f"b{time.monotonic_ns()}", "user": f"u{number % 5_000}", "text": text}).encode()
        producer.produce("messages", value, partition=number % PARTITIONS)
        if number % 1_000 == 0:
            producer.poll(0)
    producer.flush(60)
