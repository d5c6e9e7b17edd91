"""Texts in the words of a company to its customers: accounts, offers, deadlines. Friends who share a link seldom do."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stream.cues import SERVICE
from stream.lure import REMEMBERED, SHORT, told
from stream.model import Finding, HostFacts, Link, Message, Source
from stream.sieve import HEARD, folded

if TYPE_CHECKING:
    from stream.packs import LurePack
    from stream.rules import Rules

NEEDS: Final = SERVICE
EACH: Final = 1.0
HIGHEST: Final = 3.0
GAIN: Final = "gain"  # offers and prizes
_AROUND_WORDS: Final = ".,:;!?\"'()[]{}<>*-–—…"


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding that grows with the kinds of such words, never far: a genuine notice has them too."""
    spoken = () if facts.brand else kinds(message.text, rules.lures)
    if GAIN in spoken and "prize" in told(message.text, rules.lures).names:  # the promise of a prize counts once
        spoken = tuple(kind for kind in spoken if kind != GAIN)
    if not spoken:
        return None
    return _finding(spoken, rules.lures)


@lru_cache(1024)
def _finding(spoken: tuple[str, ...], pack: LurePack) -> Finding:
    """One for each of the few sets of kinds that texts hold."""
    about = " and ".join([pack.service_kinds[kind] for kind in spoken[:2]])
    weight = min(HIGHEST, EACH * len(spoken))
    source = Source("lure_pack", "service_words", spoken[0])
    return Finding("service_words", "lure", weight, f"The text speaks of {about}.", {"kinds": list(spoken)}, source)


@lru_cache(8)
def kinds(text: str, pack: LurePack) -> tuple[str, ...]:
    """Kinds of service words in a text, in the order of the pack; remembered as what else it says."""
    return _of_short(text, pack) if len(text) <= SHORT else _of(text, pack)


def _of(text: str, pack: LurePack) -> tuple[str, ...]:
    lower = folded(text[:HEARD])
    words = pack.service_words
    found = {words[word] for word in words.keys() & {piece.strip(_AROUND_WORDS) for piece in lower.split()}}
    if not lower.isascii():
        found.update(kind for _, kind in pack.service_parts.iter(lower))
    return tuple(kind for kind in pack.service_kinds if kind in found)


@lru_cache(REMEMBERED)
def _of_short(text: str, pack: LurePack) -> tuple[str, ...]:
    return _of(text, pack)
