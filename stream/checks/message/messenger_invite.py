"""Invitations to a messenger beside an offer of work, returns, loans or prizes: the deal is made where nobody looks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import LURE
from stream.lure import told
from stream.model import Finding, HostFacts, Link, Message

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LURE
_OFFERS: Final = frozenset(("job", "invest", "loan", "prize", "money"))


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a messenger link or app link with such an offer."""
    if facts.opaque != "messenger" and link.kind != "app":
        return None
    offers = sorted(told(message.text, rules.lures).names & _OFFERS)
    if not offers:
        return None
    weight = 2.0 if {"job", "invest", "loan"} & set(offers) else 1.0
    reason = "The link opens a messenger chat, and the text makes an offer."
    return Finding("messenger_invite", "url", weight, reason, {"offers": offers})
