"""One link to its verdict: lists, host facts, link checks and the score, each finding by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec.structs import replace

from stream.checks.load import Checks
from stream.lists import match
from stream.model import Finding, Guard, HostFacts, Lists, Message, Verdict
from stream.outcome import Judged
from stream.reading import Pair
from stream.rules import Rules
from stream.verdict import bars, judge, weigher

TEST_HOST: Final = "saring-test.invalid"  # as EICAR is for virus scanners: always flagged, never counted
TEST_FINDING: Final = Finding("test_link", "list", 20.0, "The link is the test link of this system.")

_ROUNDING: Final = 1e-6  # sums of weights depend on their order in the last digits

Judge: TypeAlias = Callable[[Pair, HostFacts, Finding | None, Message], Judged]


def judge_for(rules: Rules, checks: Checks, lists: Lists) -> Judge:
    """A function that judges one link with the given lists; checks that are off do not run."""
    link_checks = tuple((name, check) for name, check in checks.link if rules.mode(name) != "off")
    weighed = _weighing(rules)

    def judged(pair: Pair, facts: HostFacts, scored: Finding | None, message: Message) -> Judged:
        found, link = pair
        if found.rewrites or found.label:
            link = replace(link, rewrites=found.rewrites, label=found.label)
        findings, errors = list(facts.findings), facts.errors
        for name, check in link_checks:
            try:
                finding = check(link, message, facts, rules)
            except Exception:  # noqa: BLE001  # a broken check is contained: the others still run
                errors = (*errors, name)
                continue
            if finding is not None:
                findings.append(finding)
        if scored is not None:
            findings.append(scored)
        matched = match.findings(link, facts, rules, lists)
        findings += matched.findings
        if link.host == TEST_HOST:
            return Judged(found, link, facts, _sure(facts, rules), (TEST_FINDING,), errors=errors, test=True)
        if not findings and not matched.guards:
            return Judged(found, link, facts, errors=errors)
        return Judged(found, link, facts, *weighed(findings, facts, matched.guards), matched.guards, errors)

    return judged


Weighed: TypeAlias = tuple[Verdict, Sequence[Finding], Sequence[Finding]]


def _weighing(rules: Rules) -> Callable[[Sequence[Finding], HostFacts, tuple[Guard, ...]], Weighed]:
    """A function from all findings of a link to its verdict, the live ones that it rests on, and those in shadow."""
    weigh = weigher(rules.verdict)
    live_checks = frozenset(name for name, mode in rules.modes.items() if mode == "live")
    off_checks = frozenset(name for name, mode in rules.modes.items() if mode == "off")

    def weighed(findings: Sequence[Finding], facts: HostFacts, vetoes: tuple[Guard, ...]) -> Weighed:
        live = [finding for finding in findings if finding.check in live_checks]
        shadow: Sequence[Finding] = ()
        if len(live) < len(findings):
            shadow = [f for f in findings if f.check not in live_checks and f.check not in off_checks]
        if len(live) > 1:
            live.sort(key=_heaviest)
        return weigh(live, facts, vetoes), live, shadow

    return weighed


def _heaviest(finding: Finding) -> tuple[float, str]:
    return (-abs(finding.weight), finding.check)


def _sure(facts: HostFacts, rules: Rules) -> Verdict:
    weighed = judge((TEST_FINDING,), facts, rules, ())
    return Verdict(weighed.probability, weighed.total, weighed.intercept, weighed.threshold, "automatic", "listed")


def would_be(judged: Judged, rules: Rules) -> list[tuple[str, Judged]]:
    """For each shadow check that would lift the link into a tier it is not in: the link as it would be judged."""
    before = judged.verdict
    if before is None or before.tier == "automatic":
        return []
    lifted: list[tuple[str, Judged]] = []
    room = bars(rules.verdict).review - before.total - _ROUNDING
    for finding in judged.shadow:
        if finding.weight < room:
            continue  # as nearly all: not enough for any tier
        live = sorted((*judged.live, finding), key=_heaviest)
        verdict = judge(live, judged.facts, rules, judged.vetoes)
        if verdict.tier not in ("none", before.tier):
            lifted.append((finding.check, Judged(judged.found, judged.link, judged.facts, verdict, live)))
    return lifted
