"""From judged links to the end of a message: its alerts, its would-be alerts, its outcome."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from stream import alert, explain
from stream.alert import Alert
from stream.judge import would_be
from stream.mapping import of_milliseconds, rfc3339
from stream.model import Finding, FoundLink, HostFacts, Link, Lists, Message, Record, Verdict
from stream.outcome import Judged, Outcome, Shadowed
from stream.reading import Reading
from stream.redact import defang, excerpt, keyed_hash
from stream.rules import Rules
from stream.score import shown

Ending: TypeAlias = Callable[[Record, Message, Reading, list[Judged]], Outcome]


class Context(Struct, frozen=True, gc=False):
    """Where alerts are raised: one message with its record, under these rules and lists."""

    rules: Rules
    lists: Lists
    record: Record
    message: Message
    reading: Reading
    bounds_hit: tuple[str, ...]
    recorded_at: str  # empty where Kafka has no time of it


def ending_for(rules: Rules, lists: Lists) -> Ending:
    """A function from one message and its judged links to the outcome, alerts included (all but their `time`)."""

    def end(record: Record, message: Message, reading: Reading, judged: list[Judged]) -> Outcome:
        for one in judged:
            if one.shadow or (one.verdict is not None and one.verdict.tier != "none"):
                return raised(record, message, reading, judged)
        said = message if judged else None
        return Outcome("clean", "", "", tuple(judged), (), (), reading.bounds_hit, message.ignored, said)

    def raised(record: Record, message: Message, reading: Reading, judged: list[Judged]) -> Outcome:
        flagged = [(one, one.verdict) for one in judged if one.verdict and one.verdict.tier != "none"]
        lifted = [(check, one, one.verdict) for seen in judged if seen.shadow for check, one in would_be(seen, rules)]
        hit = reading.bounds_hit
        if len(flagged) > rules.bounds.alerts:
            flagged = sorted(flagged, key=_surest)[: rules.bounds.alerts]
            hit = (*hit, "alerts")
        context = Context(rules, lists, record, message, reading, hit, of_milliseconds(record.timestamp))
        return Outcome(
            "flagged" if flagged else "clean",
            judged=tuple(judged),
            alerts=tuple(_alert(context, one, verdict) for one, verdict in flagged),
            shadow=tuple(Shadowed(check, _alert(context, one, verdict)) for check, one, verdict in lifted if verdict),
            bounds_hit=hit,
            ignored=message.ignored,
            message=message,
        )

    return end


def _surest(pair: tuple[Judged, Verdict]) -> tuple[float, str]:
    return (-pair[1].total, pair[0].link.key)


def identity(record: Record, message: Message) -> str:
    """Which message this is within its source: the platform's id, else its place in Kafka with its timestamp."""
    return identity_of(message.id, record.topic, record.partition, record.offset, record.timestamp)


def identity_of(name: str, topic: str, partition: int, offset: int, timestamp: int) -> str:
    """The identity of a message by its id, empty where it has none, and the place of its record."""
    return f"id:{name}" if name else f"at:{topic}/{partition}/{offset}@{timestamp}"


def _alert(context: Context, judged: Judged, verdict: Verdict) -> Alert:
    rules, source = context.rules, context.rules.sources[context.record.topic]
    case = alert.case_id(source.name, identity(context.record, context.message), judged.link.key)
    said = explain.explain(judged.link, judged.facts, judged.live, verdict, rules)
    return Alert(
        id=alert.alert_id(case, "flagged"),
        case_id=case,
        type="flagged",
        time=context.recorded_at or of_milliseconds(0),
        tier="automatic" if verdict.tier == "automatic" else "review",
        basis=verdict.basis,
        probability=verdict.probability,
        score=alert.Score(rules.verdict.base_rate, verdict.intercept, verdict.total, verdict.threshold),
        category=said.category,
        lure=said.lure or None,
        harm_class=said.harm_class,
        severity="low" if judged.test else said.severity,
        explanation=said.explanation,
        brand=alert.AlertBrand(said.brand.id, said.brand.name, said.brand.domains) if said.brand else None,
        message=_message(context, judged.found),
        link=link_of(judged.found, judged.link, judged.facts),
        group=alert.Group(*explain.group(source.name, judged.link, judged.facts)),
        findings=tuple([finding_of(shown(finding, judged.link, rules.model)) for finding in judged.live]),
        guards=tuple([alert.AlertGuard(guard.guard, guard.detail) for guard in verdict.guards]),
        lists=alert.AlertLists(context.lists.checked, hits_of(judged), context.lists.stale),
        versions=versions_of(rules, context.lists),
        test=judged.test,
    )


def hits_of(judged: Judged) -> int:
    """How many findings on the link come from lists."""
    return sum([finding.source is not None and finding.source.kind == "list" for finding in judged.live])


def _message(context: Context, found: FoundLink) -> alert.AlertMessage:
    record, message, rules = context.record, context.message, context.rules
    source = rules.sources[record.topic]
    user = keyed_hash(rules.privacy.user_key, message.user)
    return alert.AlertMessage(
        source=source.name,
        tenant=message.tenant or None,
        id=message.id or None,
        permalink=message.permalink or None,
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        time=rfc3339(message.time, source.time_unit) if message.time else None,
        recorded_at=context.recorded_at or None,
        user=user,
        user_key=rules.privacy.key_name if user else None,
        channel=message.channel or None,
        surface=message.surface,
        lang=message.lang or None,
        links=len(context.reading.pairs),
        bounds_hit=context.bounds_hit,
        excerpt=excerpt(message.text, found, [each for each, _ in context.reading.pairs]),
        text_hmac=keyed_hash(rules.privacy.user_key, message.text),
    )


def link_of(found: FoundLink, link: Link, facts: HostFacts) -> alert.AlertLink:
    """The link as alerts show it."""
    return alert.AlertLink(
        raw=found.raw,
        span=None if found.found_in == "given" else (found.start, found.end),
        url=found.url,
        key=link.key,
        defanged=defang(found.url),
        host=link.host,
        host_unicode=link.host_unicode,
        registrable_domain=link.registrable or None,
        public_suffix=link.suffix or None,
        platform=facts.platform or None,
        kind=link.kind,
        scheme_assumed=found.scheme_assumed,
        rewrites=found.rewrites,
        found_in=found.found_in or None,
    )


def finding_of(finding: Finding) -> alert.AlertFinding:
    """A finding as alerts show it."""
    at = finding.source
    source = alert.AlertSource(at.kind, at.name, at.entry, at.listed_at) if at else None
    evidence = dict(finding.evidence)
    return alert.AlertFinding(finding.check, finding.family, finding.weight, finding.reason, evidence, source)


def versions_of(rules: Rules, lists: Lists) -> alert.AlertVersions:
    """What judged, as alerts name it."""
    named = rules.versions
    snapshot = alert.Snapshot(lists.snapshot, lists.built_at or None)
    return alert.AlertVersions(named.saring, named.checks, named.settings, named.model, snapshot)
