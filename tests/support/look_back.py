"""A deployment with lists in files, for looking back: messages, entries that come and go, analysts, kills."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from agents import connect
from agents.kafka import topics as kafka
from agents.kafka.values import Partition
from bench.cluster import free_ports
from config.feeds import default_feeds
from config.load import load
from tests.agents.conftest import Deployment

LATE_SECONDS = 10.0

# Nothing speaks against the one but a list that names its host; the other is flagged at once.
SPREADING = "Akaun bank anda digantung, sahkan akaun sebelum malam ini di http://{host}/s/41"
HARMLESS = "Gambar kelas semalam ada di http://{host}/galeri?nama=zulkifli77 ya"
SCAM = "Tahniah! Anda terpilih menerima hadiah RM500. Sahkan akaun dalam 24 jam di http://{host}/tuntut"
LOOKALIKE = "maybank2u-sahkan.test"


def message(name: str, host: str, text: str = HARMLESS) -> bytes:
    return json.dumps({"id": name, "text": text.format(host=host), "user": name}).encode()


class Stage:
    """A deployment with two lists in files: what goes from one is delisted, what goes from the other is only old."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment, self.sent = deployment, 0
        self.files = {"delisting": deployment.folder / "delisting.txt", "window": deployment.folder / "window.txt"}
        self.listed: dict[str, list[str]] = {name: ["never-seen-1.test", "never-seen-2.test"] for name in self.files}
        for name in self.files:
            self.write(name)
        feeds: dict[str, dict[str, Any]] = {name: {"enabled": False} for name in default_feeds()}
        for name, removal in (("delisting", "delisted"), ("window", "window")):
            feeds[name] = {
                "url": self.files[name].as_uri(), "interval_seconds": 1.0, "removal": removal, "entries": "host",
            }  # fmt: skip
        path = deployment.folder / "saring.toml"
        path.write_text("\n".join(_table(name, feed) for name, feed in feeds.items()))
        deployment.settings |= {"SARING_CONFIG": str(path), "SARING_LISTS__SETTLE_SECONDS": "0.1"}
        deployment.settings |= {"SARING_CANARY__INTERVAL_SECONDS": "0", "SARING_RETRO__SAVE_SECONDS": "1"}

    def write(self, feed: str) -> None:
        self.files[feed].write_text("".join(f"{host}\n" for host in self.listed[feed]))

    def enlist(self, feed: str, *hosts: str) -> float:
        self.listed[feed] += hosts
        self.write(feed)
        return time.monotonic()

    def delist(self, feed: str, *hosts: str) -> float:
        self.listed[feed] = [host for host in self.listed[feed] if host not in hosts]
        self.write(feed)
        return time.monotonic()

    def alerts(self) -> list[dict[str, Any]]:
        records = [*self.deployment.read("alerts"), *self.deployment.read("alerts.review")]
        return [json.loads(record.value()) for record in sorted(records, key=lambda each: each.timestamp()[1])]

    def of_type(self, kind: str, hosts: Sequence[str] = ()) -> list[dict[str, Any]]:
        return [each for each in self.alerts() if each["type"] == kind and (not hosts or each["link"]["host"] in hosts)]

    def wait_for(self, kind: str, count: int, hosts: Sequence[str], since: float) -> list[dict[str, Any]]:
        """So many alerts of a type on these hosts, in time."""
        self.deployment.until(lambda: len(self.of_type(kind, hosts)) >= count, f"{count} {kind}")
        assert time.monotonic() - since < LATE_SECONDS + 2, "later than ten seconds after the fetch"  # 1 s interval
        return self.of_type(kind, hosts)

    def send(self, *values: bytes) -> None:
        """Send, and return when all have their outcome."""
        self.sent += len(values)
        self.deployment.send(values)
        self.deployment.until(
            lambda: sum(record["seen"] for record in self.deployment.ledger()) >= self.sent, f"{self.sent} finished"
        )

    def says(self, case: str, verdict: str, *more: str, by: str = "aida") -> str:
        """An analyst's word; its effect as the command shows it."""
        done = self.deployment.run("feedback", case, verdict, "--yes", "--by", by, "--json", *more)
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout.splitlines()[-1])["effect"])


def _table(name: str, feed: dict[str, Any]) -> str:
    return f"[feeds.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in feed.items())


@contextmanager
def at_work(stage: Stage, *roles: str) -> Iterator[None]:
    with ExitStack() as stack:
        for role in roles:
            stack.enter_context(stage.deployment.role(role))
        yield


