"""The whole worker on a real Kafka: it drains a preloaded topic with everything on; beside it what others do there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from bench.cluster import Cluster, library
from bench.speed_data import Row

TIMES = 4  # the stream is loaded so many times over: a drain must last longer than its start
STOCK_SHARE = 20  # frameworks that take messages one by one drain a small part, so that they take no longer than we
OTHERS = ("quixstreams", "bytewax")  # with a Python of their own, see bench/no_op.py
ROOT = Path(__file__).parents[1]
OTHER_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
TIMEOUT_SECONDS = 240.0
SOURCE = "messages"


def drained(
    records: Sequence[Row], partitions: int = 4, alone: bool = False
) -> tuple[dict[str, float], dict[str, dict[str, float]]]:
    """Figures of the worker, and, unless it is to run alone, of its peers by name.

    Raises `RuntimeError` where no real Kafka can be started.
    """
    jars = library()
    if jars is None:
        raise RuntimeError("the worker is measured on a real Kafka: install Java 17, and Maven once")
    with Cluster(jars) as cluster:
        env = os.environ | {"SARING_KAFKA__BOOTSTRAP_SERVERS": cluster.bootstrap}
        setup = [sys.executable, "-m", "agents", "setup", "--from", "beginning"]
        admin = AdminClient({"bootstrap.servers": cluster.bootstrap, "log_level": 0})
        admin.create_topics([NewTopic(SOURCE, partitions, 1)])[SOURCE].result(30)
        subprocess.run(setup, env=env, check=True, stdout=subprocess.DEVNULL)
        loaded = load(cluster.bootstrap, records)
        task = {"bootstrap": cluster.bootstrap, "source": SOURCE, "alerts": "alerts", "messages": loaded}
        worker = _drain({**task, "kind": "saring", "group": "saring.scan"})
        if alone:
            return worker, {}
        no_op = _drain({**task, "kind": "no-op", "group": "no-op"})
        stock = _drain({**task, "kind": "stock", "group": "stock", "messages": loaded // STOCK_SHARE})
        others = _others({**task, "messages": loaded // STOCK_SHARE})
        raw = raw_client(cluster.bootstrap, loaded)
    worker["times_stock_faust"] = round(worker["messages_per_second"] / stock["messages_per_second"], 1)
    return worker, {"stock_faust_no_op": stock, **others, "saring_transport_no_op": no_op, "raw_client": raw}


def _others(task: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Figures of other frameworks; none where `make peers` has not installed them."""
    if not OTHER_PYTHON.exists():
        return {}
    command = [str(OTHER_PYTHON), "-m", "bench.no_op"]
    return {
        f"{name}_no_op": _figures(name, [*command, name, json.dumps({**task, "kind": name, "group": name})])
        for name in OTHERS
    }


def load(bootstrap: str, records: Sequence[Row]) -> int:
    """Write the stream to the source topic several times over; how many messages that made."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 20, "queue.buffering.max.messages": 500_000})
    number = len(producer.list_topics(SOURCE, 10).topics[SOURCE].partitions)
    for turn in range(TIMES):
        for record in records:
            while True:
                try:
                    producer.produce(SOURCE, record.value, partition=(record.offset + turn) % number)
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.poll(0)
    producer.flush(120)
    return TIMES * len(records)


def _drain(task: Mapping[str, Any]) -> dict[str, float]:
    return _figures(task["kind"], [sys.executable, "-m", "bench.drain", json.dumps(task)])


def _figures(kind: str, command: Sequence[str]) -> dict[str, float]:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    if done.returncode:
        raise RuntimeError(f"{kind} ended with {done.returncode}: {done.stderr[-2000:]}")
    figures = json.loads(done.stdout.splitlines()[-1])
    return {
        "messages_per_second": round(figures["messages"] / figures["seconds"]),
        "cpu_microseconds": round(figures["cpu_seconds"] / figures["messages"] * 1e6, 2),
        "memory_megabytes": figures["megabytes"],
    }


def raw_client(bootstrap: str, messages: int) -> dict[str, float]:
    """librdkafka's Python client in batches, doing nothing: what a process could read at most."""
    settings = {"bootstrap.servers": bootstrap, "group.id": "raw", "enable.auto.commit": False}
    consumer = Consumer(settings | {"queued.min.messages": 1_000_000, "fetch.max.bytes": 64 << 20})
    partitions = consumer.list_topics(SOURCE, 10).topics[SOURCE].partitions
    consumer.assign([TopicPartition(SOURCE, number, 0) for number in partitions])
    seen, began = len(consumer.consume(1, 30)), time.perf_counter()
    cpu = time.process_time()
    while seen < messages:
        seen += len(consumer.consume(10_000, 1.0))
    seconds, spent = time.perf_counter() - began, time.process_time() - cpu
    consumer.close()
    return {"messages_per_second": round(seen / seconds), "cpu_microseconds": round(spent / seen * 1e6, 2)}
