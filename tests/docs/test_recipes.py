"""The recipes of docs/consume.md, run as they stand there, on alerts that the real line made."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from confluent_kafka import Producer

from agents.kafka.embedded import EmbeddedBroker
from config.load import load
from config.rules import rules_from
from stream.alert import Alert, Retracted, alert_id
from stream.encode import Written, alert_record
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.pipeline import scanner
from tests.stream.test_pipeline import event, records

pytestmark = pytest.mark.embedded
RECIPES = Path(__file__).parents[2] / "docs" / "recipes"


@pytest.fixture(scope="module")
def alerts() -> list[Alert]:
    """Three alerts as the line makes them."""
    lists = lists_from([Entry("feed-a", "url", f"rumah.example/{n}", listed_at="2026-11-20") for n in range(3)])
    values = [event(f"tengok http://rumah.example/{n}", f"m{n}") for n in range(3)]
    scan = scanner(rules_from(load(None, {}).settings), lists)
    return [alert for outcome in scan(records(values)) for alert in outcome.alerts]


def retraction(alert: Alert) -> Alert:
    return msgspec.structs.replace(
        alert,
        id=alert_id(alert.case_id, "retracted", "f-1"),
        type="retracted",
        retracted=Retracted("feedback", "f-1", ""),
    )


@pytest.fixture
def topic(embedded: EmbeddedBroker, alerts: list[Alert]) -> str:
    """A topic with three alerts, the first taken back, then a crash-repeat of the first: it must stay taken back."""
    name = "alerts-" + uuid.uuid4().hex[:8]
    embedded.create(name, 1)
    sent = [alert_record(alert, "/saring/kawan") for alert in (*alerts, retraction(alerts[0]), alerts[0])]
    produce(embedded.bootstrap, name, sent)
    return name


def produce(bootstrap: str, topic: str, sent: list[Written]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    for each in sent:
        producer.produce(topic, each.value, each.key, headers=list(each.headers))
    assert producer.flush(20) == 0


@pytest.mark.skipif(not (shutil.which("kcat") and shutil.which("jq")), reason="needs kcat and jq on the PATH")
def test_kcat_prints_a_line_for_each_alert(embedded: EmbeddedBroker, topic: str) -> None:
    command = [str(RECIPES / "kcat.sh"), embedded.bootstrap, topic, "-e"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    lines = result.stdout.splitlines()
    assert len(lines) == 5
    assert lines[0].endswith("hxxp://rumah[.]example/0")


def test_upsert_keeps_the_last_word_and_a_repeat_undoes_nothing(
    embedded: EmbeddedBroker, topic: str, alerts: list[Alert], tmp_path: Path
) -> None:
    database = tmp_path / "cases.db"
    command = [sys.executable, str(RECIPES / "upsert.py"), embedded.bootstrap, str(database), topic]
    for _ in range(2):  # a second run reads nothing twice: its offsets were committed
        subprocess.run(command, timeout=60, check=True)
    rows = dict(sqlite3.connect(database).execute("SELECT case_id, type FROM cases"))
    assert rows == {alerts[0].case_id: "retracted", alerts[1].case_id: "flagged", alerts[2].case_id: "flagged"}


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[tuple[str, dict[str, object]]]]]:
    """A webhook that is out of order once, then takes everything."""
    taken: list[tuple[str, dict[str, object]]] = []
    refusals = [503]

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not refusals:
                taken.append((self.headers["Idempotency-Key"], json.loads(body)))
            self.send_response(refusals.pop() if refusals else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", taken
    server.shutdown()
    server.server_close()


def test_webhook_posts_each_alert_with_its_id(
    embedded: EmbeddedBroker, topic: str, receiver: tuple[str, list[tuple[str, dict[str, object]]]]
) -> None:
    url, taken = receiver
    command = [sys.executable, str(RECIPES / "webhook.py"), embedded.bootstrap, url, topic]
    subprocess.run(command, timeout=60, check=True)
    assert len(taken) == 5
    assert all(key == alert["id"] for key, alert in taken)
