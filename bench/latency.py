"""From produced to readable as an alert, on a real Kafka: `python -m bench.latency`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, get_args

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME, Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from agents.kafka.options import Mode
from bench.background import running
from bench.cluster import Cluster, library

PARTITIONS = 4
TICK_SECONDS = 0.005
WARM_SECONDS = 3.0
START_SECONDS = 60
MODES: Sequence[Mode] = get_args(Mode)
RATES: Mapping[int, int] = {100: 4, 20_000: 333}  # messages a second → one in so many is a scam
_SENT = re.compile(rb"sent-(\d+)")
_QUIET = {"log_level": 0}


def run(seconds: float = 20.0, worker: str = "saring", mode: Mode | None = None) -> dict[str, Any]:
    """Milliseconds by rate: p50, p99, samples. `worker` is the whole line (`saring`) or delivery alone (`trivial`).

    Without a mode the figures are those of at_least_once, with those of exactly_once beside them under that name.
    Raises `RuntimeError` where no real Kafka can be started.
    """
    if mode:
        return _by_rate(seconds, worker, mode)
    first, *others = MODES
    return _by_rate(seconds, worker, first) | {each: _by_rate(seconds, worker, each) for each in others}


def _by_rate(seconds: float, worker: str, mode: Mode) -> dict[str, Any]:
    jars = library()
    if jars is None:
        raise RuntimeError("latency is measured on a real Kafka: install Java 17, and Maven once")
    with Cluster(jars) as cluster, _worker(cluster.bootstrap, worker, mode) as text:
        _until_it_works(cluster.bootstrap, text)
        return {str(rate): _measure(cluster.bootstrap, rate, every, seconds, text) for rate, every in RATES.items()}


class Trip(NamedTuple):
    """When a scam was sent, its alert read, and taken by the broker; nanoseconds, 0 where it did not say."""

    left: int
    arrived: int
    taken: int


Text = Callable[[int], bytes]  # the value of a scam that was sent at that time


@contextmanager
def _worker(bootstrap: str, kind: str, mode: str) -> Iterator[Text]:
    command, env = _trivial(bootstrap, mode) if kind == "trivial" else _saring(bootstrap, mode)
    process = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield _marked if kind == "trivial" else _test_link
    finally:
        process.terminate()
        process.wait(30)


def _marked(sent: int) -> bytes:
    return b'{"text":"sent-%d","scam":true}' % sent


def _test_link(sent: int) -> bytes:
    return b'{"text":"verify your account at https://saring-test.invalid/sent-%d today"}' % sent


def _trivial(bootstrap: str, mode: str) -> tuple[Sequence[str], Mapping[str, str]]:
    admin = AdminClient({"bootstrap.servers": bootstrap} | _QUIET)
    for answer in admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in ("messages", "alerts")]).values():
        answer.result(30)
    task = {"kind": "trivial", "bootstrap": bootstrap, "group": "latency", "source": "messages", "alerts": "alerts"}
    return [sys.executable, "-m", "bench.drain", json.dumps(task | {"messages": 1 << 40, "mode": mode})], os.environ


def _saring(bootstrap: str, mode: str) -> tuple[Sequence[str], Mapping[str, str]]:
    env = os.environ | {"SARING_KAFKA__BOOTSTRAP_SERVERS": bootstrap, "SARING_METRICS__PORT": "0"}
    env["SARING_WORKER__DELIVERY"] = mode
    saring = [sys.executable, "-m", "agents"]
    subprocess.run([*saring, "setup"], env=env, check=True, stdout=subprocess.DEVNULL)
    return [*saring, "worker"], env


def measured(bootstrap: str, rate: int, every: int, seconds: float) -> dict[str, float]:
    """The delay at a rate with a worker that runs already: milliseconds of alerts on test links.

    Where the broker stamps alerts itself, `taken_` is when it had them, whoever reads them when.
    """
    return _measure(bootstrap, rate, every, seconds, _test_link)


def _until_it_works(bootstrap: str, text: Text) -> None:
    """What was sent before the worker had begun would be measured as a delay of its own."""
    with _reading(bootstrap) as found:
        for _ in range(START_SECONDS):
            _send(bootstrap, 1, 1, 1.0, text)
            if found:
                return
    raise RuntimeError("the worker does not work")


@contextmanager
def _reading(bootstrap: str) -> Iterator[list[Trip]]:
    """Each scam's way, growing until the end of the block."""
    found = list[Trip]()
    with running(lambda ended: _collect(bootstrap, ended, found)):
        yield found


def _measure(bootstrap: str, rate: int, every: int, seconds: float, text: Text) -> dict[str, float]:
    """The first seconds warm up connections and caches, and are not counted."""
    begin = time.monotonic_ns() + int(WARM_SECONDS * 1e9)
    with _reading(bootstrap) as found:
        sent = _send(bootstrap, rate, every, seconds + WARM_SECONDS, text)
        _settle(found, len(sent))
    counted = [trip for trip in found if trip.left >= begin]
    times = sorted((trip.arrived - trip.left) / 1e6 for trip in counted)
    taken = sorted((trip.taken - trip.left) / 1e6 for trip in counted if trip.taken)
    expected = sum(left >= begin for left in sent)
    if not times:
        raise RuntimeError(f"no alert came back at {rate} messages/s")
    return (_percentiles(taken, "taken_") if taken else {}) | {
        **_percentiles(times),
        "max_ms": times[-1],
        "samples": len(times),
        "missing": expected - len(times),
    }


def _percentiles(times: Sequence[float], name: str = "") -> dict[str, float]:
    return {
        f"{name}p50_ms": times[len(times) // 2],
        f"{name}p99_ms": times[min(len(times) - 1, int(len(times) * 0.99))],
    }


def _settle(found: Sequence[object], sent: int) -> None:
    end = time.monotonic() + 10
    while len(found) < sent and time.monotonic() < end:
        time.sleep(0.05)


def _send(bootstrap: str, rate: int, every: int, seconds: float, text: Text) -> list[int]:
    """Send evenly in ticks; when each scam went out."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "queue.buffering.max.messages": 500_000})
    began, number, scams = time.monotonic(), 0, list[int]()
    while (elapsed := time.monotonic() - began) < seconds:
        while number < elapsed * rate:
            value = b'{"text":"nothing to see in number %d"}' % number
            if number % every == 0:
                scams.append(time.monotonic_ns())
                value = text(scams[-1])
            producer.produce("messages", value, partition=number % PARTITIONS)
            number += 1
        producer.poll(0)
        time.sleep(TICK_SECONDS)
    producer.flush(30)
    return scams


def _collect(bootstrap: str, ended: threading.Event, found: list[Trip]) -> None:
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": f"reader-{time.monotonic_ns()}",
            "auto.offset.reset": "latest",
            "fetch.wait.max.ms": 10,
            "isolation.level": "read_committed",
        }
        | _QUIET
    )
    consumer.subscribe(["alerts"])
    while not ended.is_set():
        message = consumer.poll(0.2)
        if message and not message.error() and (match := _SENT.search(message.value())):
            found.append(Trip(int(match[1]), time.monotonic_ns(), _taken(*message.timestamp())))
    consumer.close()


def _taken(kind: int, stamp: int) -> int:
    return 1_000_000 * stamp - time.time_ns() + time.monotonic_ns() if kind == TIMESTAMP_LOG_APPEND_TIME else 0


if __name__ == "__main__":
    print(json.dumps(run(worker=sys.argv[1] if len(sys.argv) > 1 else "saring"), indent=2))
