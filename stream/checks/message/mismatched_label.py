"""Links that are shown under another address than the one they open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stream.cues import LABELLED
from stream.model import Finding, HostFacts, Link, Message

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LABELLED
_SHOWN: Final = re.compile(r"(?:^|[\s/@(])((?:[a-z0-9-]+\.)+[a-z]{2,24})(?=$|[\s/:?#),])", re.IGNORECASE)


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding where the label names a host of another registered domain."""
    shown = _SHOWN.search(link.label[:300]) if link.label else None
    if shown is None or not link.host or facts.opaque == "shortener":
        return None
    name = shown[1].lower()
    registrable, _, suffix = rules.suffixes.split(name)
    if not registrable or suffix not in rules.suffixes or registrable == link.registrable:
        return None
    reason = f"The link is shown as {name} but opens {link.host}."
    return Finding("mismatched_label", "url", 2.5, reason, {"shown": name, "opens": link.host})
