"""A deployment of its own on the session's broker: `saring` as a user would run it, and a stock client beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from bench.cluster import Cluster

WAIT_SECONDS = 40


@dataclass
class Deployment:
    """Commands and topics of one deployment; every name is fresh, so tests can share a broker."""

    bootstrap: str
    folder: Path
    name: str = field(default_factory=lambda: "t" + uuid.uuid4().hex[:8])
    settings: dict[str, str] = field(default_factory=dict)
    roles: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def source(self) -> str:
        """The topic that messages go to."""
        return f"{self.name}.messages"

    @property
    def env(self) -> dict[str, str]:
        """The environment of its commands."""
        return os.environ | {
            "SARING_KAFKA__BOOTSTRAP_SERVERS": self.bootstrap,
            "SARING_DEPLOYMENT": self.name,
            "SARING_SOURCES__MESSAGES__TOPIC": self.source,
            "SARING_TOPICS__PARTITIONS": "2",
            "SARING_METRICS__PORT": "0",
            "SARING_WORKER__SESSION_TIMEOUT_SECONDS": "6",
            "SARING_CACHE_DIR": str(self.folder / "cache"),
            **self.settings,
        }

    def run(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """Run a command to its end."""
        command = [sys.executable, "-m", "agents", *arguments]
        return subprocess.run(command, env=self.env, input=stdin, capture_output=True, timeout=60, check=False)

    @contextmanager
    def role(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a role until the block ends, then ask it to stop."""
        log = (self.folder / f"{arguments[0]}-{time.monotonic_ns()}.log").open("wb")
        process = subprocess.Popen([sys.executable, "-m", "agents", *arguments], env=self.env, stderr=log, stdout=log)
        self.roles.append(process)
        try:
            yield process
        finally:
            self.roles.remove(process)
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(30)
            log.close()

    def send(self, values: Sequence[bytes | None]) -> None:
        """Write values to the source with a stock client."""
        producer = Producer({"bootstrap.servers": self.bootstrap, "linger.ms": 5})
        for number, value in enumerate(values):
            producer.produce(self.source, value=value, partition=number % 2)
        assert producer.flush(30) == 0

    def read(self, topic: str) -> list[Any]:
        """Everything in one of the deployment's topics, read by a stock client."""
        consumer = Consumer(
            {"bootstrap.servers": self.bootstrap, "group.id": uuid.uuid4().hex, "enable.auto.commit": False}
        )
        try:
            name = f"{self.name}.{topic}"
            numbers = consumer.list_topics(name, timeout=10).topics[name].partitions
            ends = {at: consumer.get_watermark_offsets(TopicPartition(name, at), timeout=10) for at in numbers}
            consumer.assign([TopicPartition(name, at, low) for at, (low, _) in ends.items()])
            found: list[Any] = []
            wanted = {at: high for at, (low, high) in ends.items() if high > low}
            while wanted:
                message = consumer.poll(5)
                if message is None:
                    break  # what remains are markers of transactions
                found.append(message)
                if (message.offset() or 0) + 1 >= wanted.get(message.partition() or 0, 0):
                    wanted.pop(message.partition() or 0, None)
            return found
        finally:
            consumer.close()

    def ledger(self) -> list[dict[str, Any]]:
        """The ledger so far."""
        return [json.loads(message.value()) for message in self.read("saring.ledger")]

    def until(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something holds; fail naming it after a while."""
        end = time.monotonic() + WAIT_SECONDS
        while not true():
            assert time.monotonic() < end, f"{what}; logs: {self.logs()}"
            ended = [process.returncode for process in self.roles if process.poll() is not None]
            assert not ended, f"a role ended with {ended}; logs: {self.logs()}"
            time.sleep(0.2)

    def logs(self) -> str:
        """What the roles said."""
        return "\n".join(path.read_text()[-3000:] for path in sorted(self.folder.glob("*.log")))


@pytest.fixture
def deployment(kafka: Cluster, tmp_path: Path) -> Deployment:
    """A fresh deployment on the real broker, not set up yet."""
    return Deployment(kafka.bootstrap, tmp_path)
