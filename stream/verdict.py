"""From findings to a verdict: a sum of log-odds, a probability, a tier, and the guards that held it back."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stream.model import Basis, Finding, Guard, HostFacts, Tier, Verdict

if TYPE_CHECKING:
    from stream.rules import Rules

# Sum of weights that a share of harmless messages reaches, by alerts per million of them: measured on half of the
# development stream, see docs/quality.md. Descending; between two points the logarithm of the rate is linear.
CURVE: Final = ((10, 9.0), (100, 7.0), (300, 6.0), (1_000, 4.8), (10_000, 2.5))
OFFSET: Final = -1.5  # what the weights of the findings of an average scam exceed its true log-odds by
SUFFICIENT: Final = 4.0  # a brand finding of this weight has context of its own: no second family needed


class VerdictRules(Struct, frozen=True):
    """How sure an alert must be: the expected share of scams, and false alerts per million harmless messages."""

    base_rate: float = 0.001
    automatic_per_million: int = 100
    review_per_million: int = 1_000
    curve: tuple[tuple[float, float], ...] = CURVE
    offset: float = OFFSET

    @property
    def intercept(self) -> float:
        """Log-odds of a scam before anything was found."""
        return math.log(self.base_rate / (1 - self.base_rate)) + self.offset

    def threshold(self, per_million: float) -> float:
        """The sum of weights above which at most this many of a million harmless messages lie."""
        rates = [rate for rate, _ in self.curve]
        at = min(max(bisect_left(rates, per_million), 1), len(rates) - 1)
        (low, high_sum), (high, low_sum) = self.curve[at - 1], self.curve[at]
        share = math.log(per_million / low) / math.log(high / low)
        return high_sum + share * (low_sum - high_sum)


def judge(findings: Sequence[Finding], facts: HostFacts, rules: Rules, vetoes: Sequence[Guard]) -> Verdict:
    """The verdict on a link: a pure function of its findings and of what its host is."""
    told = rules.verdict
    total = told.intercept + sum(finding.weight for finding in findings)
    guards = list(vetoes)
    vetoed = any(guard.guard == "allow_entry" for guard in vetoes)
    if facts.brand and not any(overrides_official(finding) for finding in findings):
        vetoed = True
        guards.append(Guard("official_domain", f"{facts.host.name} belongs to {facts.brand}"))
    if facts.opaque:
        guards.append(Guard("opaque_host", f"{facts.host.name} is a {facts.opaque} host: its name is no evidence"))
    tier, threshold = _tier(total, findings, guards, rules)
    probability = 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))
    return Verdict(
        probability=round(probability, 6),
        total=total,
        intercept=told.intercept,
        threshold=threshold,
        tier="none" if vetoed else tier,
        basis=_basis(findings),
        guards=tuple(guards),
    )


def _tier(total: float, findings: Sequence[Finding], guards: list[Guard], rules: Rules) -> tuple[Tier, float]:
    told = rules.verdict
    automatic = told.intercept + told.threshold(told.automatic_per_million)
    review = told.intercept + told.threshold(told.review_per_million)
    if total >= automatic:
        families = sorted({finding.family for finding in findings if finding.weight > 0})
        if len(families) >= 2:
            guards.append(Guard("two_families", ", ".join(families)))
            return "automatic", automatic
        if any(is_sufficient(finding) for finding in findings):
            return "automatic", automatic
        guards.append(Guard("one_family", f"only {families[0]} speaks against it" if families else "nothing found"))
    return ("review" if total >= review else "none"), review


def is_sufficient(finding: Finding) -> bool:
    """Whether a finding carries an automatic alert without one of another family beside it."""
    if finding.family == "list":
        return finding.evidence.get("kind", "url") == "url"
    return finding.family == "brand" and finding.weight >= SUFFICIENT


def overrides_official(finding: Finding) -> bool:
    """Whether a finding counts even on an official domain: its exact address is listed, or it leads elsewhere."""
    return finding.check == "open_redirect" or (finding.family == "list" and is_sufficient(finding))


def _basis(findings: Sequence[Finding]) -> Basis:
    sources = {finding.source.name for finding in findings if finding.family == "list" and finding.source}
    if "local" in sources:
        return "analyst"
    return "listed" if any(finding.family == "list" for finding in findings) else "inferred"
