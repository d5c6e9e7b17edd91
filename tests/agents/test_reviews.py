"""A word on an alert counts for every check that spoke for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import pytest

from agents import metrics
from agents.lookback.desk import Desk
from agents.lookback.fetch import Where
from agents.retro import create_retro
from agents.reviews import count
from config.load import load
from stream import pipeline
from stream.alert import Alert
from stream.encode import alert_record
from stream.feedback import Feedback, Word
from stream.lists.memory import lists_from

SCAM = "Maybank: akaun anda digantung. Sahkan dalam 24 jam di hxxps://maybank2u-sahkan[.]example/login"


class Record(msgspec.Struct):
    """A record as the roles see it."""

    topic: str
    value: bytes | None
    partition: int = 0
    offset: int = 0
    timestamp: int = 1_785_542_400_000
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    environment = {"SARING_LINKS__EXTRA_SUFFIXES": '["example"]', "SARING_CACHE_DIR": str(tmp_path_factory.mktemp("c"))}
    return create_retro(load(None, environment).settings).desk


@pytest.fixture(scope="module")
def raised(desk: Desk) -> Alert:
    record: Any = Record("messages", json.dumps({"text": SCAM}).encode())
    [outcome] = pipeline.scanner(desk.rules, lists_from(()))([record])
    return outcome.alerts[0]


def word(alert: Alert, verdict: Word, case: str | None = None, sampled: bool = True) -> Feedback:
    return Feedback(
        id="f1", case_id=alert.case_id if case is None else case, verdict=verdict, scope="host", kind="host",
        key=alert.group.key, by="aida", at="2026-11-01T00:00:00Z", sampled=sampled,
    )  # fmt: skip


async def counted(desk: Desk, alert: Alert, said: Feedback) -> dict[str, float]:
    meters, value = metrics.create(), alert_record(alert, "/saring/messages").value or b""

    def fetch(places: Iterable[Where]) -> dict[Where, bytes]:
        return dict.fromkeys(places, value)

    await count(meters, desk, fetch, said)
    assert meters.registry.get_sample_value("saring_feedback_total", {"verdict": said.verdict}) == 1
    [family] = [each for each in meters.registry.collect() if each.name == "saring_reviewed"]
    return {
        f"{each.labels['check']} {each.labels['verdict']} {each.labels['sampled']}": each.value
        for each in family.samples
        if each.name.endswith("_total") and each.value
    }


async def test_every_check_that_spoke_for_the_alert(desk: Desk, raised: Alert) -> None:
    record: Any = Record("alerts" if raised.tier == "automatic" else "alerts.review", alert_record(raised, "").value)
    desk.take_statement(record)
    spoke = {each.check for each in raised.findings if each.weight > 0}
    assert spoke
    found = await counted(desk, raised, word(raised, "true"))
    assert found == {f"{check} true true": 1.0 for check in {"all", *spoke}}


@pytest.mark.parametrize("case", ["", "7b7cb781-bc7d-832f-809b-586a9d9e6674"])
async def test_a_word_on_no_alert_counts_once(desk: Desk, raised: Alert, case: str) -> None:
    assert await counted(desk, raised, word(raised, "missed", case, sampled=False)) == {"all missed false": 1.0}
