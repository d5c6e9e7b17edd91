"""A field of workers on a broker: started, killed, frozen, stopped; and the judgement of what they did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from confluent_kafka import ConsumerGroupState

from agents.kafka.exits import Exit
from agents.kafka.ledger import decode, verify
from agents.kafka.options import DeliveryOptions, Mode
from agents.kafka.supervisor import exit_name
from agents.kafka.topics import AdminError
from agents.kafka.values import Partition
from bench.background import running
from tests.support.lab import Lab, place
from tests.support.worker import Setup

QUICK: Mapping[str, Any] = {"session_timeout_seconds": 6.0, "heartbeat_seconds": 1.0}
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Verdict:
    """What came out, against an oracle that reads the source by itself."""

    lost: int
    invented: int
    duplicates: int
    alerts: int
    lag: int
    faults: tuple[str, ...]
    exits: Mapping[str, int]

    def good(self, mode: Mode, duplicate_limit: int) -> bool:
        """Whether the promise of the mode was kept."""
        limit = 0 if mode == "exactly_once" else duplicate_limit
        return not (self.lost or self.invented or self.lag or self.faults) and self.duplicates <= limit


@dataclass
class Field:
    """Topics of one scenario and the workers on them."""

    lab: Lab
    mode: Mode = "at_least_once"
    partitions: int = 4
    replication: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    source_config: dict[str, str] = field(default_factory=dict)
    dead_config: dict[str, str] = field(default_factory=dict)
    alerts_config: dict[str, str] = field(default_factory=dict)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    exits: Counter[str] = field(default_factory=Counter)
    log: Path | None = None  # where the workers write what they have to say
    crashes: int = 0  # kills and freezes, for the bound on duplicates

    def __post_init__(self) -> None:
        make, copies = self.lab.topic, self.replication
        self.source = make("source", self.partitions, copies, **self.source_config)
        self.alerts = make("alerts", 2, copies, **self.alerts_config)
        self.dead = make("dead", 1, copies, **self.dead_config)
        self.ledger = make("ledger", 1, copies)
        self.group = self.lab.name("group")

    def setup(self, **changes: Any) -> Setup:
        options = {"mode": self.mode, **QUICK, **self.options}
        fixed = Setup(
            bootstrap=self.lab.bootstrap, group=self.group, options=options,
            source=self.source, alerts=self.alerts, dead=self.dead, ledger=self.ledger,
        )  # fmt: skip
        return msgspec.structs.replace(fixed, **changes)

    def command(self, **changes: Any) -> list[str]:
        return [sys.executable, "-m", "tests.support.worker", msgspec.json.encode(self.setup(**changes)).decode()]

    def start(self, **changes: Any) -> subprocess.Popen[bytes]:
        with Path(self.log or os.environ.get("SARING_LAB_LOG", os.devnull)).open("ab") as log:
            worker = subprocess.Popen(self.command(**changes), cwd=ROOT, stderr=log)
        self.workers.append(worker)
        return worker

    def produce(self, count: int, every: int = 20, word: str = "scam") -> None:
        """Messages of which each `every`-th begins with the word."""
        values = (f"{word if number % every == 0 else 'ok'} {number}".encode() for number in range(count))
        self.lab.produce(self.source, values, self.partitions)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        worker.kill()
        self.crashes += 1
        self.ended(worker)

    def stop(self, worker: subprocess.Popen[bytes], seconds: float = 30.0) -> int:
        worker.send_signal(signal.SIGTERM)
        return self.ended(worker, seconds)

    def ended(self, worker: subprocess.Popen[bytes], seconds: float = 90.0) -> int:
        """Wait for the end of a worker; its exit code."""
        code = worker.wait(seconds)
        self.workers.remove(worker)
        self.exits[exit_name(code)] += 1
        return code

    def revive(self, **changes: Any) -> None:
        """Start a worker in the place of each that ended by itself."""
        for worker in [worker for worker in self.workers if worker.poll() is not None]:
            self.crashes += self.ended(worker) != Exit.OK
            self.start(**changes)

    def drain(self, seconds: float = 60.0) -> bool:
        """Wait until the lag is zero, restarting workers as a supervisor would."""
        end = time.monotonic() + seconds
        while self.lag() != 0:
            if time.monotonic() > end:
                return False
            self.revive()
            time.sleep(0.1)
        return True

    def lag(self) -> int:
        """Messages without an outcome; -1 while the broker does not tell."""
        try:
            return self.lab.lag(self.group, self.source)
        except AdminError:
            return -1

    def finished(self, count: int, seconds: float = 30.0) -> bool:
        """Wait until about that many messages are committed."""
        end = time.monotonic() + seconds
        while self.done() < count:
            if time.monotonic() > end:
                return False
            time.sleep(0.02)
        return True

    def joined(self, count: int, seconds: float = 60.0) -> bool:
        """Wait until the group has so many members, each with its share."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            group = self.lab.admin.describe_consumer_groups([self.group])[self.group].result(20)
            if group.state == ConsumerGroupState.STABLE and len(group.members) == count:
                return True
            time.sleep(0.05)
        return False

    def done(self) -> int:
        """Messages that have an outcome, going by the committed offsets."""
        try:
            return sum(self.lab.committed(self.group, self.source).values())
        except AdminError:
            return -1

    @contextmanager
    def load(self, rate: int = 4000, every: int = 20) -> Iterator[None]:
        """Messages at a steady rate, as long as the block runs."""

        def send(ended: threading.Event) -> None:
            began, sent = time.monotonic(), 0
            producer = self.lab.producer()
            while not ended.wait(0.01):
                while sent < (time.monotonic() - began) * rate:
                    value = b"scam" if sent % every == 0 else b"ok"
                    with suppress(BufferError):  # the broker is away for longer than the buffer lasts
                        producer.produce(self.source, value, partition=place(sent, self.partitions))
                    sent += 1
                producer.poll(0)
            producer.flush(60)

        with running(send):
            yield

    def stop_all(self) -> None:
        for worker in list(self.workers):
            worker.send_signal(signal.SIGCONT)
            worker.send_signal(signal.SIGTERM)
        for worker in list(self.workers):
            self.ended(worker)

    def said(self) -> str:
        """What the workers logged."""
        return self.log.read_text() if self.log else ""

    def throw_away(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()

    def verdict(self) -> Verdict:
        """What was written, against what the source holds."""
        expected = {b"scam": self.alerts, b"bad": self.dead, b"big": self.dead, b"abort": self.dead}
        source = self.lab.read(self.source)
        wanted = {
            (expected[word], f"{self.source}-{record.partition()}-{record.offset()}".encode())
            for record in source
            if (word := (record.value() or b"").split(b" ", 1)[0]) in expected
        }
        written = [(topic, value) for topic in (self.alerts, self.dead) for value in self.lab.values(topic)]
        return Verdict(
            lost=len(wanted - set(written)),
            invented=len(set(written) - wanted),
            duplicates=len(written) - len(set(written)),
            alerts=len(set(written)),
            lag=self.lab.lag(self.group, self.source),
            faults=self._ledger_faults({(record.partition(), record.offset()) for record in source}),
            exits=dict(self.exits),
        )

    def _ledger_faults(self, held: set[tuple[int, int]]) -> tuple[str, ...]:
        def count(partition: Partition, first: int, last: int) -> int:
            return sum((partition.partition, offset) in held for offset in range(first, last + 1))

        coverages = verify(decode(self.lab.values(self.ledger)), self.lab.committed(self.group, self.source), count)
        uncovered = len({partition for partition, _ in held} - {each.partition.partition for each in coverages})
        faults = [f"{each.partition}: {fault}" for each in coverages for fault in each.faults(self.mode)]
        return (*faults, f"{uncovered} partitions without a ledger") if uncovered else tuple(faults)

    def duplicate_limit(self, every: int = 20) -> int:
        """What the crashes may repeat, counted in alerts."""
        return self.crashes * DeliveryOptions(**self.setup().options).repeat_limit(self.partitions) // every