class Worker:
    """One worker of several: with a cache of its own, and a page that says what it has."""

    def __init__(self, process: subprocess.Popen[bytes], cache: Path, port: int) -> None:
        self._process, self.cache, self._port = process, cache, port

    def signal(self, number: int) -> None:
        """To the process that judges; its supervisor stays as it is."""
        pid = self._process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            os.kill(int(child), number)

    def stop(self) -> None:
        """An orderly stop, supervisor and all."""
        self._process.terminate()
        self._process.wait(30)

    def snapshot(self) -> str:
        """The lists that it judges with."""
        found = re.search(r'saring_lists_snapshot_info{[^}]*snapshot="([^"]+)"', self._page())
        return found[1] if found else ""

    def partitions(self) -> float:
        """How many it reads."""
        found = re.search(r"^saring_assigned_partitions(?:{[^}]*})? (\S+)", self._page(), re.MULTILINE)
        return float(found[1]) if found else 0.0

    def _page(self) -> str:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/metrics", timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """No new lists can be put in place here, as on a full disk: they stay out, and the old ones in force."""
        [sets] = (self.cache / "sets").iterdir()
        sets.rename(sets.with_name("aside"))
        sets.write_text("in the way")
        try:
            yield
        finally:
            sets.unlink()
            sets.with_name("aside").rename(sets)


@contextmanager
def two_workers(stage: Stage) -> Iterator[tuple[Worker, Worker]]:
    """Two processes of the group, each under its supervisor, with one of the two partitions and with lists in force."""
    deployment, before = stage.deployment, dict(stage.deployment.settings)
    with ExitStack() as stack:
        workers = list[Worker]()
        for number, port in enumerate(free_ports(2)):
            cache = deployment.folder / f"cache-{number}"
            deployment.settings |= {"SARING_METRICS__PORT": str(port), "SARING_CACHE_DIR": str(cache)}
            workers.append(Worker(stack.enter_context(deployment.role("worker", "--processes", "1")), cache, port))
        deployment.settings = before
        deployment.until(
            lambda: all(each.partitions() == 1 and each.snapshot() for each in workers), "two workers share the source"
        )
        yield workers[0], workers[1]


def made(bootstrap: str, folder: Path) -> Stage:
    """A stage with its topics."""
    stage = Stage(Deployment(bootstrap, folder))
    done = stage.deployment.run("setup")
    assert done.returncode == 0, done.stderr
    return stage


def produce(stage: Stage, topic: str, records: list[tuple[bytes | None, bytes | None]]) -> None:
    producer = Producer({"bootstrap.servers": stage.deployment.bootstrap})
    for key, value in records:
        producer.produce(f"{stage.deployment.name}.{topic}", value, key)
    assert producer.flush(20) == 0


def killed(stage: Stage, meanwhile: Callable[[], object], after: float, role: str = "retro") -> None:
    """Let a role get to work, do something, and kill it a while after."""
    with stage.deployment.role(role) as process:
        time.sleep(2.0)
        meanwhile()
        time.sleep(after)
        process.kill()
        process.wait()


def reached(stage: Stage, role: str) -> tuple[AdminClient, dict[Partition, int], dict[Partition, int]]:
    """A client, and for the topic of sightings its ends, and up to where a role has read."""
    settings = load(None, stage.deployment.env).settings
    admin, topic = kafka.admin_client(connect.connection(settings.kafka)), connect.topics(settings)["links"]
    ends = {place: high for place, (low, high) in kafka.watermarks(admin, [topic]).items() if high > low}
    return admin, ends, kafka.committed(admin, connect.group(settings, role), list(ends))


def lag(stage: Stage, *roles: str) -> int:
    """How many records of the topic of sightings these roles have not read."""
    both = [reached(stage, role)[1:] for role in roles]
    return sum(max(0, high - offsets.get(place, 0)) for ends, offsets in both for place, high in ends.items())


def begun(stage: Stage, role: str) -> None:
    """Let a role run once, so that its group has offsets: what came before its first start is not its concern."""
    settings = load(None, stage.deployment.env).settings
    admin = kafka.admin_client(connect.connection(settings.kafka))
    with stage.deployment.role(role):
        stage.deployment.until(
            lambda: bool(kafka.committed(admin, connect.group(settings, role))), f"first offsets of {role}"
        )


def ids_and_cases(stage: Stage, kind: str) -> tuple[int, int]:
    """How many different statements of a type there are, and how many cases they are on."""
    said = stage.of_type(kind)
    return len({alert["id"] for alert in said}), len({alert["case_id"] for alert in said})
