"""Late alerts: new entries against what was seen, and what arrives against entries that its worker did not have yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from agents.lookback.behind import behind
from agents.lookback.desk import Desk, Match, case_number, stand
from agents.lookback.segment import BLOCK, Keys
from agents.lookback.store import keys_of
from stream.alert import Alert
from stream.lists.entries import Entry
from stream.model import Record
from stream.retro import RANK, Again, covers, judged_again, late_alert
from stream.sighting import Block, Sighting, unpack


def matches(desk: Desk, entries: Iterable[Entry]) -> Iterator[Match]:
    """The sightings that these entries cover and that were not alerted when they were judged."""
    by_domain: dict[bytes, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_domain[desk.domain(entry.key)].append(entry)
    domains, secret = sorted(by_domain), desk.rules.privacy.user_key
    for segment, which, rows in desk.seen.find(keys_of(domains)) if domains else ():
        order = np.argsort(rows[BLOCK], kind="stable")
        number, block, sightings = -1, None, list[Sighting]()
        for place in order.tolist():
            if rows[BLOCK][place] != number:
                number = int(rows[BLOCK][place])
                block = unpack(segment.block(number))
                sightings = block.rows() if block else []
            if block is None:
                continue
            domain, row = domains[which[place]], sightings[int(rows["row"][place])]
            yield from _covered(by_domain[domain], domain, block, row, secret)


def _covered(entries: Sequence[Entry], domain: bytes, block: Block, row: Sighting, secret: bytes) -> Iterator[Match]:
    if row.tier == "automatic":
        return
    for entry in entries:
        if covers(entry, row.key, secret):
            yield Match(entry, domain, block, row)


def lates(desk: Desk, found: Iterable[Match], summary_above: int) -> list[Alert]:
    """The alerts for these matches: one a case, none where one stands; above a number one for the whole entry."""
    by_entry: dict[tuple[str, str, str], list[Match]] = defaultdict(list)
    for match in found:
        by_entry[match.entry.feed, match.entry.kind, match.entry.key].append(match)
    said = desk.statements(match.domain for group in by_entry.values() for match in group[:1])
    judging = _Judging(desk)
    alerts: dict[str, Alert] = {}
    for group in by_entry.values():
        group.sort(key=lambda match: (match.block.time + match.row.after, match.block.offset + match.row.at))
        whole = len({match.block.case_of(match.row) for match in group}) > summary_above
        for match in group[:1] if whole else group:
            case = match.block.case_of(match.row)
            if case in alerts:
                continue
            stands = stand(said.get(case_number(case), ()))
            again = judging.again(match)
            if again is None or RANK[again.verdict.tier] <= RANK[stands.tier]:
                continue
            count = sum(each.row.count for each in group) if whole else match.row.count
            after = f"+{stands.retractions}" if stands.retractions else ""
            alerts[case] = late_alert(again, count, desk.now(), judging.present, after)
    for alert in alerts.values():
        desk.utter(alert)
    return list(alerts.values())


class _Judging:
    """Judges equal links with equal findings once."""

    def __init__(self, desk: Desk) -> None:
        self.present = desk.present()
        self._known: dict[tuple[str, tuple[int, ...], tuple[str, ...], str, str], Again | None] = {}

    def again(self, match: Match) -> Again | None:
        block, row = match.block, match.row
        key = (row.key, row.findings, block.checks, row.tier, match.entry.key)
        if key not in self._known:
            self._known[key] = judged_again(block, row, match.entry, self.present)
        known = self._known[key]
        return known._replace(block=block, row=row) if known else None


@dataclass
class Watch:
    """Entries that a worker may not have had when it judged what arrives now."""

    sequence: int = 0
    base: int = 0  # the first sequence whose base is today's
    keys: Keys = field(default_factory=lambda: np.empty(0, "<u8"))
    local: frozenset[bytes] = frozenset()
    entries: dict[bytes, list[Entry]] = field(default_factory=dict)

    def arriving(self, desk: Desk, record: Record) -> list[Match]:
        """Sightings of one record that entries cover of which their worker did not know."""
        block = unpack(record.value)
        if block is None:
            return []
        if desk.seen.taken((record.topic, record.partition), record.offset):
            desk.seen.add_block(block.domains, record.timestamp, record.value or b"")
        if block.sequence < self.base:
            return list(behind(desk, block))
        hits = self._hits(block)
        if not hits:
            return []
        rows, secret = block.rows(), desk.rules.privacy.user_key
        return [
            match
            for place, domain in hits
            for match in _covered(self.entries[domain], domain, block, rows[place], secret)
        ]

    def _hits(self, block: Block) -> list[tuple[int, bytes]]:
        if not len(self.keys):
            return []
        domains = np.frombuffer(block.domains, "<u8")
        near = np.searchsorted(self.keys, domains)
        places = np.flatnonzero(self.keys[np.minimum(near, len(self.keys) - 1)] == domains).tolist()
        hits = [(place, block.domains[8 * place : 8 * place + 8]) for place in places]
        # Local entries have no sequence: only the verdict tells whether the worker had them.
        return hits if block.sequence < self.sequence else [hit for hit in hits if hit[1] in self.local]


def watch_for(desk: Desk, listed: Iterable[Entry], local: Iterable[Entry], since: tuple[int, int]) -> Watch:
    """What to look out for: entries since the base was made, and those made by hand. `since` are the sequences of the
    lists and of their base."""
    entries: dict[bytes, list[Entry]] = defaultdict(list)
    own = set()
    for entry in listed:
        entries[desk.domain(entry.key)].append(entry)
    for entry in local:
        domain = desk.domain(entry.key)
        own.add(domain)
        entries[domain].append(entry)
    keys = np.sort(keys_of(list(entries))) if entries else Watch().keys
    return Watch(*since, keys, frozenset(own), dict(entries))
