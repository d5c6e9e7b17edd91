"""Texts that speak in the name of a brand while the link leads elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from stream.cues import BRAND, LURE
from stream.lure import folded, told
from stream.model import Finding, HostFacts, Link, Message, Source

if TYPE_CHECKING:
    from stream.packs import LurePack
    from stream.rules import Rules

NEEDS: Final = BRAND | LURE
_CLAIMS: Final = frozenset(("verify", "suspend", "urgency", "parcel", "debt", "money", "prize", "bank"))
_WEIGHTS: Final = {"my": 2.5, "sea": 2.0, "global": 1.0}
_OPAQUE: Final = 0.7
_POSED: Final = 0.5
_READ: Final = 400  # who speaks is said at the beginning


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a brand named beside a claim, when the link is on none of the brand's domains."""
    pack, posed = rules.brands, _posed_as(facts)
    if facts.brand or not link.host or (not posed and _claims_nothing(message.text, rules.lures)):
        return None
    named = _brands(folded(message.text[:_READ]), pack.in_texts)
    if not named or pack.unconfirmed_brand(facts.host.name):
        return None
    if posed not in named and _claims_nothing(message.text, rules.lures):
        return None
    brand = pack.brands[posed if posed in named else named[0]]
    weight = _OPAQUE if facts.opaque else _WEIGHTS[brand.region] + (_POSED if posed in named else 0)
    reason = f"The text names {brand.name}, but the link is on none of its domains."
    return Finding(
        "brand_in_text", "brand", weight, reason, {"host": link.host}, Source("brand_pack", "brands", brand.id)
    )


def _claims_nothing(text: str, lures: LurePack) -> bool:
    return told(text, lures).names.isdisjoint(_CLAIMS)


def _posed_as(facts: HostFacts) -> str:
    """The brand that the host carries the name of, or nothing: text and host then tell the same lie."""
    return next((f.source.entry for f in facts.findings if f.check == "brand_lookalike" and f.source), "")


def _brands(text: str, automaton: object) -> Sequence[str]:
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
