"""The scan role beside a busy retro, on a real Kafka: `python -m bench.beside [--turns 8] [--messages 100000]`.

Turns without and beside retro alternate (without, beside, beside, without, …), so that a machine that grows slower or
faster meanwhile burdens both alike; each turn drains the same number of messages and then measures the delay of alerts.
All the while hosts that were seen before enter a list, 2,000 every two seconds: in turns of both kinds, so that the
worker swaps its lists as often with retro as without. The worker has a core of its own, as it has in production; retro
gives way to the broker, which has a machine of its own there.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition

from agents.kafka.connection import Connection
from agents.kafka.topics import admin_client, configure
from bench.background import running
from bench.cluster import Cluster, library
from bench.latency import PARTITIONS, measured
from config.feeds import default_feeds

RATE: Final = 2_000
ONE_IN: Final = 20  # messages of the delay measurement that are flagged
CORE: Final = 0  # the worker's
ORDER: Final = (False, True, True, False)  # beside retro?
NICE: Final = 10
STEPS: Final = 10
STEP_SECONDS: Final = 2.0
DELAYS: Final = ("taken_p50_ms", "taken_p99_ms", "p50_ms", "p99_ms")
FIGURES: Final = ("messages_per_second", "cpu_us_per_message", *DELAYS, "retro_cores")

Turn = Mapping[str, float]


def run(turns: int, messages: int, entries: int, seconds: float) -> dict[str, Any]:
    """Figures of both kinds of turns; raises `RuntimeError` without a real Kafka."""
    jars = library()
    if jars is None:
        raise RuntimeError("measured on a real Kafka: install Java 17, and Maven once")
    found: dict[bool, list[Turn]] = {False: [], True: []}
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-beside-") as name:
        stage = _Stage(cluster.bootstrap, Path(name), entries)
        stage.command("setup").wait()
        # Late alerts by the thousand are read on the way to the ones that are timed: that is the reader's share.
        configure(admin_client(Connection(cluster.bootstrap)), "alerts", {"message.timestamp.type": "LogAppendTime"})
        with stage.role("keeper"):
            stage.turn(messages, seconds)  # warms up the broker, and leaves what the first turn's entries meet
            for number in range(turns):
                beside = ORDER[number % len(ORDER)]
                with stage.role("retro") if beside else nullcontext() as retro:
                    found[beside].append(stage.turn(messages, seconds, retro))
                print(f"{'beside ' if beside else 'without'} {found[beside][-1]}", file=sys.stderr, flush=True)
    return _summary(found)


def _summary(found: Mapping[bool, Sequence[Turn]]) -> dict[str, Any]:
    """Medians with lowest and highest, and how the medians compare."""
    spread = {
        kind: {name: _spread([turn[name] for turn in turns]) for name in FIGURES} for kind, turns in found.items()
    }
    ratio = {name: round(spread[True][name]["median"] / spread[False][name]["median"], 3) for name in FIGURES[:-1]}
    return {"without": spread[False], "beside retro": spread[True], "beside / without": ratio}


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(statistics.median(values), 2), "lowest": min(values), "highest": max(values)}


class _Stage:
    """A deployment with one list, in a file."""

    def __init__(self, bootstrap: str, folder: Path, entries: int) -> None:
        self._bootstrap, self._list, self._entries = bootstrap, folder / "list.txt", entries
        self._client = Consumer({"bootstrap.servers": bootstrap, "group.id": "saring.scan", "log_level": 0})
        self._listed = self._seen = 0  # hosts
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

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        whole = [sys.executable, "-m", "agents", *arguments]
        return subprocess.Popen(whole, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @contextmanager
    def role(self, name: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a role; the worker on its own core, the others beside it."""
        process = self.command(name)
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(process.pid, {CORE} if name == "worker" else cores - {CORE} or cores)
        if name == "retro":
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(60)

    def turn(self, messages: int, seconds: float, retro: subprocess.Popen[bytes] | None = None) -> Turn:
        """Drain, then measure the delay at a fixed rate, while entries arrive."""
        _preload(self._bootstrap, messages, range(self._seen, self._seen + self._entries))
        began = time.monotonic(), _cpu_seconds(retro)
        with self.role("worker") as worker, self._listing():
            drained = self._drained(worker, messages)
            delays = measured(self._bootstrap, RATE, ONE_IN, seconds)
        self._seen += self._entries
        cores = (_cpu_seconds(retro) - began[1]) / (time.monotonic() - began[0])
        return drained | {name: round(delays[name], 1) for name in DELAYS} | {"retro_cores": round(cores, 3)}

    def _drained(self, worker: subprocess.Popen[bytes], messages: int) -> dict[str, float]:
        """From the first commit to the last, so that the start of the process does not count."""
        end = self._committed() + messages
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


def _cpu_seconds(process: subprocess.Popen[bytes] | None) -> float:
    """Of a process and its threads, so far."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _host(number: int) -> str:
    return f"kedai-{number:06}.test"


def _preload(bootstrap: str, messages: int, hosts: range) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.messages": 500_000})
    for number in range(messages):
        text = f"hari ini {number} orang datang, terima kasih semua"
        if number % 3 == 0:
            text = f"gambar semalam ada di http://{_host(hosts[number // 3 % len(hosts)])}/galeri/{number} ya"
        value = json.dumps({"id": f"b{time.monotonic_ns()}", "user": f"u{number % 5_000}", "text": text}).encode()
        producer.produce("messages", value, partition=number % PARTITIONS)
        if number % 1_000 == 0:
            producer.poll(0)
    producer.flush(60)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.beside")
    parser.add_argument("--turns", type=int, default=8, help="a multiple of four balances both kinds")
    parser.add_argument("--messages", type=int, default=100_000, help="to drain in each turn")
    parser.add_argument("--entries", type=int, default=20_000, help="that arrive in each turn")
    parser.add_argument("--seconds", type=float, default=15.0, help="of measuring the delay in each turn")
    chosen = parser.parse_args()
    print(json.dumps(run(chosen.turns, chosen.messages, chosen.entries, chosen.seconds), indent=1))


if __name__ == "__main__":
    main()
