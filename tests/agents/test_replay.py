"""What was judged is judged again under its old identity, and the ledger proves what it proves; on a real Kafka."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from typer.testing import CliRunner, Result

from agents.cli.main import create
from bench.cluster import Cluster
from tests.agents.conftest import Deployment

pytestmark = pytest.mark.kafka

SCAM = "Maybank: akaun anda digantung. Sahkan dalam 24 jam di hxxps://maybank2u-sahkan[.]example/login"
WITHOUT_ID = json.dumps({"text": SCAM}).encode()
UNREADABLE = f"no event at all: {SCAM}".encode()


def event(number: int) -> bytes:
    text = SCAM if number % 5 == 0 else "jumpa esok di kedai"
    return json.dumps({"id": f"m{number}", "text": text, "user": f"u{number % 2}"}).encode()


@pytest.fixture(params=["at_least_once", "exactly_once"])
def judged(request: pytest.FixtureRequest, kafka: Cluster, tmp_path: Path) -> Deployment:
    """Thirty messages that a worker has finished: six scams with an id, one without, two letters that are dead."""
    (tmp_path / "key").write_text("k" * 32)
    settings = {"SARING_WORKER__DELIVERY": request.param, "SARING_PRIVACY__USER_KEY_FILE": str(tmp_path / "key")}
    deployment = Deployment(kafka.bootstrap, tmp_path, settings=settings)
    assert deployment.run("setup").returncode == 0
    values = [*(event(number) for number in range(27)), WITHOUT_ID, UNREADABLE, UNREADABLE]
    with deployment.role("worker"):
        deployment.send(values)
        deployment.until(lambda: sum(each["seen"] for each in deployment.ledger()) == 30, "all finished")
    return deployment


def ask(deployment: Deployment, *arguments: str, code: int = 0) -> dict[str, Any]:
    done = call(deployment, *arguments, "--json")
    assert done.exit_code == code, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def call(deployment: Deployment, *arguments: str) -> Result:
    """In this process: starting Python a dozen times would take longer than all the rest."""
    return CliRunner().invoke(create(), list(arguments), env=deployment.env)


def alerts(deployment: Deployment, topic: str) -> Iterator[dict[str, Any]]:
    for message in deployment.read(topic):
        yield json.loads(message.value()) | {"time": ""}


def ids(deployment: Deployment, topic: str) -> list[str]:
    return sorted(alert["id"] for alert in alerts(deployment, topic))


def test_replay_and_proof(judged: Deployment) -> None:
    if judged.settings["SARING_WORKER__DELIVERY"] == "at_least_once":
        for part in (replays_a_span, replays_dead_letters, replays_a_file, finds_a_person):
            part(judged)
    proves(judged)


def replays_a_span(judged: Deployment) -> None:
    before, day = ids(judged, "alerts"), ("--from", "2020-01-01T00:00:00Z")
    assert len(before) == 7
    dry = ask(judged, "replay", *day)
    assert (dry["outcomes"], dry["alerts"], dry["written_to"]) == ({"clean": 21, "flagged": 7, "dead": 2}, 7, "")
    refused = call(judged, "replay", *day, "--write")
    assert (refused.exit_code, "there is no topic" in refused.stderr) == (69, True)
    admin = AdminClient({"bootstrap.servers": judged.bootstrap})
    for answer in admin.create_topics([NewTopic(f"{judged.name}.alerts.replay", 2, 1)]).values():
        answer.result(20)
    assert ask(judged, "replay", *day, "--write")["alerts"] == 7
    again = list(alerts(judged, "alerts.replay"))
    assert all(alert.pop("replayed") for alert in again)
    first = [alert for alert in alerts(judged, "alerts") if not alert.pop("replayed", False)]
    assert sorted(again, key=str) == sorted(first, key=str)
    assert ids(judged, "alerts") == before  # untouched
    now = datetime.now(UTC).isoformat()
    assert ask(judged, "replay", "--from", now)["outcomes"] == {}
    assert ask(judged, "replay", *day, "--to", "2020-01-02T00:00:00Z")["outcomes"] == {}


def replays_dead_letters(judged: Deployment) -> None:
    """Still dead with the old settings; judged, as the very records they were, with settings that can read them."""
    still = ask(judged, "replay")
    assert (still["outcomes"], still["passed"]) == ({"dead": 2}, 0)
    known = set(ids(judged, "alerts.replay"))
    judged.settings["SARING_SOURCES__MESSAGES__FORMAT"] = "text"
    assert ask(judged, "replay", "--write")["outcomes"] == {"flagged": 2}
    del judged.settings["SARING_SOURCES__MESSAGES__FORMAT"]
    new = [alert["message"] for alert in alerts(judged, "alerts.replay") if alert["id"] not in known]
    letters = [dict(letter.headers()) for letter in judged.read("messages.dead")]
    places = {(int(letter["partition"]), int(letter["offset"])) for letter in letters}
    assert {(message["partition"], message["offset"]) for message in new} == places
    assert {message["topic"] for message in new} == {judged.source}


def replays_a_file(judged: Deployment) -> None:
    file = judged.folder / "events.jsonl"
    file.write_bytes(b"\n".join(map(event, range(27))))
    before = set(ids(judged, "alerts.replay"))
    assert ask(judged, "replay", "--file", str(file), "--write")["alerts"] == 6
    assert set(ids(judged, "alerts.replay")) == before
    for wrong in (("--file", str(file), "--from", "2020-01-01"), ("--to", "2020-01-01"), ("--source", "other")):
        assert call(judged, "replay", *wrong).exit_code == 2


def finds_a_person(judged: Deployment) -> None:
    """Three of the six scams with an id are by u0; a dead letter counts when the id stands anywhere in it."""
    by_user = ask(judged, "erase", "--user", "u0")
    assert [each["type"] for each in by_user["found"]] == ["flagged"] * 3
    assert all(each["expires"] > each["time"] for each in by_user["found"])
    by_message = ask(judged, "erase", "--message", "m5", "--source", "messages")
    (alert,) = (each for each in alerts(judged, "alerts") if each["message"]["id"] == "m5")
    assert by_message["cases"] == [alert["case_id"]]
    assert ask(judged, "erase", "--message", "m5", "--source", "other")["cases"] == []
    letters = ask(judged, "erase", "--message", "no event")["found"]
    assert [(each["topic"], each["case_id"]) for each in letters] == [(f"{judged.name}.messages.dead", None)] * 2
    for wrong in ((), ("--user", "u0", "--message", "m5")):
        assert call(judged, "erase", *wrong).exit_code == 2


def proves(judged: Deployment) -> None:
    """Clean as the worker left it; then offsets that end twice, and some that never end."""
    mode = judged.settings["SARING_WORKER__DELIVERY"]
    proof = ask(judged, "ledger", "verify")
    assert (proof["mode"], proof["faults"]) == (mode, [])
    assert sum(each["seen"] for each in proof["partitions"]) == 30
    repeat = next(each for each in judged.ledger() if each["partition"] == 0)
    producer = Producer({"bootstrap.servers": judged.bootstrap})
    producer.produce(f"{judged.name}.saring.ledger", json.dumps(repeat).encode())
    producer.flush(20)
    twice = ask(judged, "ledger", "verify", code=int(mode == "exactly_once"))
    assert sum(each["repeated"] for each in twice["partitions"]) == repeat["last"] - repeat["first"] + 1
    assert bool(twice["faults"]) == (mode == "exactly_once")
    judged.send([event(number) for number in range(4)])
    commit(judged, 1)
    assert f"{judged.source}-1: offsets 15 to 16 have no outcome" in ask(judged, "ledger", "verify", code=1)["faults"]


def commit(judged: Deployment, partition: int) -> None:
    """Move the group past messages that nobody judged."""
    group = f"{judged.name}.saring.scan"
    consumer = Consumer({"bootstrap.servers": judged.bootstrap, "group.id": group})
    end = consumer.get_watermark_offsets(TopicPartition(judged.source, partition))[1]
    consumer.commit(offsets=[TopicPartition(judged.source, partition, end)], asynchronous=False)
    consumer.close()
