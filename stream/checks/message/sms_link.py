"""Links in SMS: since September 2024 no SMS in Malaysia may carry one, so a sender who does is hardly genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SMS
from stream.lure import told
from stream.model import Finding, HostFacts, Link, Message

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SMS
_OURS: Final = frozenset(("ms", "zh", "ta"))
_FINDING: Final = Finding("sms_link", "url", 1.0, "The message is an SMS with a link, which Malaysia forbids.", {})


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for an SMS in Malaysia: by its language, or by ringgit or a Malaysian brand in it."""
    if message.surface != "sms" or facts.brand:
        return None
    if message.lang in _OURS or "rm" in message.text.lower() or told(message.text, rules.lures).lang in _OURS:
        return _FINDING
    return None
