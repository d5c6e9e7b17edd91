"""The sum, its probability, the tiers, and the guards that hold an alert back."""

from __future__ import annotations

import math

import pytest

from stream.model import Family, Finding, Guard, Host, HostFacts
from stream.verdict import VerdictRules, bars, weigher

RULES = VerdictRules()
OWN = HostFacts(Host("kedai.example", "kedai.example"))
SHORT = HostFacts(Host("pendek.example", "pendek.example"), opaque="shortener")
OFFICIAL = HostFacts(Host("bank.example", "bank.example"), brand="bank")


def found(check: str, family: Family, weight: float, **evidence: object) -> Finding:
    return Finding(check, family, weight, "Seen.", evidence)


LURE = found("lure_words", "lure", 6.0)
ADDRESS = found("url_model", "url", 3.0)
BRAND = found("brand_lookalike", "brand", 9.0)
LISTED = found("listed_link", "list", 9.0, kind="url")
SLUG = found("telling_slug", "url", 2.0)


@pytest.mark.parametrize("findings", [(), (LURE,), (LURE, ADDRESS), (found("official_suffix", "url", -2.0),)])
def test_the_probability_can_be_added_up_from_the_findings(findings: tuple[Finding, ...]) -> None:
    verdict = weigher(RULES)(findings, OWN, ())
    total = verdict.intercept + sum(finding.weight for finding in findings)
    assert verdict.total == pytest.approx(total)
    assert verdict.probability == pytest.approx(1 / (1 + math.exp(-total)), abs=1e-6)


@pytest.mark.parametrize(
    ("findings", "facts", "tier"),
    [
        ((LURE, ADDRESS), OWN, "automatic"),
        ((LURE, LURE), OWN, "review"),  # one family
        ((LURE, found("url_model", "url", 0.5)), OWN, "review"),  # a slight doubt is no family
        ((BRAND,), OWN, "automatic"),  # with context of its own
        ((LISTED,), OWN, "automatic"),
        ((found("listed_link", "list", 9.0, kind="host"),), OWN, "review"),
        ((ADDRESS,), OWN, "none"),
        ((LURE, found("brand_in_text", "brand", 2.5)), SHORT, "review"),  # only the text speaks
        ((LURE, SLUG), SHORT, "automatic"),
        ((LURE, ADDRESS, BRAND), OFFICIAL, "none"),
        ((LISTED,), OFFICIAL, "automatic"),
    ],
)
def test_tiers(findings: tuple[Finding, ...], facts: HostFacts, tier: str) -> None:
    assert weigher(RULES)(findings, facts, ()).tier == tier


def test_an_allow_entry_is_a_veto() -> None:
    assert weigher(RULES)((LURE, BRAND), OWN, (Guard("allow_entry", "local"),)).tier == "none"


def test_the_verdict_names_the_bar_that_it_was_held_against() -> None:
    at = bars(RULES)
    assert at.intercept < at.review < at.automatic
    assert weigher(RULES)((LURE, ADDRESS), OWN, ()).threshold == at.automatic
    assert weigher(RULES)((LURE, LURE), OWN, ()).threshold == at.review


@pytest.mark.parametrize("rate", [10, 50, 100, 300, 999, 1_000, 9_999])
def test_fewer_false_alerts_need_a_higher_sum(rate: int) -> None:
    assert RULES.threshold(rate) > RULES.threshold(rate + 1)
