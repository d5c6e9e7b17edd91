"""`saring checks measured` on the embedded broker: shadow alerts, alerts and words joined as they lie there."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence

import msgspec
import pytest
from confluent_kafka import Producer

from agents import connect
from agents.checks_desk import ChecksDesk
from agents.kafka.embedded import EmbeddedBroker
from config.load import load
from config.rules import rules_from
from config.settings import Settings
from stream.alert import Alert
from stream.encode import Written, alert_record, shadow_record
from stream.feedback import Feedback, encode
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.pipeline import scanner
from tests.stream.test_pipeline import event, records

pytestmark = pytest.mark.embedded


def alerts(settings: Settings) -> list[Alert]:
    lists = lists_from([Entry("feed-a", "url", f"rumah{n}.example/a", listed_at="2026-11-20") for n in range(3)])
    scan = scanner(rules_from(settings), lists)
    texts = [event(f"tengok http://rumah{n}.example/a", f"m{n}") for n in range(3)]
    return [alert for outcome in scan(records(texts)) for alert in outcome.alerts]


def word(alert: Alert, verdict: str) -> bytes:
    host = alert.link.key.partition("/")[0]
    told = Feedback(
        id=alert.id, case_id=alert.case_id, verdict="true", scope="host", kind="host", key=host, by="ana",
        at="2026-11-21T00:00:00Z", sampled=True,
    )  # fmt: skip
    return encode(told if verdict == "true" else msgspec.structs.replace(told, verdict="false"))


def send(bootstrap: str, topic: str, found: Sequence[tuple[bytes | None, bytes | None]]) -> None:
    producer = Producer({"bootstrap.servers": bootstrap})
    for key, value in found:
        producer.produce(topic, value, key)
    producer.flush(10)


def as_sent(record: Written) -> tuple[bytes | None, bytes | None]:
    return record.key, record.value


def test_what_a_shadow_check_would_have_raised_is_joined(embedded: EmbeddedBroker) -> None:
    deployment = "d" + uuid.uuid4().hex[:6]
    environment = {"SARING_KAFKA__BOOTSTRAP_SERVERS": embedded.bootstrap, "SARING_DEPLOYMENT": deployment}
    settings = load(None, environment).settings
    found, names = alerts(settings), connect.topics(settings)
    for kind in ("shadow", "alerts", "review", "feedback"):
        embedded.create(names[kind], 1)
    send(embedded.bootstrap, names["shadow"], [as_sent(shadow_record("odd_port", alert)) for alert in found])
    send(embedded.bootstrap, names["alerts"], [as_sent(alert_record(found[0], "/saring/test"))])
    words = [(None, word(found[0], "true")), (None, word(found[1], "false")), (None, b"no feedback")]
    send(embedded.bootstrap, names["feedback"], words)
    desk = ChecksDesk(settings, connect.connection(settings.kafka, "saring-checks"), "ana")
    [one] = asyncio.run(desk.measured())
    assert (one.check, one.would_raise, one.raised_anyway, one.listed_later) == ("odd_port", 3, 1, 1)
    assert (one.judged, one.scams) == (2, 1)
