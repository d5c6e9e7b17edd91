"""Links written so that programs overlook them, next to a call to act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import REWRITTEN
from stream.lure import told
from stream.model import Finding, HostFacts, Link, Message

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = REWRITTEN
HIGHEST: Final = 1.5  # people defang links to warn others, so this never weighs more
_HARMLESS: Final = frozenset(("escaped_markup", "percent_encoding", "line_break"))  # programs write these


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for any trick; less where the text asks for nothing."""
    tricks = [trick for trick in link.rewrites if trick not in _HARMLESS]
    if not tricks:
        return None
    said = told(message.text, rules.lures).names
    if "warning" in said:
        return None
    asks = bool(said)
    weight = HIGHEST if asks else 1.0
    beside = " next to a call to act" if asks else ""
    listed = ", ".join(trick.replace("_", " ") for trick in tricks)
    return Finding(
        "obfuscated_link", "url", weight, f"The link was written in disguise ({listed}){beside}.", {"rewrites": tricks}
    )
