"""Judging the past again: late alerts from sightings and an entry, retractions from alerts and an entry that is gone.

A verdict is a function of findings, and findings but those of lists were kept: no text is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from msgspec import structs

from stream import alert, explain
from stream.alert import Alert
from stream.lists import match
from stream.lists.entries import Entry, covers_host, covers_rest, host_of
from stream.lure import sentence
from stream.mapping import of_milliseconds
from stream.model import Finding, FoundLink, HostFacts, Link, Lists, Source, Tier, Verdict
from stream.outcome import Judged
from stream.redact import defang
from stream.report import finding_of, hits_of, link_of, versions_of
from stream.rules import Rules
from stream.score import score
from stream.sighting import UNTOLD, Block, Sighting, hidden
from stream.verdict import judge

RANK: Final = {"none": 0, "review": 1, "automatic": 2}
LURE: Final = "lure_words"


class Present(NamedTuple):
    """What the past is judged by: today's rules and lists."""

    rules: Rules
    lists: Lists
    facts: Callable[[Link], HostFacts]
    canonicalize: Callable[[str], Link | None]


class Again(NamedTuple):
    """A sighting as it would be judged today; `cause` is the list finding that made the difference."""

    block: Block
    row: Sighting
    judged: Judged
    verdict: Verdict
    cause: Finding


def covers(entry: Entry, key: str, secret: bytes) -> bool:
    """Whether an entry covers a sighted key, of whose query only the hash is known.

    A prefix that ends within a query can only be told when the whole query is the same.
    """
    host, _, rest = key.partition("/")
    if not covers_host(entry.kind, host_of(entry.key), host):
        return False
    listed = hidden(entry.key, secret).partition("/")[2]
    return entry.kind in ("host", "domain") or covers_rest(entry.kind, "/" + listed, "/" + rest)


def seen_link(row: Sighting, entry: Entry | None, present: Present) -> Link | None:
    """The sighted link; with its query where the entry tells it."""
    key = row.key
    if entry is not None and "?" in entry.key and hidden(entry.key, present.rules.privacy.user_key) == key:
        key = entry.key
    return present.canonicalize(row.url.partition("://")[0] + "://" + key)


def judged_again(block: Block, row: Sighting, entry: Entry | None, present: Present) -> Again | None:
    """The sighting as today's lists judge it; None when they say nothing or it does not rise to a higher tier."""
    link = seen_link(row, entry, present)
    if link is None:
        return None
    facts = present.facts(link)
    matched = match.findings(link, facts, present.rules, present.lists)
    if not matched.findings:
        return None
    verdict = judge([*block.findings(row), *matched.findings], facts, present.rules, matched.guards)
    if RANK[verdict.tier] <= RANK[row.tier]:
        return None
    kept = with_reasons(block, row, link, present)  # costs more than all the rest
    live = sorted((*kept, *matched.findings), key=lambda finding: (-abs(finding.weight), finding.check))
    found = FoundLink(link.url, 0, 0, link.url, found_in="given")
    judged = Judged(found, link, facts, verdict, live, vetoes=matched.guards)
    return Again(block, row, judged, verdict, matched.findings[0])


def with_reasons(block: Block, row: Sighting, link: Link, present: Present) -> list[Finding]:
    """Kept findings; what comes from the address alone gets its reason back, and so does what the text tried.

    The others keep their weight and say that what they saw is gone.
    """
    facts, rules = present.facts(link), present.rules
    [scored] = score([link], [facts], rules.model)
    known = {finding.check: finding for finding in (*facts.findings, *((scored,) if scored else ()))}
    if signals := [rules.lures.signals[name] for name in block.tried(row) if name in rules.lures.signals]:
        source = Source("lure_pack", "lures", signals[0].name)
        known[LURE] = Finding(LURE, "lure", 0.0, sentence(signals), {"signals": block.tried(row)}, source)
    return [
        structs.replace(known[finding.check], weight=finding.weight) if finding.check in known else finding
        for finding in block.findings(row)
    ]


def tellable(findings: Iterable[Finding]) -> list[Finding]:
    """Those of which more than the name was kept: only these are facts for an explanation."""
    return [finding for finding in findings if finding.reason != UNTOLD.format(check=finding.check)]


def late_cause(finding: Finding) -> str:
    """What a late alert is about, the same on every run: the entry and since when it is listed."""
    source = finding.source or Source("list", "", "")
    return f"{source.name}/{source.entry}@{source.listed_at or ''}"


