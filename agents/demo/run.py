"""Running the demo: broker, worker process, feed, and a reader of everything that comes out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from agents import connect
from agents.demo.feed import Event
from agents.demo.play import Pace, play
from agents.demo.props import feed_file, write_settings
from agents.demo.tally import Tally
from agents.kafka.embedded import EmbeddedBroker
from config.load import load

PARTITIONS = 12  # the embedded broker keeps 5 MiB of each
STOP_SECONDS = 25
READY_SECONDS = 60
PLANTED_SECONDS = 15
OTHERS = ("alerts", "review", "dead", "links", "lists", "chunks", "entries", "feedback", "shadow", "ledger")


class RoleEndedError(RuntimeError):
    """A role of the demo ended by itself; the text says which and with what code."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A broker with the roles at work on it."""

    bootstrap: str
    metrics: str
    roles: dict[str, subprocess.Popen[bytes]]
    source: str
    names: Mapping[str, str]
    lists: Path  # the demo's feed: what is written here is in force a few seconds later
    run: Callable[..., subprocess.Popen[bytes]]  # a command of `saring` on this stage

    def wait_until_ready(self) -> None:
        """Return when the worker is ready: what is sent before would show its start, not its speed."""
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            self.check()
            page = self.metrics.replace("metrics", "readyz")
            with suppress(OSError), urllib.request.urlopen(page, timeout=2):  # noqa: S310  # our own page on loopback
                return
            time.sleep(0.1)
        raise RoleEndedError(f"the worker was not ready within {READY_SECONDS} seconds")

    def enter(self, *roles: str) -> None:
        """Start more roles: what is not needed for the first alert comes after it."""
        for role in roles:
            self.roles[role] = self.run(role)

    def check(self) -> None:
        """Raise when a role is no longer at work."""
        for role, process in self.roles.items():
            if process.poll() is not None:
                raise RoleEndedError(f"{role} ended with exit code {process.returncode}")


@dataclass(frozen=True, slots=True)
class Show:
    """What to play and what to do with each alert; `idle` is called a few times a second.

    In the end it is waited a while until `complete` says that all that was planted has been shown.
    """

    events: Iterator[Event]
    pace: Pace
    alert: Callable[[dict[str, Any]], None]
    idle: Callable[[Tally], None]
    complete: Callable[[Tally], bool]


@contextmanager
def stage(roles: tuple[str, ...] = ("keeper", "worker")) -> Iterator[Stage]:
    """A broker with every topic, and a process for each role, in a deployment of its own."""
    with tempfile.TemporaryDirectory(prefix="saring-") as name:
        folder = Path(name)
        lists = feed_file(folder)
        settings = load(write_settings(folder, lists), {}).settings
        names, source = connect.topics(settings), next(iter(settings.sources.values())).topic
        ours = {names[kind]: 1 for kind in OTHERS} | {names["alerts"]: 4, source: PARTITIONS}
        with EmbeddedBroker(ours) as broker:
            port = _free_port()
            env = os.environ | {
                "SARING_CONFIG": str(folder / "saring.toml"),
                "SARING_KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap,
                "SARING_CACHE_DIR": str(folder / "cache"),
            }

            def run(*command: str) -> subprocess.Popen[bytes]:
                return _start(command, env | {"SARING_METRICS__PORT": str(port if command[0] == "worker" else 0)})

            processes = {role: run(role) for role in roles}
            page = f"http://127.0.0.1:{port}/metrics"
            try:
                yield Stage(broker.bootstrap, page, processes, source, names, lists, run)
            finally:
                _stop(list(processes.values()))


def _start(command: Sequence[str], env: Mapping[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we stop the roles in order.
    whole = [sys.executable, "-m", "agents", *command]
    return subprocess.Popen(whole, env=dict(env), stdout=subprocess.DEVNULL, start_new_session=True)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def perform(show: Show, stage: Stage) -> Tally:
    """Play the feed and follow what comes out until every message sent has its outcome in the ledger."""
    tally = Tally()
    player = threading.Thread(
        target=play, args=(show.events, stage.bootstrap, stage.source, tally, show.pace), daemon=True
    )
    with _reader(stage.bootstrap, [stage.names[kind] for kind in ("alerts", "review", "dead", "ledger")]) as reader:
        stage.wait_until_ready()
        player.start()
        stage.enter("retro", "campaigns")
        while player.is_alive() or tally.unfinished > 0:
            _follow(reader, stage.names, tally, show)
            show.idle(tally)
            stage.check()
            if show.pace.stopped() and not player.is_alive():
                break
        for _ in range(5):  # alerts are written before the ledger record that ends the wait, on other partitions
            _follow(reader, stage.names, tally, show)
        end = time.monotonic() + PLANTED_SECONDS
        while not (show.complete(tally) or show.pace.stopped()) and time.monotonic() < end:
            _follow(reader, stage.names, tally, show)
    return tally


@contextmanager
def _reader(bootstrap: str, topics: list[str]) -> Iterator[Consumer]:
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "demo", "enable.auto.commit": False, "log_level": 0}
    )
    found = consumer.list_topics(timeout=10).topics
    consumer.assign([TopicPartition(topic, each, 0) for topic in topics for each in found[topic].partitions])
    try:
        yield consumer
    finally:
        with suppress(RuntimeError):
            consumer.close()


def _follow(reader: Consumer, names: Mapping[str, str], tally: Tally, show: Show) -> None:
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        for message in reader.consume(500, timeout=0.1):
            if message.error():
                continue
            topic, value = message.topic(), message.value() or b""
            if topic == names["ledger"]:
                tally.add_ledger(value)
            elif topic == names["dead"]:
                tally.dead += 1
            elif alert := tally.add_alert(value):
                show.alert(alert)
