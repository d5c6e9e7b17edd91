"""The spine on a real Kafka, the way a user runs it: setup, worker, stock clients at both ends."""

from __future__ import annotations

import json
import math
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from stream.native import is_there
from tests.agents.conftest import Deployment

pytestmark = pytest.mark.kafka
SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "schema" / "alert-v1.json").read_text("utf-8"))

SCAM = "Maybank: akaun anda digantung. Sahkan dalam 24 jam di hxxps://maybank2u-sahkan[.]example/login"
GARBAGE: list[tuple[bytes | None, str, str]] = [
    (b"\xff\xfe", "dead", "value"),
    (b"not json", "dead", "value"),
    (b'{"text":5}', "dead", "/text"),
    (None, "skipped", ""),
    (b'{"id":7,"text":"hai"}', "clean", ""),
    (b'{"text":"' + b"a" * 900_000 + b'"}', "clean", ""),
    (json.dumps({"text": " ".join(f"http://a{n}.example" for n in range(10_000))}).encode(), "clean", ""),
    (b"[" * 10_000, "dead", "value"),
]


def event(number: int, text: str) -> bytes:
    return json.dumps({"id": f"m{number}", "text": text, "user": f"u{number}"}).encode()


def test_messages_in_alerts_out(deployment: Deployment) -> None:
    assert deployment.run("setup").returncode == 0
    sent = [event(n, SCAM if n % 10 == 0 else "jumpa esok di kedai") for n in range(100)]
    with deployment.role("worker"):
        deployment.send(sent)
        deployment.until(lambda: finished(deployment) == 100, "100 messages finished")
    alerts = [json.loads(message.value()) for message in deployment.read("alerts")]
    assert sorted(alert["message"]["id"] for alert in alerts) == sorted(f"m{n}" for n in range(0, 100, 10))
    for alert in alerts:
        jsonschema.Draft202012Validator(SCHEMA).validate(alert)
        assert_recomputable(alert)


def assert_recomputable(alert: dict[str, Any]) -> None:
    total = alert["score"]["intercept"] + sum(finding["weight"] for finding in alert["findings"])
    assert math.isclose(total, alert["score"]["sum"], abs_tol=1e-6)
    assert math.isclose(alert["probability"], 1 / (1 + math.exp(-total)), abs_tol=1e-6)


def finished(deployment: Deployment) -> int:
    return sum(record["seen"] for record in deployment.ledger())


def test_garbage_ends_as_designed_and_its_neighbours_are_judged(deployment: Deployment) -> None:
    assert deployment.run("setup").returncode == 0
    values: list[bytes | None] = []
    for number, (value, _, _) in enumerate(GARBAGE):
        values += [event(number, SCAM), value]
    with deployment.role("worker"):
        deployment.send(values)
        deployment.until(lambda: finished(deployment) == len(values), "all finished")
    ledger = deployment.ledger()
    expected = [outcome for _, outcome, _ in GARBAGE]
    for kind in ("skipped", "dead"):
        assert sum(record[kind] for record in ledger) == expected.count(kind)
    assert sum(record["flagged"] for record in ledger) == len(GARBAGE)
    letters = deployment.read("messages.dead")
    fields = sorted(dict(letter.headers())["field"].decode() for letter in letters)
    assert fields == sorted(field for _, outcome, field in GARBAGE if outcome == "dead")
    assert {letter.value() for letter in letters} == {value for value, outcome, _ in GARBAGE if outcome == "dead"}


def test_kill_and_restart_lose_nothing(deployment: Deployment) -> None:
    assert deployment.run("setup").returncode == 0
    for round_number in range(3):
        sent = [event(1000 * round_number + n, SCAM if n % 50 == 0 else "selamat pagi") for n in range(1000)]
        with deployment.role("worker") as worker:
            deployment.send(sent)
            before = finished(deployment)
            deployment.until(lambda before=before: finished(deployment) > before, "work begun")  # type: ignore[misc]
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    with deployment.role("worker"):
        deployment.until(lambda: covered(deployment) == 3000, "every offset covered")
    ids = {json.loads(message.value())["message"]["id"] for message in deployment.read("alerts")}
    assert ids == {f"m{1000 * r + n}" for r in range(3) for n in range(0, 1000, 50)}


def covered(deployment: Deployment) -> int:
    """How many offsets at least one ledger record covers."""
    return len({
        (record["partition"], offset)
        for record in deployment.ledger()
        for offset in range(record["first"], record["last"] + 1)
    })  # fmt: skip


def test_setup_is_idempotent_and_a_worker_refuses_without_it(deployment: Deployment) -> None:
    refused = deployment.run("worker")
    assert refused.returncode == 2
    assert b"saring setup" in refused.stderr
    assert b"Traceback" not in refused.stderr
    for state in ("created", "there"):
        done = deployment.run("setup")
        assert done.returncode == 0
        *topics, group = map(json.loads, done.stdout.splitlines())
        assert {topic["state"] for topic in topics} == {state}
        assert group["first_offsets_committed"] == (2 if state == "created" else 0)
    looked = deployment.run("doctor")
    assert looked.returncode == 0
    looks = {look["what"]: look["state"] for look in map(json.loads, looked.stdout.splitlines())}
    form = {"native part": "ok" if is_there() else "warn"}
    assert looks == form | {"Kafka answers": "ok", "topics": "ok", "lag": "ok", "lists": "warn", "clock": "ok"}


def test_doctor_says_what_the_mapping_finds(deployment: Deployment) -> None:
    assert deployment.run("setup", "--from", "beginning").returncode == 0
    deployment.send([event(1, "hai"), b"not json"])
    result = deployment.run("doctor", "--sample", "10", "--json")
    sample = json.loads(result.stdout.splitlines()[-1])
    assert sample["outcomes"] == {"message": 1, "dead": 1}
    assert sample["reasons"] == {"value is not JSON (value)": 1}


def test_broker_unreachable_is_one_clear_line_and_a_named_code(tmp_path: Path) -> None:
    away = Deployment("127.0.0.1:1", tmp_path, settings={"SARING_WORKER__START_LIMIT_SECONDS": "2"})
    result = away.run("worker")
    assert result.returncode == 69
    assert b"BROKER_UNREACHABLE" in result.stderr
    assert b"Traceback" not in result.stderr
    assert away.run("doctor").returncode == 69
