"""Looking back on a real Kafka, the way a user runs it: worker, keeper with a list in a file, retro, stock clients."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from agents.kafka.spans import Kept
from bench.cluster import Cluster
from config.load import load
from config.rules import rules_from
from stream.lists.entries import Entry
from stream.lists.memory import NO_LISTS, lists_from
from stream.pipeline import scanner
from stream.sightings import packer
from tests.support.look_back import (
    LATE_SECONDS,
    LOOKALIKE,
    SCAM,
    Stage,
    at_work,
    ids_and_cases,
    killed,
    made,
    message,
    produce,
)

pytestmark = pytest.mark.kafka
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "alert-v1.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def playing(kafka: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """All roles at work; tests use hosts of their own."""
    stage = made(kafka.bootstrap, tmp_path_factory.mktemp("retro"))
    stage.deployment.settings |= {"SARING_RETRO__HOLD_ABOVE": "5", "SARING_RETRO__SUMMARY_ABOVE": "20"}
    with at_work(stage, "keeper", "worker", "retro"):
        stage.deployment.until(lambda: bool(stage.deployment.read("saring.lists")), "a set of lists")
        yield stage


@pytest.fixture
def stage(kafka: Cluster, tmp_path: Path) -> Stage:
    return made(kafka.bootstrap, tmp_path)


def test_late_then_delisted_then_retracted(playing: Stage) -> None:
    stage, a, b = playing, "gerai-a.test", "gerai-b.test"
    stage.send(message("m1", a), message("m2", b), message("m3", "x.test"))
    [late, other] = stage.wait_for("late", 2, (a, b), stage.enlist("delisting", a) and stage.enlist("window", b))
    if late["link"]["host"] != a:
        late, other = other, late
    for alert in (late, other):
        jsonschema.Draft202012Validator(SCHEMA).validate(alert)
        assert alert["late"]["delay_seconds"] > 0
        assert "zulkifli77" not in json.dumps(alert), "a query value became readable"
    assert (late["message"]["id"], other["message"]["id"]) == ("m1", "m2")
    stage.delist("window", b)
    [retracted] = stage.wait_for("retracted", 1, (a, b), stage.delist("delisting", a))
    jsonschema.Draft202012Validator(SCHEMA).validate(retracted)
    assert retracted["case_id"] == late["case_id"]
    assert retracted["retracted"]["cause"] == "delisted"
    assert retracted["link"] == late["link"]
    time.sleep(1.5)
    assert len(stage.of_type("retracted", (a, b))) == 1, "a window list that drops an entry takes nothing back"


def test_feedback_retracts_and_allows_everywhere(playing: Stage) -> None:
    """And repeats of `flagged`, as a crash leaves them, undo nothing for readers like the recipe of docs/consume.md."""
    stage = playing
    stage.send(message("f1", LOOKALIKE, SCAM), message("f2", LOOKALIKE, SCAM))
    stage.deployment.until(lambda: len(stage.of_type("flagged", (LOOKALIKE,))) == 2, "two alerts")
    flagged = stage.of_type("flagged", (LOOKALIKE,))
    begun = time.monotonic()
    assert stage.says(flagged[0]["case_id"], "false").endswith("and retract 2 alerts")
    retracted = stage.wait_for("retracted", 2, (LOOKALIKE,), begun)
    assert {alert["retracted"]["cause"] for alert in retracted} == {"feedback"}
    stage.send(message("f3", LOOKALIKE, SCAM), message("canary", "saring-test.invalid"))
    lines = stage.deployment.run("alerts", "--sample", "9", "--json").stdout.splitlines()
    sample = [json.loads(line) for line in lines]
    assert len({alert["case_id"] for alert in sample}) == len(sample) >= 2, "each case once, by its last word"
    assert "saring-test.invalid" not in {alert["link"]["host"] for alert in sample}
    assert time.monotonic() - begun < LATE_SECONDS + 2
    assert {alert["message"]["id"] for alert in stage.of_type("flagged", (LOOKALIKE,))} == {"f1", "f2"}

    records = [each for each in stage.deployment.read("alerts") if b'"flagged"' in each.value()]
    produce(stage, "alerts", [(each.key(), each.value()) for each in records])
    recipe = Path(__file__).parents[3] / "docs" / "recipes" / "upsert.py"
    database, topic = stage.deployment.folder / "cases.db", f"{stage.deployment.name}.alerts"
    command = [sys.executable, str(recipe), stage.deployment.bootstrap, str(database), topic]
    subprocess.run(command, check=True, timeout=60)
    with sqlite3.connect(database) as table:
        cases = dict(table.execute("SELECT case_id, type FROM cases").fetchall())
    assert {cases[alert["case_id"]] for alert in flagged} == {"retracted"}


def test_a_domain_needs_a_second_person(playing: Stage) -> None:
    stage, host = playing, "maybank2u-semak.test"
    stage.send(message("d1", host, SCAM))
    stage.deployment.until(lambda: len(stage.of_type("flagged", (host,))) == 1, "an alert")
    case = stage.of_type("flagged", (host,))[0]["case_id"]
    assert "once a second person says the same: it covers a whole domain" in stage.says(
        case, "false", "--scope", "domain"
    )
    time.sleep(1.5)
    assert not stage.of_type("retracted", (host,))
    begun = time.monotonic()
    stage.says(case, "false", "--scope", "domain", by="badrul")
    stage.wait_for("retracted", 1, (host,), begun)


def test_a_missed_scam_is_blocked_and_told_late(playing: Stage) -> None:
    stage, host = playing, "belum-tahu.test"
    stage.send(message("m4", host))
    begun = time.monotonic()
    stage.says("hxxp://belum-tahu[.]test/galeri", "missed")  # as alerts show it
    [late] = stage.wait_for("late", 1, (host,), begun)
    assert (late["basis"], late["message"]["id"]) == ("analyst", "m4")


def test_many_retractions_wait_for_a_person(playing: Stage) -> None:
    stage, hosts = playing, tuple(f"gerai-{number}.test" for number in range(6))
    stage.send(*(message(host, host) for host in hosts))
    stage.wait_for("late", 6, hosts, stage.enlist("delisting", *hosts))
    stage.delist("delisting", *hosts)
    time.sleep(4)
    assert not stage.of_type("retracted", hosts)
    begun = time.monotonic()
    assert stage.deployment.run("lists", "approve", "delisting", "--retractions").returncode == 0
    stage.wait_for("retracted", 6, hosts, begun)


def test_one_entry_that_meets_very_many_is_told_once(playing: Stage) -> None:
    stage, host = playing, "ramai.test"
    stage.send(*(message(f"s{number}", host) for number in range(25)))
    [summary] = stage.wait_for("late", 1, (host,), stage.enlist("delisting", host))
    assert summary["late"]["occurrences"] == 25


def test_a_worker_that_had_the_old_lists_is_made_up_for(playing: Stage) -> None:
    """Its sightings come after the entries: held against what came since, or against all that is listed."""
    stage, hosts = playing, ("gerai-lewat.test", "gerai-lewat-sangat.test")
    rules = rules_from(load(None, stage.deployment.env).settings)
    published = len(stage.deployment.read("saring.lists"))
    stage.enlist("delisting", *hosts)
    stage.deployment.until(lambda: len(stage.deployment.read("saring.lists")) > published, "new lists")
    time.sleep(1.5)
    for sequence, host in enumerate(hosts):
        batch = [Kept(stage.deployment.source, 0, sequence, int(time.time() * 1000), None, message(host, host))]
        sightings = packer(rules)(batch, scanner(rules, NO_LISTS)(batch), sequence)
        produce(stage, "saring.links", [(each.key, each.value) for each in sightings])
        [late] = stage.wait_for("late", 1, (host,), time.monotonic())
        assert late["message"]["id"] == host
        # One that knew the entry said what there was to say.
        knew = scanner(rules, lists_from([Entry("delisting", "host", host)]))(batch)
        sightings = packer(rules)(batch, knew, sequence)
        produce(stage, "saring.links", [(each.key, each.value) for each in sightings])
    time.sleep(1)
    assert len(stage.of_type("late", hosts)) == 2


def test_killed_and_nothing_missed_or_said_twice(stage: Stage) -> None:
    """Many more kills: `make lookback-faults`."""
    hosts, chance = [f"gerai-{number}.test" for number in range(40)], random.Random(5)
    with at_work(stage, "keeper", "worker"):
        stage.send(*(message(host, host) for host in hosts))
        killed(stage, lambda: stage.enlist("delisting", *hosts), chance.uniform(1.0, 2.0))
        with stage.deployment.role("retro") as process:
            stage.deployment.until(lambda: len({a["case_id"] for a in stage.of_type("late")}) == 40, "40 late alerts")
            stage.delist("delisting", *hosts[:5])
            time.sleep(chance.uniform(1.0, 2.0))
            process.kill()
            process.wait()
        with at_work(stage, "retro"):
            stage.deployment.until(lambda: len(stage.of_type("retracted")) >= 5, "5 retractions")
    assert ids_and_cases(stage, "late") == (40, 40)
    assert ids_and_cases(stage, "retracted") == (5, 5)
