"""Texts that speak in the name of a brand while the link leads elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.lure import folded, told
from stream.model import Finding, HostFacts, Link, Message, Source

if TYPE_CHECKING:
    from stream.rules import Rules

_CLAIMS: Final = frozenset(("verify", "suspend", "urgency", "parcel", "debt", "money", "prize", "bank"))
_READ: Final = 400  # who speaks is said at the beginning


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a brand named beside a claim, when the link is on none of the brand's domains."""
    pack = rules.brands
    if facts.brand or not link.host or pack.unconfirmed_brand(link.host):
        return None
    said = told(message.text, rules.lures)
    if not said.spans or not said.names & _CLAIMS:  # asked first: few texts claim anything, and all checks share it
        return None
    named = _brands(folded(message.text[:_READ]), pack.in_texts)
    if not named:
        return None
    brand = pack.brands[named[0]]
    weight = 0.7 if facts.opaque else {"my": 2.5, "sea": 2.0}.get(brand.region, 1.0)
    reason = f"The text names {brand.name}, but the link is on none of its domains."
    return Finding(
        "brand_in_text", "brand", weight, reason, {"host": link.host}, Source("brand_pack", "brands", brand.id)
    )


def _brands(text: str, automaton: object) -> list[str]:
    """Brands named as whole words, in order of appearance."""
    found = []
    for last, (length, brand) in automaton.iter(text):  # type: ignore[attr-defined]  # ahocorasick has no types
        start, end = last + 1 - length, last + 1
        if not _joined(text, start - 1) and not _joined(text, end):
            found.append(brand)
    return found


def _joined(text: str, at: int) -> bool:
    return (
        0 <= at < len(text) and (text[at].isalnum() or text[at] in ".-/@") and text[at] < "\u0b00" and text[at] != "."
    )
