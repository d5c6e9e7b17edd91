"""Texts that press their reader the way scams do, next to a link: time limits, verification, parcels, prizes, money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import LURE
from stream.lure import sentence, told
from stream.model import Finding, HostFacts, Link, Message, Source

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LURE
HIGHEST: Final = 9.0
OPAQUE: Final = 5.0  # where the address cannot be judged, the text alone must not outweigh everything
_TWO_KINDS: Final = 2.0
_STRONG: Final = 1.5  # a call to act is no kind of its own


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding that adds up the signals of the text, at most to a fixed height; a warning of scams counts against."""
    said = told(message.text, rules.lures)
    if not said.spans:
        return None
    signals = [rules.lures.signals[name] for name in dict.fromkeys(name for _, _, name in said.spans)]
    several = sum(signal.weight >= _STRONG for signal in signals) >= 2
    presses = sum(signal.weight for signal in signals if signal.weight > 0) + (_TWO_KINDS if several else 0)
    calms = sum(signal.weight for signal in signals if signal.weight < 0)
    total = presses + calms
    weight = min(OPAQUE if facts.opaque else HIGHEST, presses) + calms
    evidence: dict[str, object] = {"spans": [list(span) for span in said.spans], "lang": said.lang}
    if total > weight:
        evidence["capped_from"] = total
    source = Source("lure_pack", "lures", said.theme or signals[0].name)
    return Finding("lure_words", "lure", weight, sentence(signals), evidence, source)
