"""Several workers: one without partitions is ready and takes over; a supervisor shows its own as one and mends them."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import psutil
import pytest
from confluent_kafka import Producer

from bench.cluster import free_ports
from tests.agents.conftest import WAIT_SECONDS, Deployment

pytestmark = pytest.mark.kafka
_ASSIGNED = re.compile(r"^saring_assigned_partitions (\S+)$", re.MULTILINE)


def _get(deployment: Deployment, number: int, page: str) -> str:
    """A page of the worker that was started as number so and so; what went wrong if it does not answer."""
    logs = sorted(deployment.folder.glob("worker-*.log"))
    found = re.search(r"metrics on (http://[\d.]+:\d+)/", logs[number].read_text()) if number < len(logs) else None
    return _fetch(f"{found[1]}/{page}") if found else "no page yet"


def _fetch(url: str) -> str:
    try:
        return urllib.request.urlopen(url, timeout=5).read().decode()  # type: ignore[no-any-return]  # typed as Any
    except (urllib.error.URLError, OSError) as error:
        return str(error)


def _partitions(deployment: Deployment) -> list[str]:
    return [next(iter(_ASSIGNED.findall(_get(deployment, number, "metrics"))), "") for number in (0, 1)]


def _until(true: Callable[[], bool], deployment: Deployment) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < end, deployment.logs()
        time.sleep(0.2)


def test_a_worker_without_partitions_is_ready_and_takes_over(deployment: Deployment) -> None:
    deployment.settings["SARING_TOPICS__PARTITIONS"] = "1"
    assert deployment.run("setup").returncode == 0
    with deployment.role("worker") as first, deployment.role("worker") as second:
        owns: list[str] = []

        def settled() -> bool:
            owns[:] = _partitions(deployment)
            return sorted(owns) == ["0.0", "1.0"]

        _until(settled, deployment)
        _until(lambda: [_get(deployment, number, "readyz") for number in (0, 1)] == ["ready\n"] * 2, deployment)
        owner = (first, second)[owns.index("1.0")]
        owner.kill()
        producer = Producer({"bootstrap.servers": deployment.bootstrap})
        producer.produce(deployment.source, b'{"id":"1","text":"hai"}')
        assert producer.flush(20) == 0
        _until(lambda: sum(each["seen"] for each in deployment.ledger()) == 1, deployment)


def test_a_supervisor_shows_its_workers_as_one_and_starts_them_again(deployment: Deployment) -> None:
    assert deployment.run("setup").returncode == 0
    (port,) = free_ports(1)
    deployment.settings["SARING_METRICS__PORT"] = str(port)
    with deployment.role("worker", "--processes", "2") as supervisor:
        ready, exits = f"http://127.0.0.1:{port}/readyz", 'saring_process_exits_total{code="KILLED"} 1.0'
        _until(lambda: _fetch(ready) == "0: ready\n1: ready\n", deployment)
        each_has_one = [f'saring_assigned_partitions{{process="{number}"}} 1.0' for number in (0, 1)]
        _until(lambda: all(line in _fetch(f"http://127.0.0.1:{port}/metrics") for line in each_has_one), deployment)
        psutil.Process(supervisor.pid).children()[0].kill()
        _until(lambda: exits in _fetch(f"http://127.0.0.1:{port}/metrics"), deployment)
        _until(lambda: _fetch(ready) == "0: ready\n1: ready\n", deployment)
        deployment.send([b'{"id":"1","text":"hai"}', b'{"id":"2","text":"hai"}'])
        _until(lambda: sum(each["seen"] for each in deployment.ledger()) == 2, deployment)
        supervisor.terminate()
        assert supervisor.wait(30) == 0
