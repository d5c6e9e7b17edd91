"""Looking back on a real Kafka, the way a user runs it: worker, keeper with a list in a file, retro, stock clients."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from confluent_kafka import Producer

from agents.feeds.wire import Control, control_key, encode
from agents.retro_lists import APPROVAL
from agents.retro_read import Read
from config.feeds import default_feeds
from config.load import load
from config.rules import rules_from
from stream.lists.entries import Entry
from stream.lists.memory import NO_LISTS, lists_from
from stream.outcome import Outcome
from stream.pipeline import scanner
from stream.rules import Rules
from stream.sightings import packer
from tests.agents.conftest import Deployment

pytestmark = pytest.mark.kafka
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "alert-v1.json").read_text("utf-8"))
LATE_SECONDS = 10.0

# Nothing speaks against the one but a list that names its host; the other is flagged at once.
HARMLESS = "Gambar kelas semalam ada di http://{host}/galeri?nama=zulkifli77 ya"
SCAM = "Tahniah! Anda terpilih menerima hadiah RM500. Sahkan akaun dalam 24 jam di http://{host}/tuntut"
LOOKALIKE = "maybank2u-sahkan.test"


def message(name: str, host: str, text: str = HARMLESS) -> bytes:
    return json.dumps({"id": name, "text": text.format(host=host), "user": name}).encode()


class Stage:
    """A deployment with two lists in files: what goes from one is delisted, what goes from the other is only old."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
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

    def of_type(self, kind: str) -> list[dict[str, Any]]:
        return [alert for alert in self.alerts() if alert["type"] == kind]

    def wait_for(self, kind: str, count: int, since: float) -> list[dict[str, Any]]:
        """So many alerts of a type, in time."""
        self.deployment.until(lambda: len(self.of_type(kind)) >= count, f"{count} {kind}")
        assert time.monotonic() - since < LATE_SECONDS + 2, "later than ten seconds after the fetch"  # 1 s interval
        return self.of_type(kind)

    def finished(self, count: int) -> None:
        self.deployment.until(
            lambda: sum(record["seen"] for record in self.deployment.ledger()) >= count, f"{count} messages finished"
        )


def _table(name: str, feed: dict[str, Any]) -> str:
    return f"[feeds.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in feed.items())


@contextmanager
def at_work(stage: Stage, *roles: str) -> Iterator[None]:
    with ExitStack() as stack:
        for role in roles:
            stack.enter_context(stage.deployment.role(role))
        yield


@pytest.fixture
def stage(deployment: Deployment) -> Stage:
    made = Stage(deployment)
    done = deployment.run("setup")
    assert done.returncode == 0, done.stderr
    return made


def test_late_then_delisted_then_retracted(stage: Stage) -> None:
    with at_work(stage, "keeper", "worker", "retro"):
        stage.deployment.send([message("m1", "gerai-a.test"), message("m2", "gerai-b.test"), message("m3", "x.test")])
        stage.finished(3)
        [late, other] = stage.wait_for("late", 2, stage.enlist("delisting", "gerai-a.test")
                                       and stage.enlist("window", "gerai-b.test"))  # fmt: skip
        if late["link"]["host"] != "gerai-a.test":
            late, other = other, late
        for alert in (late, other):
            jsonschema.Draft202012Validator(SCHEMA).validate(alert)
            assert alert["late"]["delay_seconds"] > 0
            assert "zulkifli77" not in json.dumps(alert), "a query value became readable"
        assert (late["message"]["id"], other["message"]["id"]) == ("m1", "m2")
        stage.delist("window", "gerai-b.test")
        [retracted] = stage.wait_for("retracted", 1, stage.delist("delisting", "gerai-a.test"))
        jsonschema.Draft202012Validator(SCHEMA).validate(retracted)
        assert retracted["case_id"] == late["case_id"]
        assert retracted["retracted"]["cause"] == "delisted"
        assert retracted["link"] == late["link"]
        time.sleep(2)
        assert len(stage.of_type("retracted")) == 1, "a window list that drops an entry takes nothing back"


