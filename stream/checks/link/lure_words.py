"""Texts that press their reader the way scams do, next to a link: time limits, verification, parcels, prizes, money."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stream.model import Finding, HostFacts, Link, Message, Source
from stream.packs import LurePack, Signal

if TYPE_CHECKING:
    from stream.rules import Rules

HIGHEST: Final = 4.0
_TWO_KINDS: Final = 0.5
# The words of an address are the address's business: only what the text itself says is read here.
_ADDRESS: Final = re.compile(r"\S*(?:://|www\.)\S*|[\w-]++(?:\.[\w-]++)++(?:/\S*)?")
_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x2019: 0x27, 0x3000: 0x20}


class Told(Struct, frozen=True):
    """What a text says: signals in order of appearance with their spans, the theme it fits best, its language."""

    spans: tuple[tuple[int, int, str], ...]
    theme: str
    lang: str


def check(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding that adds up the signals of the text, at most to a fixed height."""
    told = _told(message.text, _Hashed(rules.lures))
    if not told.spans:
        return None
    signals = [rules.lures.signals[name] for name in dict.fromkeys(name for _, _, name in told.spans)]
    total = sum(signal.weight for signal in signals) + _TWO_KINDS * (sum(s.weight >= 1 for s in signals) >= 2)
    weight = min(HIGHEST, total)
    evidence: dict[str, object] = {"spans": [list(span) for span in told.spans], "lang": told.lang}
    if total > weight:
        evidence["capped_from"] = total
    source = Source("lure_pack", "lures", told.theme or signals[0].name)
    return Finding("lure_words", "lure", weight, _reason(signals), evidence, source)


class _Hashed:
    """A pack by identity, so that the memo can hold it."""

    __slots__ = ("pack",)

    def __init__(self, pack: LurePack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Hashed) and self.pack is other.pack


@lru_cache(4)
def _told(text: str, hashed: _Hashed) -> Told:
    """What the text says; remembered, since the links of one message share its text."""
    return read(text, hashed.pack)


def read(text: str, pack: LurePack) -> Told:
    """The signals and the theme of a text without its addresses."""
    plain = _ADDRESS.sub(lambda match: " " * len(match[0]), folded(text))
    found: dict[int, dict[int, tuple[int, int]]] = {}
    for end, (length, open_end, phrases) in pack.automaton.iter(plain):
        start = end + 1 - length
        if _stands_alone(plain, start, end + 1, open_end):
            for phrase, part in phrases:
                found.setdefault(phrase, {}).setdefault(part, (start, end + 1))
    whole = [(pack.phrases[at], parts) for at, parts in found.items() if len(parts) == pack.phrases[at].parts]
    spans: dict[str, tuple[int, int]] = {}
    themes: dict[str, int] = {}
    langs: dict[str, int] = {}
    for phrase, parts in whole:
        kind, _, name = phrase.target.partition(":")
        if kind == "theme":
            themes[name] = themes.get(name, 0) + len(parts)
            continue
        spans.setdefault(name, min(parts.values()))
        langs[phrase.lang] = langs.get(phrase.lang, 0) + 1
    ordered = tuple(sorted((start, end, name) for name, (start, end) in spans.items()))
    return Told(
        ordered,
        max(themes, key=lambda name: themes[name], default=""),
        max(langs, key=lambda lang: langs[lang], default=""),
    )


def folded(text: str) -> str:
    """Lower case and half width, letter for letter, so that places in it are places in the text."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals have two small letters
        lower = "".join(letter.lower()[0] for letter in text)
    return lower if lower.isascii() else lower.translate(_FULL_WIDTH)


def _stands_alone(text: str, start: int, end: int, open_end: bool) -> bool:
    """Whether a match is a word of its own; scripts without blanks between words need no such thing."""
    if text[start] > "\u0b00":
        return True
    if start and text[start - 1].isalnum() and text[start - 1] < "\u0b00":
        return False
    return open_end or end == len(text) or not (text[end].isalnum() and text[end] < "\u0b00")


def _reason(signals: list[Signal]) -> str:
    says = [signal.says for signal in sorted(signals, key=lambda signal: -signal.weight)[:3]]
    listed = says[0] if len(says) == 1 else f"{', '.join(says[:-1])} and {says[-1]}"
    return f"The text {listed}."
