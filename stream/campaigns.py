"""One link spreading: many users on one new host within hours. Counts sightings; never feeds a message's verdict.

A group is what sightings are kept under: a domain, or on a shared host the first part of the path. State is bounded and
may be forgotten: then a campaign is told later or not, and no message is lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct, structs

from stream import alert
from stream.alert import Alert
from stream.lists import match
from stream.mapping import of_milliseconds
from stream.model import Finding, FoundLink
from stream.outcome import Judged
from stream.retro import RANK, Again, Present, seen_link, statement, with_reasons
from stream.sighting import Block, Sighting
from stream.verdict import judge

CHECK: Final = "link_campaign"
# Measured on simulated campaigns, see docs/benchmarks.md: log-odds by the number of different users.
WEIGHTS: Final = ((5, 5.0), (3, 4.0))
# What a text must try where the address itself says nothing: shops and schools promise prizes and set dates too.
GRAVE: Final = frozenset(("verify", "suspend", "bank", "parcel", "debt"))
ENOUGH: Final = 7.5  # a sale that promises gifts until tonight comes to six and more, and is shared by very many
ENOUGH_IF_GRAVE: Final = 3.0
IMITATES: Final = 4.0
SAMPLE: Final = 50
SPEAKERS: Final = 1_000  # of one group; more change nothing
EVALUATED: Final = frozenset((3, 4, 5))


class Limits(Struct, frozen=True):
    """From how many users on, in what time, on hosts known for how long, and how many groups are remembered."""

    window_seconds: int = 21_600
    users: int = 3  # two are often one person with two accounts, or a question and its answer
    known_seconds: int = 172_800
    groups: int = 100_000


class Group(Struct):
    """One group being counted."""

    first: int  # milliseconds
    last: int = 0
    messages: int = 0
    speakers: dict[bytes, int] = {}  # who, and when last
    sample: list[str] = []
    strongest: tuple[Block, Sighting] | None = None
    raised: int = 0  # rank of the tier of the alert that was raised


class Counter:
    """The groups of one process; `count` takes in sightings and returns the groups that are worth a look."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        # By what sightings are kept under; seen last is last. A plain dict looks for its first past all that went
        # before, which made each sighting five times as dear once the bound was reached.
        self.groups: OrderedDict[bytes, Group] = OrderedDict()

    def __len__(self) -> int:
        return len(self.groups)

    def forget(self, before: int) -> None:
        """Drop what was not seen since a time in milliseconds."""
        for domain in [domain for domain, group in self.groups.items() if group.last < before]:
            del self.groups[domain]

    def count(self, block: Block) -> list[tuple[bytes, Group]]:
        """Take in a block; groups that have just gained a user and may be campaigns."""
        due: dict[bytes, Group] = {}
        for place, row in enumerate(block.rows()):
            domain = block.domains[8 * place : 8 * place + 8]
            group = self._touch(domain, block.time + row.after)
            if self._take(group, block, row):
                due[domain] = group
        return list(due.items())

    def _touch(self, domain: bytes, time: int) -> Group:
        group = self.groups.pop(domain, None) or Group(time)
        self.groups[domain] = group  # at the end: what was not seen for longest goes first
        if len(self.groups) > self._limits.groups:
            self.groups.popitem(last=False)
        return group

    def _take(self, group: Group, block: Block, row: Sighting) -> bool:
        time = block.time + row.after
        group.last = max(group.last, time)
        group.messages += row.count
        if time - group.first > 1000 * self._limits.known_seconds:
            return False  # known for days, as the footers of SMS gateways are
        speaker = row.user or row.channel.to_bytes(4, "big")
        new = speaker not in group.speakers
        if len(group.speakers) < SPEAKERS or not new:
            group.speakers[speaker] = time
        if len(group.sample) < SAMPLE:
            group.sample.append(row.message or f"{block.topic}/{block.partition}/{block.offset + row.at}")
        before = group.strongest
        if is_suspicious(block, row) and _strength(block, row) > (_strength(*before) if before else 0):
            group.strongest = (structs.replace(block, domains=b"", packed=b""), row)
        if group.strongest is None or (not new and group.raised):
            return False
        users = users_since(group, time - 1000 * self._limits.window_seconds)
        due = before is None or users in EVALUATED or not users & (users - 1)
        return users >= self._limits.users and users > group.raised and due