def late_alert(again: Again, occurrences: int, now: int, present: Present, after: str = "") -> Alert:
    """The alert that the entry would have caused; `after` is the id of a retraction that it follows."""
    seen_at = again.block.time + again.row.after
    source = again.cause.source or Source("list", "", "")
    late = alert.Late(
        listed_at=source.listed_at or "",
        delay_seconds=max(0.0, (now - seen_at) / 1000),
        occurrences=occurrences,
        entry=source.entry,
        sequence=present.lists.sequence,
    )
    return structs.replace(statement(again, "late", late_cause(again.cause) + after, present, now), late=late)


def statement(again: Again, kind: alert.AlertType, cause: str, present: Present, now: int) -> Alert:
    """An alert on a sighting: all but what its type adds."""
    block, row, judged, verdict, _ = again
    rules, case = present.rules, block.case_of(row)
    said = explain.explain(judged.link, judged.facts, judged.live, verdict, rules)
    facts = explain.explanation(said.category, judged.link, tellable(judged.live), verdict, text_kept=False)
    return Alert(
        id=alert.alert_id(case, kind, cause),
        case_id=case,
        type=kind,
        time=of_milliseconds(now),
        tier="automatic" if verdict.tier == "automatic" else "review",
        basis=verdict.basis,
        probability=verdict.probability,
        score=alert.Score(rules.verdict.base_rate, verdict.intercept, verdict.total, verdict.threshold),
        category=said.category,
        lure=said.lure or None,
        harm_class=said.harm_class,
        severity=said.severity,
        explanation=facts,
        brand=alert.AlertBrand(said.brand.id, said.brand.name, said.brand.domains) if said.brand else None,
        message=message_of(block, row, rules),
        link=structs.replace(link_of(judged.found, judged.link, judged.facts), found_in=None),
        group=alert.Group(*explain.group(block.source, judged.link, judged.facts)),
        findings=tuple(finding_of(finding) for finding in judged.live),
        guards=tuple(alert.AlertGuard(guard.guard, guard.detail) for guard in verdict.guards),
        lists=alert.AlertLists(present.lists.checked, hits_of(judged), present.lists.stale),
        versions=versions_of(rules, present.lists),
    )


def message_of(block: Block, row: Sighting, rules: Rules) -> alert.AlertMessage:
    """Which message it was; its text was not kept."""
    user = row.user.hex() if len(row.user) == 16 else None
    return alert.AlertMessage(
        source=block.source,
        tenant=None,
        id=row.message or None,
        permalink=None,
        topic=block.topic,
        partition=block.partition,
        offset=block.offset + row.at,
        time=None,
        recorded_at=of_milliseconds(block.time + row.after) or None,
        user=user,
        user_key=rules.privacy.key_name if user else None,
        channel=None,
        surface=row.surface,
        lang=None,
        links=1,
        bounds_hit=(),
        excerpt="",
        text_hmac=None,
    )


def tier_today(said: Alert, present: Present) -> Tier:
    """The tier that an alert's link would be in now: its other findings, and what lists say today."""
    link = present.canonicalize(said.link.url)
    if link is None:
        return "none"
    facts = present.facts(link)
    matched = match.findings(link, facts, present.rules, present.lists)
    kept = [_finding(each) for each in said.findings if each.family != "list"]
    return judge([*kept, *matched.findings], facts, present.rules, matched.guards).tier


def _finding(shown: alert.AlertFinding) -> Finding:
    return Finding(shown.check, shown.family, shown.weight, shown.reason, shown.evidence)


def rests_on(said: Alert, feed: str, key: str) -> bool:
    """Whether an alert names this entry of this feed as evidence."""
    return any(
        each.family == "list" and each.source is not None and each.source.entry == key
        and (each.source.name == feed or feed in each.evidence.get("feeds", ()))
        for each in said.findings
    )  # fmt: skip


def retracted(said: Alert, why: alert.Retracted, now: int) -> Alert:
    """The statement that takes an alert back: a full copy, so that a reader needs nothing else."""
    return structs.replace(
        said,
        id=alert.alert_id(said.case_id, "retracted", f"{why.ref}#{said.id}"),
        type="retracted",
        time=of_milliseconds(now),
        explanation=_taken_back(said, why)[:240],
        retracted=why,
    )


def _taken_back(said: Alert, why: alert.Retracted) -> str:
    link = defang(said.link.host or said.link.url)
    if why.cause == "feedback":
        return f"Taken back: a reviewer says that {link} is harmless."
    return f"Taken back: the list entry for {link} was withdrawn, and nothing else found would raise an alert."
