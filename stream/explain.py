"""What an alert says to people: category, severity, whom it concerns, and one short sentence of reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from stream.model import Finding, HostFacts, Link, Verdict
from stream.packs import Brand

if TYPE_CHECKING:
    from stream.rules import Rules

Category: TypeAlias = Literal[
    "phishing", "malware", "payment_fraud", "giveaway_fraud", "investment_fraud",
    "job_fraud", "loan_fraud", "fake_shop", "other",
]  # fmt: skip
HarmClass: TypeAlias = Literal["financial_fraud", "other"]
Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
GroupKind: TypeAlias = Literal["host", "tenant", "url"]

LONGEST: Final = 240
_FACTS: Final = 3
_MONEY_KINDS: Final = frozenset(
    ("bank", "ewallet", "government")
)  # what is lost with these credentials is money or identity
_CREDENTIAL_SIGNALS: Final = frozenset(("verify", "suspend", "bank"))
_THREATS: Final[dict[str, Category]] = {
    "phishing": "phishing",
    "malware": "malware",
    "fake_shop": "fake_shop",
    "investment": "investment_fraud",
}
_FINANCIAL: Final = frozenset(
    (
        "phishing",
        "malware",
        "payment_fraud",
        "giveaway_fraud",
        "investment_fraud",
        "job_fraud",
        "loan_fraud",
        "fake_shop",
    )
)
_ORDER: Final = {"brand": 0, "lure": 1, "url": 2, "campaign": 3, "list": 4}


class Explained(Struct, frozen=True, gc=False):
    """The words of an alert."""

    category: Category
    lure: str
    harm_class: HarmClass
    severity: Severity
    explanation: str
    brand: Brand | None = None


def explain(link: Link, facts: HostFacts, findings: Sequence[Finding], verdict: Verdict, rules: Rules) -> Explained:
    """The words for one verdict; findings in any order."""
    imitated, story = brand(findings, rules), lure(findings)
    kind = category(findings, story, rules)
    return Explained(
        category=kind,
        lure=story,
        harm_class=harm_class(kind),
        severity=severity(kind, imitated, findings),
        explanation=explanation(kind, link, findings, verdict),
        brand=imitated,
    )


def brand(findings: Sequence[Finding], rules: Rules) -> Brand | None:
    """The brand that is imitated, by the heaviest finding that names one."""
    named = [
        (finding.weight, known)
        for finding in findings
        if (at := finding.source) and at.kind == "brand_pack" and (known := rules.brands.brands.get(at.entry))
    ]
    return max(named, key=_weight)[1] if named else None


def _weight(named: tuple[float, Brand]) -> float:
    return named[0]


def lure(findings: Sequence[Finding]) -> str:
    """The story that the text tells, or nothing."""
    for finding in findings:
        if finding.source and finding.source.kind == "lure_pack":
            return finding.source.entry
    return ""


def category(findings: Sequence[Finding], story: str, rules: Rules) -> Category:
    """What kind of scam it looks like: a file to install, then what a list says, the story, the imitated brand."""
    checks = {finding.check for finding in findings}
    if "apk_download" in checks:
        return "malware"
    families = {finding.family for finding in findings}
    listed = _listed(findings) if "list" in families else ""
    if listed and listed != "phishing":
        return _THREATS.get(listed, "other")
    theme = rules.lures.themes.get(story)
    if theme is not None:
        return theme.category  # type: ignore[return-value]  # closed values, checked by tests/config
    if listed or "brand" in families or "lure_words" in checks:
        return "phishing"
    return (
        "phishing" if any(f.check in ("url_model", "credential_words") and f.weight > 0 for f in findings) else "other"
    )


def _listed(findings: Sequence[Finding]) -> str:
    """The threat that the first of the lists names."""
    return next(str(finding.evidence.get("threat", "")) for finding in findings if finding.family == "list")


def harm_class(kind: Category) -> HarmClass:
    """Financial fraud is priority content under Malaysia's Online Safety Act 2025."""
    return "financial_fraud" if kind in _FINANCIAL else "other"


def severity(kind: Category, imitated: Brand | None, findings: Sequence[Finding]) -> Severity:
    """How much harm a victim would take; says nothing of how sure the verdict is."""
    if kind == "malware" or (imitated and imitated.kind in _MONEY_KINDS):
        return "critical"
    if kind in ("phishing", "payment_fraud", "giveaway_fraud", "fake_shop"):
        return "high"
    return "low" if kind == "other" else "medium"


def group(source: str, link: Link, facts: HostFacts) -> tuple[str, GroupKind, str]:
    """Id, kind and key of what all copies of a scam share: the host, a platform's tenant, or else the address."""
    kind, key = _group(link, facts)
    return hashlib.sha256(f"{source}\0{kind}\0{key}".encode()).hexdigest()[:16], kind, key


def _group(link: Link, facts: HostFacts) -> tuple[GroupKind, str]:
    if facts.tenant:
        return "tenant", facts.tenant
    if facts.opaque or facts.platform or not link.host:
        return "url", link.key
    return "host", link.host


def explanation(
    kind: Category, link: Link, findings: Sequence[Finding], verdict: Verdict, text_kept: bool = True
) -> str:
    """At most 240 characters: whom it imitates and how, what the text asks, tricks, list state, what was not known."""
    sure = {"inferred": "Likely ", "listed": "Listed as ", "analyst": "Blocked as "}[verdict.basis]
    speaking = sorted([finding for finding in findings if finding.weight > 0], key=_telling)
    said = [_clause(finding.reason) for finding in _chosen(speaking)]
    unknown = [] if verdict.basis != "inferred" else ["on no list"]
    unknown += ["page not fetched"] if text_kept else ["text not kept", "page not fetched"]
    head = (sure + kind.replace("_", " ")).capitalize()
    return fitted(head, said, "; ".join(unknown).capitalize() + ".")


def _chosen(speaking: list[Finding]) -> list[Finding]:
    """The heaviest finding of each family first, then others, up to three facts, in the order of telling."""
    if len(speaking) <= _FACTS:
        return speaking
    firsts = {finding.family: finding for finding in reversed(speaking)}
    rest = [finding for finding in speaking if finding is not firsts[finding.family]]
    picked = [*firsts.values(), *sorted(rest, key=lambda finding: -finding.weight)][:_FACTS]
    return sorted(picked, key=lambda finding: _ORDER[finding.family])


def _telling(finding: Finding) -> tuple[int, float]:
    return _ORDER[finding.family], -finding.weight


@lru_cache(1024)
def _clause(reason: str) -> str:
    sentence = reason.rstrip(".")
    words = (
        sentence[:1].lower() + sentence[1:]
        if sentence.startswith(("The ", "Dots ", "A ", "An ", "Your "))
        else sentence
    )
    return words.removeprefix("the ")


def fitted(head: str, said: Sequence[str], unknown: str) -> str:
    """As many of the facts as there is room for, never half of one."""
    for count in range(len(said), -1, -1):
        whole = f"{head}: {'; '.join(said[:count])}. {unknown}" if count else f"{head}. {unknown}"
        if len(whole) <= LONGEST:
            return whole
    return head
