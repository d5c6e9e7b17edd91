"""From findings to a verdict: a sum of log-odds, a probability, a tier, and the guards that held it back."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from stream.model import Basis, Finding, Guard, HostFacts, Tier, Verdict

if TYPE_CHECKING:
    from stream.rules import Rules

# Sum of weights that a share of harmless messages reaches, by alerts per million of them: a little above what the
# development stream gave (docs/quality.md). Descending; the logarithm of the rate is linear in between.
CURVE: Final = ((10, 8.0), (100, 6.0), (300, 4.9), (1_000, 3.8), (10_000, 2.0))
# Measured (docs/quality.md): where alerts are, the sum is the log-odds of a scam; far below it says more than is so.
OFFSET: Final = 0.0
DOUBT: Final = 1.5  # what the address must weigh to count as a family of its own: small senders reach 1.3
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


Weigh: TypeAlias = Callable[[Sequence[Finding], HostFacts, Sequence[Guard]], Verdict]


class Bars(Struct, frozen=True):
    """The rules as sums: what a link begins with, and from where on it is in a tier."""

    intercept: float
    automatic: float
    review: float


@lru_cache(8)
def bars(told: VerdictRules) -> Bars:
    """The bars of these rules, worked out once: every link is held against them."""
    start = told.intercept
    return Bars(
        start, start + told.threshold(told.automatic_per_million), start + told.threshold(told.review_per_million)
    )


def judge(findings: Sequence[Finding], facts: HostFacts, rules: Rules, vetoes: Sequence[Guard]) -> Verdict:
    """The verdict on a link: a pure function of its findings and of what its host is."""
    return weigher(rules.verdict)(findings, facts, vetoes)


@lru_cache(8)
def weigher(told: VerdictRules) -> Weigh:
    """A function from the findings of a link to its verdict under these rules."""
    at = bars(told)

    @lru_cache(4096)
    def quiet(total: float, basis: Basis) -> Verdict:
        """Most links end below every tier and without a guard: their sums are few, each verdict is made once."""
        return Verdict(_probability(total), total, at.intercept, at.review, "none", basis)

    def weigh(findings: Sequence[Finding], facts: HostFacts, vetoes: Sequence[Guard]) -> Verdict:
        total = at.intercept + sum([finding.weight for finding in findings])
        if total < at.review and not vetoes and not facts.opaque and not facts.brand:
            return quiet(total, _basis(findings))
        guards = [*vetoes, *_host_guards(facts, findings)]
        tier, threshold = _tier(total, findings, guards, at, bool(facts.opaque))
        vetoed = any(guard.guard in _VETOES for guard in guards)
        return Verdict(
            _probability(total),
            total,
            at.intercept,
            threshold,
            "none" if vetoed else tier,
            _basis(findings),
            tuple(guards),
        )

    return weigh


_VETOES: Final = frozenset(("allow_entry", "official_domain"))
_OF_ADDRESSES: Final = frozenset(
    ("apk_download", "brand_in_path", "mismatched_label", "open_redirect", "telling_slug", "userinfo_host")
)


def _probability(total: float) -> float:
    return round(1 / (1 + math.exp(-max(-60.0, min(60.0, total)))), 6)


def _host_guards(facts: HostFacts, findings: Sequence[Finding]) -> list[Guard]:
    guards: list[Guard] = []
    if facts.brand and not any(overrides_official(finding) for finding in findings):
        guards.append(Guard("official_domain", f"{facts.host.name} belongs to {facts.brand}"))
    if facts.opaque:
        guards.append(Guard("opaque_host", f"{facts.host.name} is a {facts.opaque} host: its name is no evidence"))
    return guards


def _tier(total: float, findings: Sequence[Finding], guards: list[Guard], at: Bars, opaque: bool) -> tuple[Tier, float]:
    if total >= at.automatic:
        families = _speaking(findings)
        if opaque and not any(says_where(finding) for finding in findings):
            guards.append(Guard("text_only", "only the text speaks against it: the address cannot be judged"))
        elif len(families) >= 2:
            guards.append(Guard("two_families", ", ".join(families)))
            return "automatic", at.automatic
        elif any(is_sufficient(finding) for finding in findings):
            return "automatic", at.automatic
        else:
            guards.append(Guard("one_family", f"only {families[0]} speaks against it" if families else "nothing found"))
    return ("review" if total >= at.review else "none"), at.review


def _speaking(findings: Sequence[Finding]) -> list[str]:
    """Families that speak against the link; a slight doubt about the address is none, nearly every new one has it."""
    families = {finding.family for finding in findings if finding.weight > 0}
    if sum([finding.weight for finding in findings if finding.family == "url"]) < DOUBT:
        families.discard("url")
    return sorted(families)


def says_where(finding: Finding) -> bool:
    """Whether a finding is about the address on a shared host: then the text alone does not carry the alert."""
    return finding.family in ("list", "campaign") or finding.check in _OF_ADDRESSES


def is_sufficient(finding: Finding) -> bool:
    """Whether a finding carries an automatic alert without one of another family beside it."""
    if finding.family == "list":
        return finding.evidence.get("kind", "url") == "url"
    return finding.family == "brand" and finding.weight >= SUFFICIENT


def overrides_official(finding: Finding) -> bool:
    """Whether a finding counts even on an official domain: its exact address is listed, or it leads elsewhere."""
    return finding.check == "open_redirect" or (finding.family == "list" and is_sufficient(finding))


def _basis(findings: Sequence[Finding]) -> Basis:
    for finding in findings:
        if finding.family == "list":
            break
    else:
        return "inferred"
    listed = [finding.source for finding in findings if finding.family == "list"]
    return "analyst" if any(source is not None and source.name == "local" for source in listed) else "listed"