def test_feedback_retracts_and_allows_everywhere(stage: Stage) -> None:
    with at_work(stage, "worker", "retro"):
        stage.deployment.send([message("f1", LOOKALIKE, SCAM), message("f2", LOOKALIKE, SCAM)])
        stage.finished(2)
        stage.deployment.until(lambda: len(stage.of_type("flagged")) == 2, "two alerts")
        case = stage.of_type("flagged")[0]["case_id"]
        begun = time.monotonic()
        done = stage.deployment.run("feedback", case, "false", "--yes", "--by", "aida", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["effect"].endswith("and retract 2 alerts")
        retracted = stage.wait_for("retracted", 2, begun)
        assert {alert["retracted"]["cause"] for alert in retracted} == {"feedback"}
        stage.deployment.send([message("f3", LOOKALIKE, SCAM)])
        stage.finished(3)
        assert time.monotonic() - begun < LATE_SECONDS + 2
        assert not [alert for alert in stage.of_type("flagged") if alert["message"]["id"] == "f3"]


def test_a_worker_that_had_the_old_lists_is_made_up_for(stage: Stage) -> None:
    """Its sightings arrive after the entry: held against what came since the lists that it judged with."""
    host = "gerai-lewat.test"
    stage.enlist("delisting", host)
    settings = load(None, stage.deployment.env).settings
    rules = rules_from(settings)
    with at_work(stage, "keeper", "retro"):
        stage.deployment.until(lambda: bool(stage.deployment.read("saring.lists")), "a set of lists")
        time.sleep(3)
        batch = [Read(stage.deployment.source, 0, 0, int(time.time() * 1000), None, message("old", host))]
        sightings = packer(rules)(batch, scanner(rules, NO_LISTS)(batch), 0)
        produce(stage, "saring.links", [(each.key, each.value) for each in sightings])
        [late] = stage.wait_for("late", 1, time.monotonic())
        assert late["message"]["id"] == "old"
        # One that knew the entry said what there was to say.
        sightings = packer(rules)(batch, known(rules, batch, host), 9)
        produce(stage, "saring.links", [(each.key, each.value) for each in sightings])
        time.sleep(2)
        assert len(stage.of_type("late")) == 1


def known(rules: Rules, batch: list[Read], host: str) -> list[Outcome]:
    lists = lists_from([Entry("delisting", "host", host)])
    return scanner(rules, lists)(batch)


def produce(stage: Stage, topic: str, records: list[tuple[bytes | None, bytes | None]]) -> None:
    producer = Producer({"bootstrap.servers": stage.deployment.bootstrap})
    for key, value in records:
        producer.produce(f"{stage.deployment.name}.{topic}", value, key)
    assert producer.flush(20) == 0


def test_killed_at_random_and_nothing_missed_or_said_twice(stage: Stage) -> None:
    hosts = [f"gerai-{number}.test" for number in range(90)]
    chance = random.Random(5)
    with at_work(stage, "keeper", "worker"):
        stage.deployment.send([message(host, host) for host in hosts])
        stage.finished(len(hosts))
        for first in range(0, 90, 30):
            stage.enlist("delisting", *hosts[first : first + 30])
            killed(stage, chance.uniform(2.0, 6.0))
        with stage.deployment.role("retro") as process:
            stage.deployment.until(lambda: len({a["case_id"] for a in stage.of_type("late")}) == 90, "90 late alerts")
            stage.delist("delisting", *hosts[:10])
            time.sleep(chance.uniform(1.0, 3.0))
            process.kill()
            stage.deployment.roles.remove(process)
            process.wait()
            with at_work(stage, "retro"):
                stage.deployment.until(lambda: len(stage.of_type("retracted")) >= 10, "10 retractions")
                time.sleep(1)
            stage.deployment.roles.append(process)
    said = stage.alerts()
    for kind, count in (("late", 90), ("retracted", 10)):
        ids = {alert["id"] for alert in said if alert["type"] == kind}
        cases = {alert["case_id"] for alert in said if alert["type"] == kind}
        assert (len(ids), len(cases)) == (count, count), "one statement a case, whatever was repeated"
    repeats = len(said) - len({alert["id"] for alert in said})
    assert repeats <= 30, "a repeat is what was in hand when it was killed"


def killed(stage: Stage, after: float) -> None:
    """Run retro for a while, and kill it."""
    with stage.deployment.role("retro") as process:
        time.sleep(after)
        process.kill()


def test_many_retractions_wait_for_a_person(stage: Stage) -> None:
    hosts = [f"gerai-{number}.test" for number in range(6)]
    stage.deployment.settings["SARING_RETRO__HOLD_ABOVE"] = "5"
    with at_work(stage, "keeper", "worker", "retro"):
        stage.deployment.send([message(host, host) for host in hosts])
        stage.finished(len(hosts))
        stage.wait_for("late", 6, stage.enlist("delisting", *hosts))
        stage.delist("delisting", *hosts)
        time.sleep(6)
        assert not stage.of_type("retracted")
        control = Control("approve", "delisting", "aida", "2026-11-23T00:00:00Z", APPROVAL)
        produce(stage, "saring.entries", [(control_key("approve", "delisting", APPROVAL), encode(control))])
        stage.wait_for("retracted", 6, time.monotonic())


def test_a_missed_scam_is_blocked_and_told_late(stage: Stage) -> None:
    with at_work(stage, "worker", "retro"):
        stage.deployment.send([message("m1", "belum-tahu.test")])
        stage.finished(1)
        begun = time.monotonic()
        done = stage.deployment.run("feedback", "http://belum-tahu.test/tuntut", "missed", "--yes", "--by", "aida")
        assert done.returncode == 0, done.stderr
        [late] = stage.wait_for("late", 1, begun)
        assert (late["basis"], late["message"]["id"]) == ("analyst", "m1")


def test_a_repeat_of_flagged_never_undoes_a_retraction(stage: Stage) -> None:
    """The recipe of docs/consume.md, on records as a crash leaves them."""
    with at_work(stage, "worker", "retro"):
        stage.deployment.send([message("m1", LOOKALIKE, SCAM)])
        stage.finished(1)
        stage.deployment.until(lambda: len(stage.of_type("flagged")) == 1, "an alert")
        case = stage.of_type("flagged")[0]["case_id"]
        assert stage.deployment.run("feedback", case, "false", "--yes", "--by", "aida").returncode == 0
        stage.wait_for("retracted", 1, time.monotonic())
    records = sorted(stage.deployment.read("alerts"), key=lambda each: each.timestamp()[1])
    produce(stage, "alerts", [(each.key(), each.value()) for each in records if b'"flagged"' in each.value()])
    recipe = Path(__file__).parents[3] / "docs" / "recipes" / "upsert.py"
    database = stage.deployment.folder / "cases.db"
    topic = f"{stage.deployment.name}.alerts"
    subprocess.run(
        [sys.executable, str(recipe), stage.deployment.bootstrap, str(database), topic], check=True, timeout=60
    )
    with sqlite3.connect(database) as table:
        assert table.execute("SELECT case_id, type FROM cases").fetchall() == [(case, "retracted")]
