"""How fast messages pass through delivery alone, on a real Kafka, beside stock Faust: `python -m bench.transport`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from bench.cluster import Cluster, library

PARTITIONS = 4
ALERT_EVERY = 333  # 0.3 %
STOCK_SHARE = 10  # stock Faust drains a tenth, so that it takes no longer than the others
TIMEOUT_SECONDS = 300.0
RUNS: Mapping[str, Mapping[str, str]] = {
    "no_op": {"kind": "no-op"},
    "trivial": {"kind": "trivial"},
    "exactly_once": {"kind": "trivial", "mode": "exactly_once"},
    "stock_faust_no_op": {"kind": "stock"},
}


def run(messages: int = 2_000_000, turns: int = 1) -> dict[str, Any]:
    """Figures by run: messages a second (the best of the turns) and CPU seconds for a million messages.

    Raises `RuntimeError` where no real Kafka can be started.
    """
    jars = library()
    if jars is None:
        raise RuntimeError("the transport is measured on a real Kafka: install Java 17, and Maven once")
    with Cluster(jars) as cluster:
        source, alerts = _topics(cluster.bootstrap)
        preload(cluster.bootstrap, source, messages)
        best: dict[str, Any] = {}
        for turn in range(turns):
            for name, task in RUNS.items():
                figures = _drain(cluster.bootstrap, source, alerts, messages, f"{name}-{turn}", task)
                if name not in best or figures["messages_per_second"] > best[name]["messages_per_second"]:
                    best[name] = figures
    best["exactly_once"]["share"] = best["exactly_once"]["messages_per_second"] / best["trivial"]["messages_per_second"]
    return best


def _topics(bootstrap: str) -> tuple[str, str]:
    admin, names = AdminClient({"bootstrap.servers": bootstrap}), ("drained", "alerts")
    for answer in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names]).values():
        answer.result(30)
    return names


def preload(bootstrap: str, topic: str, messages: int) -> None:
    """Fill the topic evenly with events of about 160 bytes, one in 333 marked."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.messages": 1_000_000, "log_level": 0}
    )
    padding = "x" * 100
    for number in range(messages):
        marked = ',"scam":true' if number % ALERT_EVERY == 0 else ""
        value = f'{{"text":"message number {number} {padding}"{marked}}}'
        while True:
            try:
                producer.produce(topic, value, partition=number % PARTITIONS)
                break
            except BufferError:
                producer.poll(0.1)
        if number % 10_000 == 0:
            producer.poll(0)
    producer.flush(120)


def _drain(
    bootstrap: str, source: str, alerts: str, messages: int, group: str, task: Mapping[str, str]
) -> dict[str, Any]:
    count = messages // STOCK_SHARE if task["kind"] == "stock" else messages
    about = {"bootstrap": bootstrap, "group": group, "source": source, "alerts": alerts, "messages": count, **task}
    command = [sys.executable, "-m", "bench.drain", json.dumps(about)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{group} ended with {done.returncode}: {done.stderr[-2000:]}")
    figures = json.loads(done.stdout.splitlines()[-1])
    return {
        "messages_per_second": figures["messages"] / figures["seconds"],
        "cpu_seconds_per_million": figures["cpu_seconds"] / figures["messages"] * 1e6,
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000_000), indent=2))
