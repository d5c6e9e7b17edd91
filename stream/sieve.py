"""A first look at a text: may any phrase of a lure pack be in it. Few texts hold one, and looking closely is dear.

Each phrase is known by one of its parts, its anchor, and each word of that part by its longest run of letters and
digits, cut short. A text without such a run cannot hold the phrase.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Final, TypeAlias

import ahocorasick
from msgspec import Struct

if TYPE_CHECKING:
    from stream.packs import Automaton, LurePack

MaySpeak: TypeAlias = Callable[[str], bool]

_HEAD: Final = 5  # characters of a run that are compared
_RUN: Final = re.compile(r"[a-z0-9]+")
_SPACED: Final = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))


class Anchor(Struct, frozen=True):
    """A word that one part of a phrase may be, and the heads of which each other part needs one."""

    word: str
    others: tuple[frozenset[str], ...]


def sieve(pack: LurePack) -> MaySpeak:
    """A function that says of a folded text whether some phrase may be in it; never no where one is."""
    anchors = anchors_of(pack)
    named = anchors.keys()
    headless = anchors.get("", ())
    foreign = _foreign_words(pack)

    def may_speak(lower: str) -> bool:
        if not lower.isascii() and next(foreign.iter(lower), None) is not None:
            return True
        text = without_addresses(lower) if "://" in lower else lower
        runs = text.encode("ascii", "replace").translate(_SPACED).decode().split()
        heads = [run[:_HEAD] for run in runs]
        if not named.isdisjoint(heads):
            for head in heads:
                if head in anchors and _is_one_met(anchors[head], text, heads):
                    return True
        return bool(headless) and _is_one_met(headless, text, heads)

    return may_speak


def _is_one_met(anchors: Sequence[Anchor], text: str, heads: Sequence[str]) -> bool:
    return any(True for each in anchors if each.word in text and not any(map(_missing, each.others, repeat(heads))))


def _missing(part: frozenset[str], heads: Sequence[str]) -> bool:
    return "" not in part and part.isdisjoint(heads)  # a word without a run of its own stands under no head


def anchors_of(pack: LurePack) -> Mapping[str, tuple[Anchor, ...]]:
    """The anchors of all phrases that ASCII words alone can make, by head."""
    parts: dict[int, dict[int, list[tuple[str, bool]]]] = {}
    for word, (_, is_open, places) in pack.automaton.items():
        if word.isascii():
            for phrase, part in places:
                parts.setdefault(phrase, {}).setdefault(part, []).append((word, is_open))
    found: dict[str, list[Anchor]] = {}
    for phrase, words in parts.items():
        if len(words) < pack.phrases[phrase].parts:
            continue
        rarest = max(words, key=lambda part: min((len(_head(*each)), len(each[0])) for each in words[part]))
        others = tuple(frozenset(_head(*each) for each in each_part) for at, each_part in words.items() if at != rarest)
        for word, is_open in words[rarest]:
            found.setdefault(_head(word, is_open), []).append(Anchor(word, others))
    return {head: tuple(each) for head, each in found.items()}


def _head(word: str, is_open: bool) -> str:
    """The longest run of a word that a text which holds the word has under the same head; "" if there is none."""
    runs = [
        match[0] for match in _RUN.finditer(word) if len(match[0]) >= _HEAD or not is_open or match.end() < len(word)
    ]
    return max(runs, key=len, default="")[:_HEAD]


def without_addresses(text: str) -> str:
    """The text without most of its addresses: what stands between blanks and holds a scheme."""
    at = text.find("://")
    while at >= 0:
        start, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
        end = len(text) if end < 0 else end
        piece = text[start:end]
        if piece.isascii() and piece.isprintable():  # else a line break may be inside
            text = f"{text[:start]} {text[end:]}"
            at = text.find("://", start)
        else:
            at = text.find("://", at + 3)
    return text


def _foreign_words(pack: LurePack) -> Automaton:
    """The words that only a text outside ASCII can hold."""
    words = ahocorasick.Automaton()
    for word, value in pack.automaton.items():
        if not word.isascii():
            words.add_word(word, value)
    words.make_automaton()
    return words
