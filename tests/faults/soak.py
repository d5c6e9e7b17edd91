"""Whole workers at half load, one of them killed over and over; memory, files, threads and tasks of the other are
watched: `python -m tests.faults.soak [--minutes N] [--rate N]`.

The watch begins when everything that a worker fills up once is full: its caches hold 50,000 entries each, more hosts
than that are in the stream, and it has caught up with a backlog, for which every buffer is used to its end.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import psutil
from confluent_kafka import Producer

from bench.background import running
from bench.cluster import Cluster, library
from tests.agents.conftest import Deployment
from tests.support.lab import Lab, open_lab

RATE: Final = 20_000  # messages a second: about half of what one worker passes on two cores with everything on
PARTITIONS: Final = 4
BACKLOG_SECONDS: Final = 30
VALUES: Final = 200_000  # different messages, again and again: four in ten with a link, each on a host of its own
KILL_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 5.0
WARM_SECONDS: Final = 120.0
GROWTH: Final = 0.10
TOPICS: Final = {"log.retention.bytes": "300000000", "log.segment.bytes": "50000000"}
_WORDS: Final = ("jumpa", "di", "kedai", "kopi", "petang", "ini", "ya", "kawan", "bawa", "buku", "dan", "gambar")


class Look(NamedTuple):
    """What is watched."""

    memory: int
    files: int
    threads: int
    tasks: int


@dataclass
class Soak:
    """A deployment under load, and its workers."""

    deployment: Deployment
    lab: Lab
    rate: int
    values: list[bytes]
    kills: int = 0
    sent: int = 0
    looks: list[Look] = field(default_factory=list)

    @property
    def census(self) -> Path:
        return self.deployment.folder / "tasks"

    def lag(self) -> int:
        return self.lab.lag(f"{self.deployment.name}.saring.scan", self.deployment.source)

    def worker(self, name: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tests.support.census", str(self.census.with_suffix(f".{name}")), "worker"]
        with (self.deployment.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(command, env=self.deployment.env, stdout=log, stderr=log)

    def send(self, producer: Producer, count: int) -> None:
        for _ in range(count):
            value = self.values[self.sent % len(self.values)]
            while True:
                try:
                    producer.produce(self.deployment.source, value, partition=self.sent % PARTITIONS)
                    break
                except BufferError:
                    producer.poll(0.1)
            self.sent += 1
        producer.poll(0)

    @contextmanager
    def load(self) -> Iterator[None]:
        """A backlog first, then messages at a steady rate as long as the block runs."""
        producer = Producer({"bootstrap.servers": self.lab.bootstrap, "linger.ms": 5, "compression.type": "lz4"})
        self.send(producer, self.rate * BACKLOG_SECONDS)
        producer.flush(60)

        def send(ended: threading.Event) -> None:
            began, before = time.monotonic(), self.sent
            while not ended.wait(0.01):
                self.send(producer, max(0, int((time.monotonic() - began) * self.rate) + before - self.sent))
            producer.flush(60)

        with running(send):
            yield

    def look(self, process: psutil.Process) -> None:
        tasks = int(self.census.with_suffix(".steady").read_text() or 0)
        self.looks.append(Look(process.memory_info().rss, process.num_fds(), process.num_threads(), tasks))


def values(choose: random.Random) -> list[bytes]:
    """Chat as it comes: four messages in ten with a link, three in a thousand with one that is flagged."""
    return [b'{"id":"%d","user":"u%d","text":"%s"}' % (number, number % 5000, _text(number, choose).encode())
            for number in range(VALUES)]  # fmt: skip


def _text(number: int, choose: random.Random) -> str:
    words = " ".join(choose.choices(_WORDS, k=choose.randrange(3, 25)))
    if number % 333 == 0:
        return f"Tahniah! Sahkan akaun bank anda dalam 24 jam di http://maybank2u-sahkan-{number}.test/masuk"
    return f"{words} https://gerai-{number}.test/buku/{number % 7}?hari=3" if number % 5 < 2 else words


def main(arguments: Sequence[str]) -> int:
    """Run, print a line a minute and the judgement; 1 if something grew or a promise broke, 3 without a real Kafka."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.soak")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", type=int, default=RATE)
    parser.add_argument("--mode", choices=("at_least_once", "exactly_once"), default="at_least_once")
    parser.add_argument("--seed", type=int, default=random.randrange(100_000))
    chosen = parser.parse_args(arguments)
    jars = library()
    if jars is None:
        print("the soak needs a real Kafka: Java 17 on the PATH, and Maven once")
        return 3
    print(f"soak: {chosen.minutes:g} minutes, {chosen.rate}/s, {chosen.mode}, seed {chosen.seed}", flush=True)
    choose = random.Random(chosen.seed)
    with Cluster(jars, extra=TOPICS) as cluster, tempfile.TemporaryDirectory(prefix="saring-soak-") as folder:
        settings = {"SARING_WORKER__DELIVERY": chosen.mode, "SARING_TOPICS__PARTITIONS": str(PARTITIONS)}
        deployment = Deployment(cluster.bootstrap, Path(folder), settings=settings)
        if deployment.run("setup", "--from", "beginning").returncode:
            raise RuntimeError("saring setup failed")
        soak = Soak(deployment, open_lab(cluster.bootstrap), chosen.rate, values(choose))
        return _play(soak, chosen.minutes * 60, choose)


