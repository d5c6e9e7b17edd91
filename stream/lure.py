"""What a text says to its reader, apart from the addresses in it: signals of pressure, the story, the language."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from msgspec import Struct

from stream.packs import LurePack, Phrase, Signal
from stream.sieve import MaySpeak, sieve, with_letters

# The words of an address are the address's business. Both begin only where a run of such characters does: linear.
_ADDRESS: Final = re.compile(
    r"(?<![!-~])(?=[!-~]*?(?:://|www\.))[!-~]++"
    r"|(?<![a-z0-9-])[a-z0-9-]++(?:[\[({]?\.[\])}]?[a-z0-9-]++)++(?:/[!-~]*+)?"
)
_PLAIN: Final = (
    {code: unicodedata.normalize("NFKD", chr(code))[0] for code in range(0xC0, 0x180)}  # é as people type it in haste
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {0x2018: "'", 0x2019: "'", 0x3000: " ", 0xA0: " ", 0x0A: " "}
)
_REACH: Final = 120  # characters between parts of a phrase: farther apart they belong to different sentences
_BEYOND_BLANKS: Final = "\u0b00"  # scripts above, Tamil and Han among them, join or inflect words without blanks


class Told(Struct, frozen=True):
    """Signals in order of appearance with their places in the text; the best fitting story and language, or nothing."""

    spans: tuple[tuple[int, int, str], ...] = ()
    theme: str = ""
    lang: str = ""

    @property
    def names(self) -> frozenset[str]:
        """The signals that the text gives."""
        return frozenset(name for _, _, name in self.spans)


SILENT: Final = Told()


@lru_cache(8)
def told(text: str, pack: LurePack) -> Told:
    """What the text says; remembered, since several checks of several links ask about one text."""
    lower = folded(text)
    if not _sieve(pack)(lower):
        return SILENT
    whole = _phrases(_ADDRESS.sub(lambda match: " " * len(match[0]), with_letters(lower)), pack)
    spans: dict[str, tuple[int, int]] = {}
    themes: Counter[str] = Counter()
    langs: Counter[str] = Counter()
    for phrase, first in whole:
        kind, _, name = phrase.target.partition(":")
        if kind == "theme":
            themes[name] += phrase.parts
            continue
        spans[name] = min(first, spans.get(name, first))
        langs[phrase.lang] += 1
    ordered = tuple(sorted((start, end, name) for name, (start, end) in spans.items()))
    return Told(ordered, _commonest(themes), _commonest(langs))


@lru_cache(4)
def _sieve(pack: LurePack) -> MaySpeak:
    return sieve(pack)


def _phrases(plain: str, pack: LurePack) -> list[tuple[Phrase, tuple[int, int]]]:
    """Phrases whose parts are all there and near each other, each with the place of its first part."""
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for last, (length, open_end, places) in pack.automaton.iter(plain):
        start, end = last + 1 - length, last + 1
        if _stands_alone(plain, start, end, open_end):
            for phrase, part in places:
                found.setdefault(phrase, {}).setdefault(part, (start, end))
    return [
        (pack.phrases[at], min(parts.values()))
        for at, parts in found.items()
        if len(parts) == pack.phrases[at].parts and max(parts.values())[0] - min(parts.values())[0] <= _REACH
    ]


def folded(text: str) -> str:
    """Lower case, half width, without accents, letter for letter, so that places in it are places in the text."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals have two small letters
        lower = "".join(letter.lower()[0] for letter in text)
    return lower if lower.isascii() else lower.translate(_PLAIN)


def _stands_alone(text: str, start: int, end: int, open_end: bool) -> bool:
    """Whether a match is a word of its own, where the script has such."""
    if text[start] > _BEYOND_BLANKS:
        return True
    return not _is_letter(text, start - 1) and (open_end or not _is_letter(text, end))


def _is_letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalnum() and text[at] < _BEYOND_BLANKS


def _commonest(counts: Counter[str]) -> str:
    return max(counts, key=lambda name: counts[name], default="")


def sentence(signals: Sequence[Signal]) -> str:
    """What the text does, by its up to three heaviest signals, as a reader would be told."""
    says = [signal.says for signal in sorted(signals, key=lambda signal: -abs(signal.weight))[:3]]
    listed = says[0] if len(says) == 1 else f"{', '.join(says[:-1])} and {says[-1]}"
    return f"The text {listed}."
