"""Taking alerts back: those whose list entry was withdrawn, and those that an analyst called false."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from agents.lookback.desk import TOPICS, TYPES, Desk, Statement, stand
from agents.lookback.fetch import Where
from stream.alert import Alert, Retracted
from stream.feedback import Feedback, covers
from stream.lists.entries import Entry
from stream.retro import RANK, Present, rests_on, retracted, tier_today

GRACE_MS: Final = 60_000  # alerts that workers raised before a word had reached them
MOST_UNSEEN: Final = 20_000
_TRIES: Final = 20
_TRY_SECONDS: Final = 0.25

Fetch = Callable[[Iterable[Where]], dict[Where, bytes]]
Reason = Callable[[Alert], Retracted | None]

_alert: Final = msgspec.json.Decoder(Alert)


async def taken_back(desk: Desk, fetch: Fetch, domains: Sequence[bytes], reason: Reason, until: int) -> list[Alert]:
    """Retractions of the alerts on these domains for which there is a reason, said up to a time in milliseconds."""
    standing = await _standing(desk, domains, until)
    places = {
        Where(desk.topics[TOPICS[each.topic]], each.partition, each.offset) for each in standing if each.offset >= 0
    }
    values = await asyncio.to_thread(fetch, places) if places else {}
    now, found = desk.now(), list[Alert]()
    for value in values.values():
        said = _decoded(value)
        if said is not None and (why := reason(said)):
            found.append(retracted(said, why, now))
    return sorted(found, key=lambda alert: alert.id)


async def _standing(desk: Desk, domains: Sequence[bytes], until: int) -> list[Statement]:
    """The last alert of each case and topic that was not taken back. What we have just said has no place yet: wait."""
    found: list[Statement] = []
    for _ in range(_TRIES):
        said = desk.statements(domains)
        found = [each for case in said.values() for each in last_standing(case) if each.time <= until]
        if all(each.offset >= 0 for each in found):
            break
        await asyncio.sleep(_TRY_SECONDS)
    return found


def last_standing(said: Sequence[Statement]) -> list[Statement]:
    """For each topic the alert of one case that stands; none when the case was taken back."""
    if stand(said).tier == "none":
        return []
    last: dict[int, Statement] = {}
    for each in said:
        if TYPES[each.type] in ("flagged", "late", "campaign"):
            last[each.topic] = each
    return list(last.values())


async def unseen(desk: Desk, fetch: Fetch, since: int) -> list[Entry]:
    """Entries that alerts since a time in milliseconds rest on, and that are listed no more.

    They came and went while nobody looked, or right before a crash: no comparison of two sets of lists shows them.
    """
    said: dict[int, list[Statement]] = defaultdict(list)
    for rows in desk.said.rows():
        for row in rows[rows["time"] >= since].tolist():
            said[row[0]].append(Statement(*row))
    standing = [each for case in said.values() for each in last_standing(sorted(case, key=lambda one: one.time))]
    latest = sorted(standing, key=lambda one: -one.time)[:MOST_UNSEEN]
    places = {Where(desk.topics[TOPICS[each.topic]], each.partition, each.offset) for each in latest}
    values = await asyncio.to_thread(fetch, places) if places else {}
    present = desk.present()
    alerts = [alert for value in values.values() if (alert := _decoded(value))]
    return list({(entry.feed, entry.key): entry for alert in alerts for entry in _absent(alert, present)}.values())


def _absent(said: Alert, present: Present) -> Iterator[Entry]:
    """What an alert says is listed and is not; a feed that is paused says nothing."""
    link = present.canonicalize(said.link.url)
    listed = {(hit.feed, hit.entry) for hit in present.lists.find(link)} if link else set()
    for each in said.findings:
        source = each.source
        if each.family == "list" and source and (source.name, source.entry) not in listed:
            yield Entry(source.name, "host", source.entry, listed_at=source.listed_at or "")


def _decoded(value: bytes) -> Alert | None:
    try:
        return _alert.decode(value)
    except msgspec.DecodeError:
        return None


def withdrawn(desk: Desk, entries: Sequence[Entry]) -> Reason:
    """The reason of alerts that rest on one of these entries and would not be raised without it."""
    present = desk.present()

    def reason(said: Alert) -> Retracted | None:
        for entry in entries:
            if rests_on(said, entry.feed, entry.key):
                if RANK[tier_today(said, present)] >= RANK[said.tier]:
                    return None
                return Retracted("delisted", f"{entry.feed}/{entry.key}@{entry.listed_at}", entry.raw)
        return None

    return reason


def called_false(feedback: Feedback) -> Reason:
    """The reason of alerts that a word extends to."""

    def reason(said: Alert) -> Retracted | None:
        return Retracted("feedback", feedback.id, feedback.note) if covers(feedback, said.link.key) else None

    return reason