def is_suspicious(block: Block, row: Sighting) -> bool:
    """Whether enough speaks against it by itself: without this, every video and school form that goes round would do.

    Less is asked where the text makes a grave demand, or where the host imitates a brand.
    """
    found = _telling(block.findings(row))
    total = sum(finding.weight for finding in found)
    if total >= ENOUGH or any(finding.family == "brand" and finding.weight >= IMITATES for finding in found):
        return True
    return total >= ENOUGH_IF_GRAVE and not GRAVE.isdisjoint(block.tried(row))


def _strength(block: Block, row: Sighting) -> float:
    return sum(finding.weight for finding in _telling(block.findings(row)))


def _telling(findings: Iterable[Finding]) -> list[Finding]:
    """Without service words: a notice of a school or shop goes round as a scam does, and is written in them."""
    return [finding for finding in findings if finding.check != "service_words"]


def users_since(group: Group, time: int) -> int:
    """Different users, or channels where there are none, since a time in milliseconds."""
    return sum(last >= time for last in group.speakers.values())


Raised: TypeAlias = Callable[[Group, int], Alert | None]


def raiser(limits: Limits, present: Callable[[], Present]) -> Raised:
    """A function from a group and the time to its alert; None where lists know the host or the sum does not suffice."""

    def raised(group: Group, now: int) -> Alert | None:
        if group.strongest is None:
            return None
        today, (block, row) = present(), group.strongest
        latest = max(group.speakers.values(), default=group.first)
        users = users_since(group, latest - 1000 * limits.window_seconds)
        again = _judged(block, row, users, limits, today)
        if again is None or RANK[again.verdict.tier] <= group.raised:
            return None
        group.raised = RANK[again.verdict.tier]
        return _alert(again, group, users, limits, today, now)

    return raised


def _judged(block: Block, row: Sighting, users: int, limits: Limits, today: Present) -> Again | None:
    link = seen_link(row, None, today)
    if link is None:
        return None
    facts = today.facts(link)
    matched = match.findings(link, facts, today.rules, today.lists)
    if matched.findings:
        return None  # listed: late alerts tell of it
    spread = _finding(users, limits)
    kept = _telling(with_reasons(block, row, link, today))
    live = sorted((*kept, spread), key=lambda finding: (-abs(finding.weight), finding.check))
    verdict = judge(live, facts, today.rules, matched.guards)
    if verdict.tier == "none":
        return None
    judged = Judged(FoundLink(link.url, 0, 0, link.url, found_in="given"), link, facts, verdict, live)
    return Again(block, row, judged, verdict, spread)


def _finding(users: int, limits: Limits) -> Finding:
    weight = next((weight for least, weight in WEIGHTS if users >= least), 0.0)
    hours = limits.window_seconds / 3600
    reason = f"{users} users posted links to it within {hours:g} hours, and it was not seen before."
    return Finding(CHECK, "campaign", weight, reason, {"users": users, "window_seconds": limits.window_seconds})


def _alert(again: Again, group: Group, users: int, limits: Limits, today: Present, now: int) -> Alert:
    said = statement(again, "campaign", "", today, now)
    day = of_milliseconds(group.first)[:10]
    case = alert.case_id(again.block.source, f"campaign:{day}", said.group.key)
    spread = alert.Campaign(limits.window_seconds, group.messages, users, of_milliseconds(group.first), _sample(group))
    return structs.replace(
        said, case_id=case, id=alert.alert_id(case, "campaign", "automatic" if said.tier == "automatic" else "review"),
        campaign=spread,
    )  # fmt: skip


def _sample(group: Group) -> tuple[str, ...]:
    return tuple(group.sample[:SAMPLE])


def alerts_of(counter: Counter, blocks: Sequence[Block], raised: Raised, now: int) -> list[Alert]:
    """The alerts that these blocks lead to; one a group."""
    due = dict(pair for block in blocks for pair in counter.count(block))
    return [said for group in due.values() if (said := raised(group, now))]