def _play(soak: Soak, seconds: float, choose: random.Random) -> int:
    with soak.load():
        steady, began = soak.worker("steady"), time.monotonic()  # never killed: it is the one that is watched
        try:
            _watch(soak, psutil.Process(steady.pid), began + seconds, choose)
        except BaseException:
            steady.kill()
            raise
    drained = _drained(soak)
    alive = steady.poll() is None
    steady.terminate()
    code = steady.wait(60)
    proof = soak.deployment.run("ledger", "verify")
    print(f"{soak.sent} messages, {soak.kills} kills; lag {'zero' if drained else 'NOT zero'}; "
          f"stopped with {code}; ledger verify {proof.returncode}")  # fmt: skip
    kept = drained and alive and code == 0 and proof.returncode == 0
    return 0 if _flat(soak.looks) and kept else 1


def _watch(soak: Soak, process: psutil.Process, end: float, choose: random.Random) -> None:
    victim, began = soak.worker("victim"), time.monotonic()
    kill_at, line_at = began + KILL_SECONDS, began + 60.0
    try:
        while (now := time.monotonic()) < end:
            time.sleep(LOOK_SECONDS)
            if now > began + WARM_SECONDS:
                soak.look(process)
            if now > kill_at:
                victim.kill()
                victim.wait()
                soak.kills += 1
                victim, kill_at = soak.worker("victim"), now + choose.uniform(0.5, 1.5) * KILL_SECONDS
            if now > line_at and soak.looks:
                memory, *others = soak.looks[-1]
                print(f"{(now - began) / 60:5.1f} min: {memory >> 20} MiB, {others} files, threads, tasks; "
                      f"lag {soak.lag()}", flush=True)  # fmt: skip
                line_at = now + 60.0
    finally:
        victim.kill()
        victim.wait()


def _drained(soak: Soak) -> bool:
    end = time.monotonic() + 300
    while soak.lag() and time.monotonic() < end:
        time.sleep(1.0)
    return soak.lag() == 0


def _flat(looks: Sequence[Look]) -> bool:
    """Whether nothing grew: the middle of the first quarter against the middle of the last."""
    quarter, grown = max(1, len(looks) // 4), []
    for index, name in enumerate(Look._fields):
        first = sorted(look[index] for look in looks[:quarter])[quarter // 2]
        last = sorted(look[index] for look in looks[-quarter:])[quarter // 2]
        print(f"{name}: {first} at the beginning, {last} at the end ({(last - first) / first:+.1%})")
        if last > first * (1 + GROWTH):
            grown.append(name)
    print(f"grew: {', '.join(grown)}" if grown else "flat")
    return not grown


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
