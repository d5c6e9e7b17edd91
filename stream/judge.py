"""One link in its message to its verdict: what is known of the link, what the message adds, each finding by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from msgspec.structs import replace

from stream import cues as cue
from stream.checks.load import Checks
from stream.cues import LABELLED, REWRITTEN, SMS, TEST
from stream.link_facts import LinkFacts
from stream.model import Finding, HostFacts, Message, Verdict
from stream.outcome import Judged
from stream.reading import Pair
from stream.rules import Rules
from stream.verdict import bars, judge
from stream.weighing import heaviest, weighing

TEST_FINDING: Final = Finding("test_link", "list", 20.0, "The link is the test link of this system.")

_ROUNDING: Final = 1e-6  # sums of weights depend on their order in the last digits

Judge: TypeAlias = Callable[[Pair, LinkFacts, Message, int], Judged]


def judge_for(rules: Rules, checks: Checks) -> Judge:
    """A function that judges one link in its message, given the cues in its text; checks that are off do not run."""
    asked = cue.asked((each for each in checks.message if rules.mode(each[0]) != "off"), cue.OF_MESSAGES)
    weighed, none_always = weighing(rules), not asked[0]

    def judged(pair: Pair, facts: LinkFacts, message: Message, cues: int) -> Judged:
        found, link = pair
        host, errors = facts.host, facts.errors
        seen = facts.cues | cues | (SMS if message.surface == "sms" else 0)
        if found.rewrites or found.label:
            link = replace(link, rewrites=found.rewrites, label=found.label)
            seen |= (REWRITTEN if found.rewrites else 0) | (LABELLED if found.label else 0)
        elif not seen and none_always:
            verdict, live, shadow = facts.weighed
            return Judged(found, link, host, verdict, live, shadow, facts.vetoes, errors)
        added: list[Finding] = []
        for name, check in asked[seen]:
            try:
                finding = check(link, message, host, rules)
            except Exception:  # noqa: BLE001  # a broken check is contained: the others still run
                errors = (*errors, name)
                continue
            if finding is not None:
                added.append(finding)
        if seen & TEST:
            return Judged(found, link, host, _sure(host, rules), (TEST_FINDING,), errors=errors, test=True)
        outcome = weighed((*facts.findings, *added), host, facts.vetoes) if added else facts.weighed
        return Judged(found, link, host, *outcome, facts.vetoes, errors)

    return judged


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
        live = sorted((*judged.live, finding), key=heaviest)
        verdict = judge(live, judged.facts, rules, judged.vetoes)
        if verdict.tier not in ("none", before.tier):
            lifted.append((finding.check, Judged(judged.found, judged.link, judged.facts, verdict, live)))
    return lifted
