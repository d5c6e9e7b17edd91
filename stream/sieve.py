"""A first look at a text: may any phrase of a lure pack be in it. Few texts hold one, and looking closely is dear.

Each phrase is known by one of its parts, its anchor. A text in which no word of an anchor stands alone cannot hold the
phrase; where one does, each other part needs a word that begins as one of the text does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import ahocorasick

if TYPE_CHECKING:
    from stream.packs import Automaton, LurePack

MaySpeak: TypeAlias = Callable[[str], bool]
Others: TypeAlias = tuple[frozenset[str], ...]  # for each part besides the anchor: heads of which one is needed

_HEAD: Final = 5  # characters of a run that are compared
_RUN: Final = re.compile(r"[a-z0-9]+")
_SPACED: Final = bytes(code if code < 128 and chr(code).isalnum() else 32 for code in range(256))
# Words in which digits stand for letters (`b4ntuan`, `1nvest4si`): letter, digit, letter, or digit, letter, digit.
_DIGIT: Final = re.compile("[013457]")
_DIGITS_AS_LETTERS: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]+[013457]+[a-z]|[013457]+[a-z]+[013457])[a-z0-9]*+")
_LETTERS: Final = str.maketrans("013457", "oieast")


def sieve(pack: LurePack) -> MaySpeak:
    """A function that says of a folded text whether some phrase may be in it; never no where one is."""
    look = _automaton(anchors_of(pack)).iter
    foreign = _foreign_words(pack)

    def may_speak(lower: str) -> bool:
        if not lower.isascii() and next(foreign.iter(lower), None) is not None:
            return True
        text = with_letters(without_addresses(lower) if "://" in lower else lower)
        words = _spaced(text)
        heads: frozenset[str] | None = None
        for _, anchored in look(words):
            if heads is None:
                heads = frozenset([run[:_HEAD] for run in words.split()])
            for others in anchored:
                if not any(part.isdisjoint(heads) for part in others):
                    return True
        return False

    return may_speak


def with_letters(lower: str) -> str:
    """The text with the letters that digits inside its words stand for."""
    if _DIGIT.search(lower) is None:
        return lower
    return _DIGITS_AS_LETTERS.sub(lambda match: match[0].translate(_LETTERS), lower)


def _spaced(text: str) -> str:
    """Its words between single blanks or more: whatever is no ASCII letter or digit is one."""
    return f" {text.encode('ascii', 'replace').translate(_SPACED).decode()} "


def anchors_of(pack: LurePack) -> Mapping[str, tuple[Others, ...]]:
    """For each word of an anchor, as it stands between blanks, what else its phrases need; of ASCII phrases only."""
    parts: dict[int, dict[int, list[tuple[str, bool]]]] = {}
    for word, (_, is_open, places) in pack.automaton.items():
        if word.isascii():
            for phrase, part in places:
                parts.setdefault(phrase, {}).setdefault(part, []).append((word, is_open))
    found: dict[str, list[Others]] = {}
    for phrase, words in parts.items():
        if len(words) < pack.phrases[phrase].parts:
            continue
        rarest = max(words, key=lambda part: min(len(word) for word, _ in words[part]))
        heads = [frozenset(_head(*each) for each in each_part) for at, each_part in words.items() if at != rarest]
        others = tuple(each for each in heads if "" not in each)  # a word without a run of its own is under no head
        for word, is_open in words[rarest]:
            found.setdefault(_between_blanks(word, is_open), []).append(others)
    return {word: tuple(each) for word, each in found.items()}


def _between_blanks(word: str, is_open: bool) -> str:
    """How a word looks in a spaced text where it stands alone: an open one may go on."""
    spaced = _spaced(word)
    return spaced[:-1] if is_open else spaced


def _automaton(anchors: Mapping[str, Sequence[Others]]) -> Automaton:
    words = ahocorasick.Automaton()
    for word, others in anchors.items():
        words.add_word(word, others)
    words.make_automaton()
    return words


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
