"""From all findings of a link to what they come to: the verdict, the live ones that it rests on, those in shadow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from stream import score
from stream.model import Finding, Guard, HostFacts, Verdict
from stream.verdict import weigher

if TYPE_CHECKING:
    from stream.rules import Rules

Weighed: TypeAlias = tuple[Verdict | None, Sequence[Finding], Sequence[Finding]]  # verdict, live, shadow

SILENCE: Final[Weighed] = (None, (), ())


def weighing(rules: Rules) -> Callable[[Sequence[Finding], HostFacts, tuple[Guard, ...]], Weighed]:
    """A function from the findings of a link and the guards that lists raised to the verdict and its live findings,
    heaviest first, and those in shadow."""
    weigh = weigher(rules.verdict)
    live_checks = frozenset(name for name, mode in rules.modes.items() if mode == "live")
    off_checks = frozenset(name for name, mode in rules.modes.items() if mode == "off")
    alone: dict[float, tuple[Finding, Weighed]] = {}  # by weight

    def weighed(findings: Sequence[Finding], facts: HostFacts, vetoes: tuple[Guard, ...]) -> Weighed:
        if not vetoes:
            if not findings:
                return SILENCE
            if len(findings) == 1 and findings[0].check == score.CHECK and not facts.opaque and not facts.brand:
                return likeness(findings[0], facts)
        return all_of(findings, facts, vetoes)

    def likeness(finding: Finding, facts: HostFacts) -> Weighed:
        """Of seven new links in ten the model alone says something, and that is one of some eighty findings."""
        known = alone.get(finding.weight)
        if known is None or known[0] is not finding:
            known = alone[finding.weight] = finding, all_of((finding,), facts, ())
        return known[1]

    def all_of(findings: Sequence[Finding], facts: HostFacts, vetoes: tuple[Guard, ...]) -> Weighed:
        live = [finding for finding in findings if finding.check in live_checks]
        shadow: Sequence[Finding] = ()
        if len(live) < len(findings):
            shadow = [f for f in findings if f.check not in live_checks and f.check not in off_checks]
        if len(live) > 1:
            live.sort(key=heaviest)
        return weigh(live, facts, vetoes), live, shadow

    return weighed


def heaviest(finding: Finding) -> tuple[float, str]:
    """The order of findings in an alert, the same on every worker."""
    return (-abs(finding.weight), finding.check)
