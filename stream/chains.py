"""Host names whose dots are written as words, with spaces, or with look-alike signs: joined where they make a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stream.restraint import CUES, FILE_ENDINGS, PROSE, WORDS
from stream.suffixes import Suffixes
from stream.view import Edit

# Signs that read as a dot. WHATWG folds only the first three, people fold them all.
DOTS: Final = "\u3002\uff0e\uff61\u2024\u2027\u00b7\u2022\u2219\u22c5\u30fb\uff65\ua4f8\u06d4\u0701\u0702\ufe52\ufe12\u2e31\u2e33\u16eb\u0387\u25cf\u2981\u22c4"
DOT_WORDS: Final = "dot|d0t|titik|titk|ttk|punto|punkt|point|点|點|ดอท|จุด|புள்ளி"

_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SPACE: Final = r"[ \t\u00a0\r\n]"
_WORD_DOT: Final = rf"(?:{_SPACE}{{1,3}}|[-_*~|.])(?:{DOT_WORDS})(?:{_SPACE}{{1,3}}|[-_*~|.])|{_SPACE}?[点點]{_SPACE}?"
_SPACED_DOT: Final = rf"{_SPACE}{{1,3}}\.{_SPACE}{{0,3}}|\.{_SPACE}{{1,3}}"
_SEPARATOR: Final = rf"(?:{_WORD_DOT}|{_SPACED_DOT}|[{DOTS}]|\.)"
_CHAIN: Final = re.compile(rf"(?<![A-Za-z0-9@#$]){_LABEL}(?:{_SEPARATOR}{_LABEL}(?![A-Za-z0-9]))+", re.IGNORECASE)
_PIECES: Final = re.compile(_SEPARATOR, re.IGNORECASE)
_SLASH: Final = re.compile(rf"{_SPACE}{{1,2}}(?:slash|garis miring){_SPACE}{{1,2}}(?=\w)", re.IGNORECASE)
_PATH: Final = re.compile(r"\s?[/?]\s?[\w?=#-]")
_BEFORE: Final = re.compile(r"([^\s\"'(\[]+)[\s\"'(\[:>]*\Z")
_NEAR_CUES: Final = CUES | frozenset("at on to is our my their ke di dari from kat go web".split())
_STOP_AFTER: Final = frozenset(".,!?;:)\"'\n")


def chain_edits(text: str, suffixes: Suffixes) -> Iterator[Edit]:
    """An edit for each disguised dot of every host name that a person would put together."""
    for chain in _CHAIN.finditer(text):
        separators = list(_PIECES.finditer(text, chain.start(), chain.end()))
        if any(separator[0] != "." for separator in separators):
            yield from _host_edits(text, chain.start(), chain.end(), separators, suffixes)


def _host_edits(
    text: str, start: int, end: int, separators: list[re.Match[str]], suffixes: Suffixes
) -> Iterator[Edit]:
    """The longest run of labels that makes a host: prose may stand before it and go on after it."""
    edges = [start, *(separator.end() for separator in separators)]
    stops = [*(separator.start() for separator in separators), end]
    first = 0
    while first < len(separators):
        last = next(
            (last for last in range(len(separators), first, -1) if _is_host(text, edges, stops, first, last, suffixes)), 0
        )
        if not last:
            first += 1
            continue
        for separator in separators[first:last]:
            if separator[0] != ".":
                yield separator.start(), separator.end(), ".", _trick(separator[0])
        if slash := _SLASH.match(text, stops[last]):
            yield slash.start(), slash.end(), "/", "word_slash"
        first = last + 1


def _trick(separator: str) -> str:
    bare = separator.strip()
    if bare == ".":
        return "line_break" if "\n" in separator else "spaced_dot"
    return "lookalike_dot" if len(bare) == 1 and bare in DOTS else "word_dot"


def _is_host(text: str, edges: list[int], stops: list[int], first: int, last: int, suffixes: Suffixes) -> bool:
    labels = [text[edges[place] : stops[place]] for place in range(first, last + 1)]
    gaps = [text[stops[place] : edges[place + 1]] for place in range(first, last)]
    if all(gap == "." for gap in gaps) or not suffixes.listed(".".join(labels).lower()):
        return False
    if all(not gap[:1].isspace() and not gap[-1:].isspace() and len(gap) == 1 for gap in gaps):
        return True  # nothing but signs that are dots to the eye
    end = stops[last]
    if text[edges[first] - 3 : edges[first]] == "://" or labels[0].lower() == "www":
        return True
    suffix = labels[-1]
    if not suffix.islower() and not "".join(labels).isupper():
        return False
    return _is_meant(text, edges[first], end, labels, gaps)


def _is_meant(text: str, start: int, end: int, labels: list[str], gaps: list[str]) -> bool:
    """Words and spaces for dots also occur in prose ("the dot com boom", "using .net"): something else must speak."""
    suffix = labels[-1].lower()
    path = _PATH.match(text, end) is not None or _SLASH.match(text, end) is not None
    if path and (suffix not in WORDS or len(labels) > 2):
        return labels[0].lower() not in PROSE or len(labels) > 2
    if suffix in WORDS or suffix in FILE_ENDINGS or labels[0].lower() in PROSE:
        return False
    if len([gap for gap in gaps if gap != "."]) > 1 or any(not char.isalpha() for char in labels[-2]):
        return True
    before = _BEFORE.search(text[max(0, start - 40) : start])
    if before is not None and before[1].lower().strip(":,.!") in _NEAR_CUES:
        return True
    both_sides = all(gap[0].isspace() and gap[-1].isspace() for gap in gaps if gap != ".")
    after = text[end : end + 1]
    return both_sides and (not after or after in _STOP_AFTER) and suffix not in ("net",)
