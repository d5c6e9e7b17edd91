"""The line: bytes → messages → links → their facts (host, checks, score, lists) → what the message adds → verdict.

Pure: the same records, rules and lists always give the same outcomes, on every worker, in chunks of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Final, Protocol, TypeAlias

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
from stream.shortcut import Lane, lanes
from stream.sightings import Domains
from stream.wire import decoder

Told: TypeAlias = tuple[int, Outcome]  # of a record, by its place
Tell: TypeAlias = "Callable[[Sequence[Record], Rows | None], list[Told]]"


@dataclass(frozen=True, slots=True)
class Scanner:
    """How the records of one chunk of one topic end.

    `tell` says so of those that don't end as messages without links, which are the most: their places and outcomes, in
    order. With rows, links of which all is known may be left to these, to be counted and told of: their messages then
    end as clean as those without.
    """

    tell: Tell

    def __call__(self, records: Sequence[Record]) -> list[Outcome]:
        """The outcome of each, in the same order."""
        outcomes = [CLEAN] * len(records)
        for at, outcome in self.tell(records, None):
            outcomes[at] = outcome
        return outcomes


class Line(Protocol):
    """Makes the scanner for a list snapshot; `off` names checks that a person switched off for now."""

    def __call__(self, lists: Lists, off: frozenset[str] = frozenset()) -> Scanner: ...


INTERNAL: Final = Outcome("dead", "internal error", "pipeline")
_place: Final = itemgetter(0)


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

        def tell(records: Sequence[Record], rows: Rows | None) -> list[Told]:
            lane = lane_of(records[0].topic) if records else None
            asked, told, heard = lane.shortcut(records, rows) if lane else (range(len(records)), [], [])
            made = {at: records[at] for at in asked}
            for at, message, (reading, judged) in heard:
                record = records[at]
                try:
                    told.append((at, end(record, message, reading, judged)))
                except Exception:  # noqa: BLE001  # the whole line contains it
                    made[at] = record
            outcomes = zip(made, _contained(whole, list(made.values())), strict=True)
            entered = [(at, outcome) for at, outcome in outcomes if outcome is not CLEAN]
            if lane and rows is not None:
                entered = _not_passed(lane, rows, made, entered)
            return sorted(told + entered, key=_place)

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

        return Scanner(tell)

    return with_lists


def _not_passed(lane: Lane, rows: Rows, records: Mapping[int, Record], entered: Sequence[Told]) -> list[Told]:
    """What is left when those that were just learnt have passed: that is sooner than to tell of each by hand."""
    clean, left = list[Told](), list[Told]()
    for each in entered:
        (clean if each[1].kind == "clean" and not each[1].shadow else left).append(each)
    asked, _, heard = lane.shortcut([records[at] for at, _ in clean], rows)
    return left + [clean[at] for at in asked] + [clean[at] for at, *_ in heard]


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
