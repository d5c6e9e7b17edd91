"""One link to its verdict: lists, host facts, link checks and the score, each finding by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from stream.checks.load import Checks
from stream.lists import match
from stream.model import Finding, Guard, HostFacts, Link, Lists, Message, Verdict
from stream.outcome import Judged
from stream.reading import Pair
from stream.rules import Rules
from stream.verdict import judge

TEST_HOST: Final = "saring-test.invalid"  # as EICAR is for virus scanners: always flagged, never counted
TEST_FINDING: Final = Finding("test_link", "list", 20.0, "The link is the test link of this system.")

Judge: TypeAlias = Callable[[Pair, HostFacts, Finding | None, Message], Judged]


def judge_for(rules: Rules, checks: Checks, lists: Lists) -> Judge:
    """A function that judges one link with the given lists; checks that are off do not run."""
    link_checks = tuple((name, check) for name, check in checks.link if rules.mode(name) != "off")

    def judged(pair: Pair, facts: HostFacts, scored: Finding | None, message: Message) -> Judged:
        found, link = pair
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
        findings.extend(matched.findings)
        if link.host == TEST_HOST:
            return Judged(found, link, facts, _sure(facts, rules), (TEST_FINDING,), errors=errors, test=True)
        if not findings and not matched.guards:
            return Judged(found, link, facts, errors=errors)
        return _weighed(Judged(found, link, facts, errors=errors), findings, matched.guards, rules)

    return judged


def _weighed(bare: Judged, findings: Sequence[Finding], vetoes: tuple[Guard, ...], rules: Rules) -> Judged:
    live = sorted((f for f in findings if rules.mode(f.check) == "live"), key=_heaviest)
    shadow = [f for f in findings if rules.mode(f.check) == "shadow"]
    verdict = judge(live, bare.facts, rules, vetoes)
    return Judged(bare.found, bare.link, bare.facts, verdict, live, shadow, vetoes, bare.errors)


def _heaviest(finding: Finding) -> tuple[float, str]:
    return (-abs(finding.weight), finding.check)


def _sure(facts: HostFacts, rules: Rules) -> Verdict:
    weighed = judge((TEST_FINDING,), facts, rules, ())
    return Verdict(weighed.probability, weighed.total, weighed.intercept, weighed.threshold, "automatic", "listed")


def would_be(judged: Judged, rules: Rules) -> list[tuple[str, Judged]]:
    """For each shadow check that would lift the link into a tier it is not in: the link as it would be judged."""
    before = judged.verdict.tier if judged.verdict else "none"
    lifted: list[tuple[str, Judged]] = []
    for finding in judged.shadow:
        live = sorted((*judged.live, finding), key=_heaviest)
        verdict = judge(live, judged.facts, rules, judged.vetoes)
        if verdict.tier not in ("none", before) and before != "automatic":
            lifted.append((finding.check, Judged(judged.found, judged.link, judged.facts, verdict, live)))
    return lifted
