"""Several scan workers on one machine: `saring worker --processes N`."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from agents.kafka.exits import Exit
from agents.kafka.overview import serve_overview
from agents.kafka.supervisor import Plan, Supervisor, supervise
from config.settings import Settings

NAMES = (*(code.name for code in Exit), "KILLED", "SIGNALLED", "OTHER")


class _Exits(Collector):
    """How the workers of a supervisor ended; their own pages die with them."""

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "saring_process_exits", "Worker processes that ended, by exit code.", labels=["code"]
        )
        for code in NAMES:  # from the start, or the first end of a kind would go unseen
            family.add_metric([code], self._supervisor.exits[code])
        yield family


def count(processes: str) -> int:
    """The number of workers asked for; `auto` is one for each core we may use. Raises ValueError for anything else."""
    number = len(os.sched_getaffinity(0)) if processes == "auto" else int(processes)
    if number < 1:
        raise ValueError("at least one")
    return number


def run(settings: Settings, processes: int, config: Path | None) -> Exit:
    """Run so many workers under one supervisor until asked to stop."""
    ports = dict(enumerate(_free_ports(processes)))
    given = ("--config", str(config)) if config else ()

    def command(number: int, page: Path) -> list[str]:
        slot = f"{number}:{ports[number]}:{page}"
        return [sys.executable, "-m", "agents", "worker", *given, "--slot", slot]

    supervisor = Supervisor(Plan(processes, command, settings.worker.stop_limit_seconds))
    registry = CollectorRegistry()
    registry.register(_Exits(supervisor))
    server = serve_overview(
        (settings.metrics.host, settings.metrics.port),
        lambda: _alive(supervisor, ports),
        lambda: generate_latest(registry).decode(),
    )
    try:
        return supervise(supervisor)
    finally:
        server.shutdown()


def _alive(supervisor: Supervisor, ports: Mapping[int, int]) -> dict[str, int]:
    return {str(number): ports[number] for number in supervisor.alive()}


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
