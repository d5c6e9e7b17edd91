"""A random sample of cases: each as likely as any other, by the last word on it, however often it is spoken of."""

from __future__ import annotations

import json
from collections import Counter
from itertools import chain

import pytest
from msgspec import structs

from agents.kafka.spans import Kept
from agents.said import sampled, standing
from config.load import load
from config.rules import rules_from
from stream.alert import Alert
from stream.lists.memory import NO_LISTS
from stream.pipeline import scanner
from tests.support.look_back import SCAM

CASES = 40
DRAWS = 600


@pytest.fixture(scope="module")
def flagged() -> Alert:
    rules = rules_from(load(None, {}).settings)
    value = json.dumps({"id": "1", "text": SCAM.format(host="maybank2u-sahkan.test")}).encode()
    [outcome] = scanner(rules, NO_LISTS)([Kept(next(iter(rules.sources)), 0, 0, 0, None, value)])
    return outcome.alerts[0]


def said(flagged: Alert, case: int, repeats: int) -> list[Alert]:
    return [structs.replace(flagged, case_id=f"case-{case}", id=f"{case}-{n}", time=f"2026-11-25T00:00:{n:02}.000Z")
            for n in range(repeats)]  # fmt: skip


@pytest.mark.parametrize("number", [0, 1, 7, CASES, CASES + 5])
def test_so_many_cases_by_their_last_word(flagged: Alert, number: int) -> None:
    alerts = list(chain.from_iterable(said(flagged, case, 1 + case % 4) for case in range(CASES)))
    mixed = alerts[::3] + alerts[1::3] + alerts[2::3]
    found = {alert.case_id: alert for alert in sampled(mixed, number, b"salt")}
    assert len(found) == min(number, CASES)
    assert found == {case: alert for case, alert in standing(alerts).items() if case in found}


def test_each_as_likely_however_often_it_is_spoken_of(flagged: Alert) -> None:
    alerts = list(chain.from_iterable(said(flagged, case, 1 + 5 * (case % 2)) for case in range(CASES)))
    drawn = Counter(alert.case_id for salt in range(DRAWS) for alert in sampled(alerts, 4, b"%d" % salt))
    assert len(drawn) == CASES
    expected = DRAWS * 4 / CASES  # 60, with a deviation of 7
    assert all(abs(count - expected) < 5 * 7 for count in drawn.values())
    often = sum(count for case, count in drawn.items() if int(case[5:]) % 2)
    assert abs(often - DRAWS * 2) < 120
