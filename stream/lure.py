"""What a text says to its reader, apart from the addresses in it: signals of pressure, the story, the language."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from stream.packs import LurePack, Phrase, Signal
from stream.sieve import HEARD, folded, with_letters

__all__ = ["SILENT", "Told", "folded", "sentence", "told"]

# The words of an address are the address's business. Both begin only where a run of such characters does: linear.
_ADDRESS: Final = re.compile(
    r"(?<![!-~])(?=[!-~]*?(?:://|www\.))[!-~]++"
    r"|(?<![a-z0-9-])[a-z0-9-]++(?:[\[({]?\.[\])}]?[a-z0-9-]++)++(?:/[!-~]*+)?"
)
_REACH: Final = 120  # characters between parts of a phrase: farther apart they belong to different sentences
_BEYOND_BLANKS: Final = "\u0b00"  # scripts above, Tamil and Han among them, join or inflect words without blanks


REMEMBERED: Final = 8_192  # texts, at some 0.6 kB each
SHORT: Final = 500  # characters of a text that is worth remembering: longer ones are few, and fill memory


class Told(Struct, frozen=True, gc=False):
    """Signals in order of appearance with their places in the text; the best fitting story and language, or nothing;
    the names of the signals, which nearly every check asks for."""

    spans: tuple[tuple[int, int, str], ...] = ()
    theme: str = ""
    lang: str = ""
    names: frozenset[str] = frozenset()


SILENT: Final = Told()


@lru_cache(8)
def told(text: str, pack: LurePack) -> Told:
    """What the text says; remembered, since several checks of several links ask about one text.

    Dear: ask where the text gives the cue `LURE` (`stream/sieve.py`), elsewhere it says nothing.
    """
    return _of_short(text, pack) if len(text) <= SHORT else _heard(text, pack)


@lru_cache(REMEMBERED)
def _of_short(text: str, pack: LurePack) -> Told:
    """Remembered for longer: one in three texts that press their reader is a copy of one that came before."""
    return _heard(text, pack)


def _heard(text: str, pack: LurePack) -> Told:
    whole = _phrases(with_letters(_blanked(folded(text[:HEARD]))), pack)
    if not whole:
        return SILENT
    spans: dict[str, tuple[int, int]] = {}
    themes: dict[str, int] = {}
    langs: dict[str, int] = {}
    for phrase, first in whole:
        kind, _, name = phrase.target.partition(":")
        if kind == "theme":
            themes[name] = themes.get(name, 0) + phrase.parts
            continue
        if name not in spans or first < spans[name]:
            spans[name] = first
        langs[phrase.lang] = langs.get(phrase.lang, 0) + 1
    ordered = tuple(sorted([(start, end, name) for name, (start, end) in spans.items()]))
    return Told(ordered, _commonest(themes), _commonest(langs), frozenset(spans))


def _blanked(text: str) -> str:
    """The text with blanks in the place of its addresses; what holds neither a dot nor a scheme is not searched."""
    return _blanked_at("://", _blanked_at(".", text))


def _blanked_at(mark: str, text: str) -> str:
    kept: list[str] = []
    done, at = 0, text.find(mark)
    while at >= 0:
        start, end = text.rfind(" ", done, at) + 1, text.find(" ", at)
        end = len(text) if end < 0 else end
        piece = text[start:end]
        if "://" in piece and piece.isascii() and piece.isprintable():
            kept += text[done:start], " " * len(piece)
            done = end
        elif at < end - 1 or piece.endswith("www."):
            kept += text[done:start], _ADDRESS.sub(_blank, piece)
            done = end
        at = text.find(mark, end)
    return "".join(kept) + text[done:] if kept else text


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _phrases(plain: str, pack: LurePack) -> list[tuple[Phrase, tuple[int, int]]]:
    """Phrases whose parts are all there and near each other, each with the place of its first part."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    met: set[int] = set()  # words by identity: the first place of each is kept, and a long text repeats them
    for start, end, word in pack.find(plain):
        if id(word) not in met and _stands_alone(plain, start, end, word[0]):
            met.add(id(word))
            here = start, end
            for part in word[1]:
                found.setdefault(part, here)
    counts: dict[int, int] = {}
    for at, _ in found:
        counts[at] = counts.get(at, 0) + 1
    whole = []
    for at, count in counts.items():
        phrase = pack.phrases[at]
        if count == phrase.parts == 1:
            whole.append((phrase, found[at, 0]))
        elif count == phrase.parts:
            places = [found[at, part] for part in range(count)]
            if max(places)[0] - min(places)[0] <= _REACH:
                whole.append((phrase, min(places)))
    return whole


def _stands_alone(text: str, start: int, end: int, open_end: bool) -> bool:
    """Whether a match is a word of its own, where the script has such."""
    if text[start] > _BEYOND_BLANKS:
        return True
    if start and (before := text[start - 1]).isalnum() and before < _BEYOND_BLANKS:
        return False
    return open_end or end == len(text) or not (after := text[end]).isalnum() or after >= _BEYOND_BLANKS


def _commonest(counts: Mapping[str, int]) -> str:
    return max(counts, key=counts.__getitem__) if counts else ""


def sentence(signals: Sequence[Signal]) -> str:
    """What the text does, by its up to three heaviest signals, as a reader would be told."""
    says = [signal.says for signal in sorted(signals, key=lambda signal: -abs(signal.weight))[:3]]
    listed = says[0] if len(says) == 1 else f"{', '.join(says[:-1])} and {says[-1]}"
    return f"The text {listed}."
