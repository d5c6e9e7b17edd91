"""What the line costs on one core, without Kafka: whole, by stage, by check, and by kind of traffic.

Times are CPU times. Every chunk is taken through several times and its fastest time counts, so that a neighbour who
takes the processor away does not; cold means that each pass begins with empty caches.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final, TypeVar

from bench.speed_data import Row, chunks_of
from stream.checks.load import load
from stream.encode import written
from stream.hosts import facts_cache as host_facts_cache
from stream.judge import judge_for
from stream.link_facts import facts_cache
from stream.model import HostFacts, Link, Lists, Message
from stream.native import look_for
from stream.outcome import CLEAN, Outcome
from stream.pipeline import scanner
from stream.reading import reader_for
from stream.report import ending_for
from stream.rules import Rules
from stream.shortcut import lanes
from stream.sightings import Domains
from stream.wire import decoder

Item = TypeVar("Item")
Made = TypeVar("Made")
CALIBRATION_TURNS = 200_000


def calibration_seconds(runs: int = 9) -> float:
    """The fastest time of one turn of `for i in range(n): x += i & 7`: what a second of this machine is worth."""
    best = 1.0
    for _ in range(runs):
        began, x = time.thread_time(), 0
        for i in range(CALIBRATION_TURNS):
            x += i & 7
        best = min(best, time.thread_time() - began)
    return best / CALIBRATION_TURNS


def fastest(make: Callable[[], Callable[[Item], Made]], items: Sequence[Item], passes: int) -> tuple[float, list[Made]]:
    """Seconds for all items, each at its fastest of several passes, and what came out; every pass begins anew."""
    best, out = [float("inf")] * len(items), list[Made]()
    for _ in range(passes):
        work, out = make(), []
        for at, item in enumerate(items):
            began = time.thread_time()
            made = work(item)
            best[at] = min(best[at], time.thread_time() - began)
            out.append(made)
    return sum(best), out


def line(rules: Rules, lists: Lists, records: Sequence[Row], passes: int, warm: bool = False) -> float:
    """Microseconds a message from the record's bytes to the bytes of its alerts."""

    def make() -> Callable[[Sequence[Row]], int]:
        scan = scanner(rules, lists)
        if warm:
            for chunk in chunks_of(records):
                scan(chunk)
        return lambda chunk: sum(1 for _ in written(chunk, scan(chunk), "messages", "2026-01-01T00:00:00.000Z", "0"))

    return fastest(make, chunks_of(records), passes)[0] / len(records) * 1e6


STAGES: Final = ("shortcut", "decode", "links", "link facts", "judge", "alerts")


def stages(rules: Rules, lists: Lists, records: Sequence[Row], passes: int) -> dict[str, float]:
    """Microseconds a message in each stage of the line, in place and cold; what takes the shortcut enters no other.

    The first look at what a text says is part of links; lists, score and checks without a message are link facts.
    """
    chunks = chunks_of(records)
    best = [[float("inf")] * len(chunks) for _ in STAGES]
    for _ in range(passes):
        work = _staged(rules, lists)
        for at, chunk in enumerate(chunks):
            times = work(chunk)
            for stage, (begun, ended) in zip(best, pairwise(times), strict=True):
                stage[at] = min(stage[at], ended - begun)
    return {name: round(sum(stage) / len(records) * 1e6, 3) for name, stage in zip(STAGES, best, strict=True)}


def _staged(rules: Rules, lists: Lists) -> Callable[[Sequence[Row]], list[float]]:
    """The line with caches of its own, taken apart: a function from a chunk to the times between its stages."""
    checks, look, source = load(), look_for(rules), rules.sources["messages"]
    lane = lanes(look, rules, checks, Domains()).get(source.topic)
    decode, read = decoder(source, rules.bounds), reader_for(rules, look)
    know = facts_cache(rules, checks, lists, host_facts_cache(rules, checks))
    judge, end, clock = judge_for(rules, checks), ending_for(rules, lists), time.thread_time

    def write(record: Row, outcome: Outcome) -> None:
        for _ in written([record], [outcome], source.name, "2026-01-01T00:00:00.000Z", "0"):
            pass

    def work(chunk: Sequence[Row]) -> list[float]:
        times = [clock()]
        asked, _, heard = lane.shortcut(chunk) if lane else (range(len(chunk)), [], [])
        rest = [chunk[at] for at in asked]
        times.append(clock())
        decoded = decode(rest)
        messages = [each for each in decoded if isinstance(each, Message)]
        rest = [record for record, each in zip(rest, decoded, strict=True) if isinstance(each, Message)]
        times.append(clock())
        readings = read(messages)
        times.append(clock())
        facts = iter(know([link for reading in readings for _, link in reading.pairs]))
        times.append(clock())
        judged = [
            [(judge(pair, fact := next(facts), message, reading.cues), fact) for pair in reading.pairs]
            for message, reading in zip(messages, readings, strict=True)
        ]
        times.append(clock())
        for record, message, reading, links in zip(rest, messages, readings, judged, strict=True):
            outcome = end(record, message, reading, [one for one, _ in links]) if links else CLEAN
            if lane:
                lane.learn(message, reading, [fact for _, fact in links], outcome)
            write(record, outcome)
        for at, message, (reading, before) in heard:
            write(chunk[at], end(chunk[at], message, reading, before))
        times.append(clock())
        return times

    return work


def shares(rules: Rules, records: Sequence[Row], passes: int) -> dict[str, float]:
    """Nanoseconds of each check by itself: once for each link in its message, a host check once for each host.

    Checks that look at what a text says share the look; here each pays for it.
    """
    checks = load()
    decode, read = decoder(rules.sources["messages"], rules.bounds), reader_for(rules)
    facts_of = host_facts_cache(rules, checks)
    messages = [each for chunk in chunks_of(records) for each in decode(chunk) if isinstance(each, Message)]
    work: list[tuple[Link, Message, HostFacts]] = [
        (link, message, facts_of(link))
        for message, reading in zip(messages, read(messages), strict=True)
        for _, link in reading.pairs
    ]
    hosts = list({facts.host.name: facts.host for _, _, facts in work}.values())
    found: dict[str, float] = {}
    for name, host_check, _ in checks.host:
        found[name] = _each(lambda host, check=host_check: check(host, rules), [hosts], passes) / len(hosts)  # type: ignore[misc]  # the default binds the check
    for name, link_check, _ in checks.link:
        found[name] = _each(lambda each, check=link_check: check(each[0], each[2], rules), [work], passes) / len(work)  # type: ignore[misc]  # as above
    for name, message_check, _ in checks.message:
        found[name] = _each(lambda each, check=message_check: check(*each, rules), [work], passes) / len(work)  # type: ignore[misc]  # as above
    return {name: round(seconds * 1e9) for name, seconds in sorted(found.items(), key=lambda each: -each[1])}


def _each(work: Callable[[Any], object], chunks: Sequence[Sequence[Any]], passes: int) -> float:
    return fastest(lambda: lambda chunk: [work(each) for each in chunk], chunks, passes)[0]
