"""Forms that anybody can make, beside talk of aid, prizes, accounts or work: they gather identities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import LURE
from stream.lure import told
from stream.model import Finding, HostFacts, Link, Message

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LURE
_BAITS: Final = frozenset(("money", "prize", "verify", "suspend", "bank", "loan"))
_FEWEST: Final = 2


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a form or a page of links next to at least two such lures."""
    said = told(message.text, rules.lures).names
    if len(said) < _FEWEST:
        return None
    host = link.host or ""
    page = f"{host}/{link.path.strip('/').partition('/')[0]}"
    is_form = host in rules.brands.forms or page in rules.brands.forms
    if not is_form and host not in rules.brands.bios:
        return None
    baits = sorted(said & _BAITS)
    if len(baits) < _FEWEST:
        return None
    what = "a form that anybody can make" if is_form else "a page of links"
    return Finding("form_link", "url", 1.5, f"The link opens {what}, and the text presses for data.", {"lures": baits})
