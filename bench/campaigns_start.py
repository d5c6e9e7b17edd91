"""How long `saring campaigns` takes to start, on a real Kafka: `python -m bench.campaigns_start [--alerts 1000000]`.

The topics hold so many alerts and so many records of sightings of 50 rows. Started are a process that finds its file of
before, and one that finds none and reads the topics; the file is one that was written within a minute before.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from confluent_kafka import Producer
from msgspec import structs

from agents import connect
from agents.kafka import topics as kafka
from agents.kafka.spans import Kept
from agents.lookback.desk import outgoing
from bench.cluster import Cluster, free_ports, library
from bench.retro import records
from config.load import load
from config.rules import rules_from
from stream.lists.memory import NO_LISTS
from stream.pipeline import scanner

PARTITIONS: Final = 4
TEXT: Final = "Tahniah! Sahkan akaun bank anda dalam 24 jam di http://maybank2u-sahkan.test/masuk"
DIFFERENT: Final = 10_000
SECONDS: Final = 900.0


class Deployment:
    """Topics on a broker, and the role that is started on them."""

    def __init__(self, bootstrap: str, cache: Path) -> None:
        self.cache, self._port = cache, free_ports(1)[0]
        self.env = os.environ | {
            "SARING_KAFKA__BOOTSTRAP_SERVERS": bootstrap,
            "SARING_CACHE_DIR": str(cache),
            "SARING_METRICS__PORT": str(self._port),
            "SARING_TOPICS__PARTITIONS": str(PARTITIONS),
        }
        self.settings = load(None, self.env).settings
        subprocess.run([sys.executable, "-m", "agents", "setup"], env=self.env, check=True, stdout=subprocess.DEVNULL)

    def started(self, done: bool = False) -> float:
        """Seconds until the role is ready, and if asked until it has read all; then it is stopped in order."""
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "agents", "campaigns"], env=self.env, stderr=subprocess.DEVNULL
        )
        try:
            while not (self._ready() and (not done or self._has_read_all())):
                if process.poll() is not None or time.monotonic() > began + SECONDS:
                    raise RuntimeError("campaigns does not start")
                time.sleep(0.1)
            return round(time.monotonic() - began, 1)
        finally:
            process.terminate()
            process.wait(60)

    def _ready(self) -> bool:
        try:
            return bool(urllib.request.urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=5).status == 200)
        except OSError:
            return False

    def _has_read_all(self) -> bool:
        admin = kafka.admin_client(connect.connection(self.settings.kafka))
        marks = kafka.watermarks(admin, [connect.topics(self.settings)["links"]])
        read = kafka.committed(admin, connect.group(self.settings, "campaigns"), list(marks))
        return all(read.get(place, 0) >= end for place, (_, end) in marks.items())

    def write(self, rows: Iterable[Kept]) -> None:
        """Write records to where they say."""
        producer = Producer({"bootstrap.servers": self.env["SARING_KAFKA__BOOTSTRAP_SERVERS"], "linger.ms": 20})
        for row in rows:
            while True:
                try:
                    producer.produce(row.topic, row.value, row.key, row.partition, headers=list(row.headers))
                    break
                except BufferError:
                    producer.poll(0.1)
        producer.flush(120)


def alerts(deployment: Deployment, count: int) -> Iterator[Kept]:
    """So many alerts."""
    rules, topics = rules_from(deployment.settings), connect.topics(deployment.settings)
    message = Kept(next(iter(rules.sources)), 0, 0, 0, None, json.dumps({"id": "1", "text": TEXT}).encode())
    [alert] = scanner(rules, NO_LISTS)([message])[0].alerts
    cases = [f"{number:08x}{alert.case_id[8:]}" for number in range(DIFFERENT)]
    written = outgoing((structs.replace(alert, case_id=case) for case in cases), topics)
    for number in range(count):
        each = written[number % DIFFERENT]
        yield Kept(each.topic, number % PARTITIONS, number, 0, each.key, each.value, tuple(each.headers))


def sightings(deployment: Deployment, count: int) -> Iterator[Kept]:
    """So many records of sightings, the same few again and again."""
    topic, chance = connect.topics(deployment.settings)["links"], random.Random(1)
    made = [record.value for record in records(50 * min(count, DIFFERENT), chance)]
    for number in range(count):
        yield Kept(topic, number % PARTITIONS, number, 0, None, made[number % len(made)])


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.campaigns_start")
    parser.add_argument("--alerts", type=int, default=1_000_000)
    parser.add_argument("--records", type=int, default=40_000, help="of sightings")
    chosen = parser.parse_args()
    jars = library()
    if jars is None:
        raise SystemExit("measured on a real Kafka: install Java 17, and Maven once")
    with Cluster(jars) as cluster, tempfile.TemporaryDirectory(prefix="saring-start-") as name:
        deployment = Deployment(cluster.bootstrap, Path(name))
        found = {"nothing there": deployment.started()}
        deployment.write(alerts(deployment, chosen.alerts))
        deployment.write(sightings(deployment, chosen.records))
        found["all of it since it was stopped"] = deployment.started(done=True)
        found["with its file"] = deployment.started()
        shutil.rmtree(deployment.cache / "campaigns")
        found["without its file"] = deployment.started()
        print(json.dumps(found | {"alerts": chosen.alerts, "records": chosen.records}))


if __name__ == "__main__":
    main()
