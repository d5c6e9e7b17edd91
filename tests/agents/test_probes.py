"""Liveness and readiness: a broker outage restarts nothing, an old list makes nobody unready."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from bench.cluster import Cluster, free_ports
from config.feeds import default_feeds
from tests.agents.conftest import Deployment

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
OUTAGE_SECONDS = 10.0
ROLES = (("worker", "--processes", "1"), ("keeper",), ("retro",), ("campaigns",))


def page(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


@contextmanager
def at_work(deployment: Deployment, *roles: tuple[str, ...]) -> Iterator[dict[str, int]]:
    """Roles that are ready, each with its port."""
    ports = dict(zip((role[0] for role in roles), free_ports(len(roles)), strict=True))
    with ExitStack() as stack:
        for role in roles:
            deployment.settings["SARING_METRICS__PORT"] = str(ports[role[0]])
            stack.enter_context(deployment.role(*role))
        deployment.until(lambda: all(page(port, "readyz") == 200 for port in ports.values()), "all are ready")
        yield ports


def test_an_outage_of_all_brokers_restarts_nothing(deployment: Deployment, kafka: Cluster) -> None:
    assert deployment.run("setup").returncode == 0
    with at_work(deployment, *ROLES) as ports:
        deployment.send([json.dumps({"text": f"www.kedai{each}.example"}).encode() for each in range(2000)])
        kafka.pause(1)
        try:
            end, failed = time.monotonic() + OUTAGE_SECONDS, dict.fromkeys(ports, 0)
            while time.monotonic() < end:
                for role, port in ports.items():
                    failed[role] = 0 if page(port, "healthz") == 200 else failed[role] + 1
                    assert failed[role] < 6, f"{role} would be restarted: {deployment.logs()}"
                time.sleep(0.5)
        finally:
            kafka.resume(1)
        assert [process.poll() for process in deployment.roles] == [None] * len(ROLES), deployment.logs()
        deployment.until(lambda: all(page(port, "readyz") == 200 for port in ports.values()), "all are ready again")


def test_an_old_list_makes_nobody_unready(deployment: Deployment) -> None:
    listed, config = deployment.folder / "listed.txt", deployment.folder / "saring.toml"
    listed.write_text("hadiah.test\n")
    off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in default_feeds())
    old = (
        f'[feeds.old]\nurl = "{listed.as_uri()}"\nentries = "host"\ninterval_seconds = 1.0\nstale_after_seconds = 1.0\n'
    )
    config.write_text(off + old)
    deployment.settings |= {"SARING_CONFIG": str(config), "SARING_LISTS__SETTLE_SECONDS": "0.1"}
    assert deployment.run("setup").returncode == 0
    with at_work(deployment, ("keeper",), ("worker",)) as ports:

        def stale_in_alerts() -> bool:
            deployment.send([b'{"text": "menang di https://hadiah.test/x"}'])
            records = [*deployment.read("alerts"), *deployment.read("alerts.review")]
            return any("old" in json.loads(record.value())["lists"]["stale"] for record in records)

        deployment.until(stale_in_alerts, "an alert that names the list as stale")
        assert {role: page(port, "readyz") for role, port in ports.items()} == dict.fromkeys(ports, 200)
        assert {role: page(port, "healthz") for role, port in ports.items()} == dict.fromkeys(ports, 200)
    assert "hadiah" not in deployment.logs()  # what is logged are changes of state, never what messages say
    assert deployment.logs().count("\n") < 30, deployment.logs()
