"""What analysts' words say of each check: counted once a word, under every check that spoke for the alert."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Final

import msgspec

from agents.lookback.desk import TOPICS, TYPES, Desk, case_number
from agents.lookback.fetch import Where
from agents.metrics import ALL, Metrics
from stream.alert import Alert
from stream.feedback import Feedback

Fetch = Callable[[Iterable[Where]], Mapping[Where, bytes]]
_alert: Final = msgspec.json.Decoder(Alert)


async def count(meters: Metrics, desk: Desk, fetch: Fetch, word: Feedback) -> None:
    """Count one word."""
    meters.feedback.labels(word.verdict).inc()
    for check in (ALL, *await checks_of(desk, fetch, word)):
        meters.reviewed.labels(check, word.verdict, str(word.sampled).lower()).inc()


async def checks_of(desk: Desk, fetch: Fetch, word: Feedback) -> list[str]:
    """The checks that spoke for the alert that a word is about; none when the alert is gone or never was."""
    said = desk.statements([desk.domain(word.key)]).get(case_number(word.case_id), ()) if word.case_id else ()
    raised = [each for each in said if TYPES[each.type] in ("flagged", "late") and each.offset >= 0]
    if not raised:
        return []
    last = raised[-1]
    values = await asyncio.to_thread(fetch, [Where(desk.topics[TOPICS[last.topic]], last.partition, last.offset)])
    try:
        alert = _alert.decode(next(iter(values.values()), b""))
    except msgspec.DecodeError:
        return []
    return sorted({finding.check for finding in alert.findings if finding.weight > 0})
