"""The scan role beside a busy retro, on a real Kafka: `python -m bench.beside [--messages 100000] [--entries 10000]`.

The worker has a core of its own, as it has in production; Kafka, keeper and retro share the others. Drained is the same
number of messages without retro and while it holds new entries against what was seen; the same for the delay of alerts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer, Producer, TopicPartition

from bench.cluster import Cluster, library
from bench.latency import PARTITIONS, measured
from config.feeds import default_feeds

RATE: Final = 2_000
ONE_IN: Final = 20  # messages of the delay measurement that are flagged
CORE: Final = 0  # the worker's


def run(messages: int, entries: int, seconds: float) -> dict[str, Any]:
    """Messages a second and milliseconds, without retro and beside it; raises `RuntimeError` without a real Kafka."""
    jars = library()
    if jars is None:
        raise RuntimeError("measured on a real Kafka: install Java 17, and Maven once")
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-beside-") as name:
        stage = _Stage(cluster.bootstrap, Path(name))
        stage.command("setup").wait()
        with stage.role("keeper"):
            alone = stage.both(messages, range(entries), seconds, lambda: None)
            with stage.role("retro"):
                time.sleep(10)  # it takes in what was seen
                # Other hosts than those that are listed, or the worker would have alerts to write.
                beside = stage.both(messages, range(entries, 2 * entries), seconds, lambda: stage.list_hosts(entries))
                late = stage.count("alerts", b'"type":"late"') + stage.count("alerts.review", b'"type":"late"')
    return {"alone": alone, "beside retro": beside, "late alerts meanwhile": late}


class _Stage:
    """A deployment with one list, in a file."""

    def __init__(self, bootstrap: str, folder: Path) -> None:
        self._bootstrap, self._list = bootstrap, folder / "list.txt"
        self.list_hosts(0)
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

    def list_hosts(self, count: int) -> None:
        """Write the list."""
        self._list.write_text("never-seen.test\n" + "".join(f"{_host(number)}\n" for number in range(count)))

    def command(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        whole = [sys.executable, "-m", "agents", *arguments]
        return subprocess.Popen(whole, env=self._env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @contextmanager
    def role(self, name: str) -> Iterator[None]:
        """Run a role; the worker on its own core, the others beside it."""
        process = self.command(name)
        cores = os.sched_getaffinity(0)
        os.sched_setaffinity(process.pid, {CORE} if name == "worker" else cores - {CORE} or cores)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)

    def both(self, messages: int, hosts: range, seconds: float, begin: Callable[[], None]) -> Mapping[str, float]:
        """Messages a second when draining, then the delay at a fixed rate."""
        _preload(self._bootstrap, messages, hosts)
        done = self._finished()
        begin()
        with self.role("worker"):
            times = list[tuple[float, int]]()
            while not times or times[-1][1] < done + messages:
                time.sleep(0.1)
                times.append((time.monotonic(), self._finished()))
            begun = next((at, seen) for at, seen in times if seen > done)
            rate = (times[-1][1] - begun[1]) / (times[-1][0] - begun[0])
            delays = measured(self._bootstrap, RATE, ONE_IN, seconds)
        return {"messages_per_second": round(rate), "p50_ms": delays["p50_ms"], "p99_ms": delays["p99_ms"]}

    def _finished(self) -> int:
        return sum(json.loads(value)["seen"] for value in self._values("saring.ledger"))

    def count(self, topic: str, mark: bytes) -> int:
        """How many records hold a mark."""
        return sum(mark in value for value in self._values(topic))

    def _values(self, topic: str) -> Iterator[bytes]:
        with ExitStack() as stack:
            consumer = Consumer({"bootstrap.servers": self._bootstrap, "group.id": "bench", "log_level": 0})
            stack.callback(consumer.close)
            numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            for number in numbers:
                place = TopicPartition(topic, number)
                low, high = consumer.get_watermark_offsets(place, timeout=10)
                consumer.assign([TopicPartition(topic, number, low)])
                while low < high:
                    for message in consumer.consume(5_000, 1.0):
                        low = (message.offset() or 0) + 1
                        yield message.value() or b""


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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args()
    print(json.dumps(run(chosen.messages, chosen.entries, chosen.seconds), indent=1))


if __name__ == "__main__":
    main()
