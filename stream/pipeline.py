"""The line: bytes → messages → links → their facts (host, checks, score, lists) → what the message adds → verdict.

Pure: the same records, rules and lists always give the same outcomes, on every worker, in chunks of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Final, Protocol

from stream.checks.load import Checks, load
from stream.hosts import facts_cache as host_facts_cache
from stream.judge import judge_for
from stream.link_facts import Kept, facts_cache
from stream.mapping import Decoded
from stream.model import Lists, Malformed, Message, Record, Skipped
from stream.native import Rows, look_for
from stream.outcome import CLEAN, Outcome
from stream.reading import NOTHING, Reading, reader_for
from stream.report import ending_for
from stream.rules import Rules
from stream.shortcut import lanes
from stream.sightings import Domains
from stream.wire import decoder


class Scanner(Protocol):
    """How each record of one chunk of one topic ends, in the same order.

    With `rows`, links of which all is known may be left to them, to be counted and told of: their messages then end as
    clean as those without links.
    """

    def __call__(self, records: Sequence[Record], rows: Rows | None = None) -> list[Outcome]: ...


class Line(Protocol):
    """Makes the scanner for a list snapshot; `off` names checks that a person switched off for now."""

    def __call__(self, lists: Lists, off: frozenset[str] = frozenset()) -> Scanner: ...


INTERNAL: Final = Outcome("dead", "internal error", "pipeline")


def scanner(rules: Rules, lists: Lists) -> Scanner:
    """A function from the records of one chunk of one topic to how each of them ends, in the same order."""
    return line(rules)(lists)


def line(rules: Rules, checks: Checks | None = None) -> Line:
    """Scanners by list snapshot over one cache of what hosts and links say by themselves: a swap empties neither."""
    checks = load() if checks is None else checks
    know_host = host_facts_cache(rules, checks)
    decoders = {topic: decoder(source, rules.bounds) for topic, source in rules.sources.items()}
    look = look_for(rules)
    read = reader_for(rules, look)
    kept: dict[frozenset[str], Kept] = {}
    domains = Domains()

    def with_lists(lists: Lists, off: frozenset[str] = frozenset()) -> Scanner:
        braked = rules.without(off)
        if off not in kept:
            kept.clear()  # what links say with other checks at work
        know = facts_cache(braked, checks, lists, know_host, kept.setdefault(off, {}))
        judge, end = judge_for(braked, checks), ending_for(braked, lists)
        lane_of = lanes(look, braked, checks, domains).get

        def scan(records: Sequence[Record], rows: Rows | None = None) -> list[Outcome]:
            lane = lane_of(records[0].topic) if records else None
            if lane is None:
                return _contained(whole, list(records))  # each is looked at more than once
            passed = lane.shortcut(records, rows)
            rest = [records[at] for at, outcome in enumerate(passed) if outcome is None]
            judged = iter(_contained(whole, rest))
            return [next(judged) if outcome is None else outcome for outcome in passed]

        def whole(records: Sequence[Record]) -> list[Outcome]:
            lane = lane_of(records[0].topic) if records else None
            messages = decoders[records[0].topic](records) if records else []
            readings = _readings(messages, read)
            facts = iter(know([link for reading in readings for _, link in reading.pairs]))
            outcomes: list[Outcome] = []
            for record, message, reading in zip(records, messages, readings, strict=True):
                if type(message) is not Message:
                    outcomes.append(_unread(message))
                    continue
                known = list(islice(facts, len(reading.pairs)))
                if reading is NOTHING and not message.ignored:
                    outcome = CLEAN
                else:
                    both = zip(reading.pairs, known, strict=True)
                    links = [judge(pair, fact, message, reading.cues) for pair, fact in both]
                    outcome = end(record, message, reading, links)
                if lane is not None:
                    lane.learn(message, reading, known, outcome)
                outcomes.append(outcome)
            return outcomes

        return scan

    return with_lists


def _readings(messages: Sequence[Decoded], read: Callable[[Sequence[Message]], list[Reading]]) -> list[Reading]:
    """What each holds; what is no message holds nothing."""
    read_ones = [message for message in messages if type(message) is Message]
    if len(read_ones) == len(messages):
        return read(read_ones)
    readings = iter(read(read_ones))
    return [next(readings) if type(message) is Message else NOTHING for message in messages]


def _unread(message: object) -> Outcome:
    if isinstance(message, Malformed):
        return Outcome("dead", message.reason, message.field)
    return Outcome("skipped", message.reason if isinstance(message, Skipped) else "")


def _contained(scan: Callable[[Sequence[Record]], list[Outcome]], records: Sequence[Record]) -> list[Outcome]:
    """A record that breaks the line is halved down to and becomes dead; its neighbours are judged as always."""
    try:
        return scan(records)
    except Exception:  # noqa: BLE001  # the line must be total: what leaves it would be acknowledged unjudged
        if len(records) == 1:
            return [INTERNAL]
        half = len(records) // 2
        return _contained(scan, records[:half]) + _contained(scan, records[half:])
