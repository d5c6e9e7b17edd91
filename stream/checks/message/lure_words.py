"""Texts that press their reader the way scams do, next to a link: time limits, verification, parcels, prizes, money."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stream.cues import LURE
from stream.lure import sentence, told
from stream.model import Finding, HostFacts, Link, Message, Source

if TYPE_CHECKING:
    from stream.packs import LurePack
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
    presses, calms, does = _weighed(tuple([name for _, _, name in said.spans]), rules.lures)
    total = presses + calms
    weight = min(OPAQUE if facts.opaque else HIGHEST, presses) + calms
    evidence: dict[str, object] = {"spans": [list(span) for span in said.spans], "lang": said.lang}
    if total > weight:
        evidence["capped_from"] = total
    source = Source("lure_pack", "lures", said.theme or said.spans[0][2])
    return Finding("lure_words", "lure", weight, does, evidence, source)


@lru_cache(4096)
def _weighed(names: tuple[str, ...], pack: LurePack) -> tuple[float, float, str]:
    """How much signals press, how much they calm, and what the text does; scams try the same few of them together."""
    signals = [pack.signals[name] for name in names]
    several = sum([signal.weight >= _STRONG for signal in signals]) >= 2
    presses = sum([signal.weight for signal in signals if signal.weight > 0]) + (_TWO_KINDS if several else 0)
    return presses, sum([signal.weight for signal in signals if signal.weight < 0]), sentence(signals)
