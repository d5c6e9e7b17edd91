"""Looking back on a real Kafka, the way a user runs it: worker, keeper with a list in a file, retro, stock clients."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from config.feeds import default_feeds
from tests.agents.conftest import Deployment

pytestmark = pytest.mark.kafka
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "alert-v1.json").read_text("utf-8"))
LATE_SECONDS = 10.0

TEXT = "Tahniah! Anda terpilih menerima hadiah RM500. Sahkan akaun dalam 24 jam di http://{host}/tuntut?nama=zulkifli77"


def message(name: str, host: str, user: str = "") -> bytes:
    return json.dumps({"id": name, "text": TEXT.format(host=host), "user": user or name}).encode()


class Stage:
    """A deployment with two lists in files: what goes from one is delisted, what goes from the other is only old."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.files = {"delisting": deployment.folder / "delisting.txt", "window": deployment.folder / "window.txt"}
        self.listed: dict[str, list[str]] = {name: ["never-seen-1.test", "never-seen-2.test"] for name in self.files}
        for name in self.files:
            self.write(name)
        feeds = {name: {"enabled": False} for name in default_feeds()}
        for name, removal in (("delisting", "delisted"), ("window", "window")):
            feeds[name] = {
                "url": self.files[name].as_uri(), "interval_seconds": 1.0, "removal": removal, "entries": "host",
            }  # type: ignore[assignment]  # fmt: skip
        path = deployment.folder / "saring.toml"
        tables = [f"[feeds.{name}]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in feed.items())
                  for name, feed in feeds.items()]  # fmt: skip
        path.write_text("\n".join(tables))
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
        stage.deployment.send([message("m1", "hadiah-a.test"), message("m2", "hadiah-b.test"), message("m3", "x.test")])
        stage.finished(3)
        [late, other] = stage.wait_for("late", 2, stage.enlist("delisting", "hadiah-a.test")
                                       and stage.enlist("window", "hadiah-b.test"))  # fmt: skip
        if late["link"]["host"] != "hadiah-a.test":
            late, other = other, late
        for alert in (late, other):
            jsonschema.Draft202012Validator(SCHEMA).validate(alert)
            assert alert["late"]["delay_seconds"] > 0
            assert "zulkifli77" not in json.dumps(alert), "a query value became readable"
        assert (late["message"]["id"], other["message"]["id"]) == ("m1", "m2")
        stage.delist("window", "hadiah-b.test")
        [retracted] = stage.wait_for("retracted", 1, stage.delist("delisting", "hadiah-a.test"))
        jsonschema.Draft202012Validator(SCHEMA).validate(retracted)
        assert retracted["case_id"] == late["case_id"]
        assert retracted["retracted"]["cause"] == "delisted"
        assert retracted["link"] == late["link"]
        time.sleep(2)
        assert len(stage.of_type("retracted")) == 1, "a window list that drops an entry takes nothing back"


def test_feedback_retracts_and_allows_everywhere(stage: Stage) -> None:
    host = "maybank2u-sahkan.test"
    with at_work(stage, "worker", "retro"):
        stage.deployment.send([message("f1", host), message("f2", host)])
        stage.finished(2)
        stage.deployment.until(lambda: len(stage.of_type("flagged")) == 2, "two alerts")
        case = stage.of_type("flagged")[0]["case_id"]
        begun = time.monotonic()
        done = stage.deployment.run("feedback", case, "false", "--yes", "--by", "aida", "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout.splitlines()[-1])["effect"].endswith("and retract 2 alerts")
        retracted = stage.wait_for("retracted", 2, begun)
        assert {alert["retracted"]["cause"] for alert in retracted} == {"feedback"}
        stage.deployment.send([message("f3", host)])
        stage.finished(3)
        assert time.monotonic() - begun < LATE_SECONDS + 2
        assert not [alert for alert in stage.of_type("flagged") if alert["message"]["id"] == "f3"]
