"""Host names whose dots are written as words, with spaces, or with look-alike signs: joined where they make a host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from stream.suffixes import Suffixes
from stream.view import Edit
from stream.vocabulary import CUES, FILE_ENDINGS, PRONOUNS, PROSE, SECOND_LEVEL, WORDS

# Signs that read as a dot. WHATWG folds only the first three, people fold them all.
DOTS: Final = (
    "\u3002\uff0e\uff61\u2024\u2027\u00b7\u2022\u2219\u22c5\u30fb\uff65\ua4f8\u06d4\u0701\u0702\ufe52\ufe12\u2e31\u2e33"
    "\u16eb\u0387\u25cf\u2981\u22c4"
)
DOT_WORDS: Final = "dot|d0t|titik|ttk|点|點|ดอท|จุด|புள்ளி"
# What these begin with, small and capital, and how they go on: the engine skips to a set several times as fast.
FIRST_OF_DOT_WORDS: Final = "dDtT点點ดจப"
REST_OF_DOT_WORDS: Final = "|".join(f"(?<={word[0]}){word[1:]}" for word in DOT_WORDS.split("|"))

_ASCII_DOT_WORDS: Final = ("dot", "d0t", "titik", "ttk")

_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SPACE: Final = r"[ \t\u00a0\r\n]"
_WORD_DOT: Final = (
    rf"(?:{_SPACE}{{1,3}}|{_SPACE}?[*~|])(?:{DOT_WORDS})(?:{_SPACE}{{1,3}}|[*~|]{_SPACE}?)|{_SPACE}?[点點]{_SPACE}?"
    r"|(?<=[A-Za-z0-9])([-_])(?:dot|titik|ttk)\1(?=[A-Za-z])(?![A-Za-z0-9-]*\.[A-Za-z])|(?-i:(?<=[a-z0-9])(?:DOT|TITIK)(?=[a-z]))"
)
_SPACED_DOT: Final = rf"{_SPACE}{{1,3}}\.{_SPACE}{{0,3}}|\.{_SPACE}{{1,3}}"
_SEPARATOR: Final = rf"(?:{_WORD_DOT}|{_SPACED_DOT}|[{DOTS}]|\.)"
_CHAIN: Final = re.compile(rf"(?<![A-Za-z0-9@#$]){_LABEL}(?:{_SEPARATOR}{_LABEL}(?![A-Za-z0-9]))+", re.IGNORECASE)
_AFTER_SPACED: Final = r"(?:(?=\s+([A-Za-z0-9-]*(?: ?/)?))|(?<=\s\.)(?=([A-Za-z0-9-]*(?: ?/)?)))"
_SPACED_SIGN: Final = re.compile(rf"\.{_AFTER_SPACED}")
_ANY_SIGN: Final = re.compile(
    rf"(?-i:[.{DOTS}{FIRST_OF_DOT_WORDS}])(?:(?<=\.){_AFTER_SPACED}|(?<=[{DOTS}])|{REST_OF_DOT_WORDS})", re.IGNORECASE
)
_SPACES: Final = " \t\r\n\u00a0"
_AROUND: Final = _SPACES + "*~|-_"
_LONGEST: Final = 400  # characters of a host with its disguise
_MOST_DOTS: Final = 6  # in one disguised host
_SEPARATED: Final = 100  # more characters than a label, a separator and the letter after it have
_PIECES: Final = re.compile(rf"(?=[ \t\u00a0\r\n*~|_.点點{DOTS}-]|(?-i:[DT])){_SEPARATOR}", re.IGNORECASE)
_SLASH: Final = re.compile(
    rf"{_SPACE}{{1,2}}(?:(?:forward )?slash|garis miring|miring){_SPACE}{{1,2}}(?=\w)", re.IGNORECASE
)
_SPACED_SLASH: Final = re.compile(rf"{_SLASH.pattern}|[ ]/[ ](?=\w)(?![\w-]+[ ]?\.[ ])", re.IGNORECASE)
_SEGMENT: Final = re.compile(r"[\w?=&%#.-]+(?<![.?])")
_PATH: Final = re.compile(r"\s?[/?]\s?[\w?=#-]")
_BEFORE: Final = re.compile(r"(?<![^\s\"'(\[])([^\s\"'(\[]++)[\s\"'(\[:>]*+\Z")
_NEAR_CUES: Final = CUES | {
    "at",
    "on",
    "to",
    "is",
    "our",
    "my",
    "their",
    "ke",
    "di",
    "dari",
    "from",
    "kat",
    "go",
    "web",
}
_SHOUTED: Final = frozenset(("DOT", "TITIK"))
_STOP_AFTER: Final = frozenset(("", *".,!?;:)\"'\n"))


def cut_off_names(suffixes: Suffixes) -> frozenset[str]:
    """Names that may follow a dot and a space as the rest of a host: none that begin a sentence, all with a path."""
    names = (suffixes.tops | SECOND_LEVEL) - WORDS - FILE_ENDINGS - PRONOUNS - PROSE
    paths = {name + slash for name in suffixes.tops | SECOND_LEVEL for slash in ("/", " /")}
    return names | {name.upper() for name in names} | paths | {name.upper() for name in paths}


def chain_edits(text: str, suffixes: Suffixes, cut_off: frozenset[str]) -> Iterator[Edit]:
    """An edit for each disguised dot of every host name that a person would put together."""
    place = barren = 0  # no chain begins between the two: what was searched in vain is not searched again
    for sign in _signs(text).finditer(text):
        first, last = sign.span()
        if first < place:
            continue
        before = _label_end(text, first)
        if not before or not _is_between_labels(text, before, last):
            continue
        if sign[0] == "." and not _goes_on(text, sign, before, cut_off):
            continue
        start = max(place, barren, _chain_start(text, before))
        limit = min(len(text), last + _LONGEST)
        while chain := _CHAIN.search(text, start, limit):
            start, place = chain.span()
            separators = list(_PIECES.finditer(text, start, place))
            gaps = [separator[0] for separator in separators]
            if gaps.count(".") < len(gaps):
                yield from _host_edits(text, (start, place), [each.span() for each in separators], gaps, suffixes)
            start = place
            if start > first:
                break
        else:
            barren = limit - _SEPARATED
        place = max(place, last)


def _signs(text: str) -> re.Pattern[str]:
    if not text.isascii():
        return _ANY_SIGN
    lower = text.lower()
    return _ANY_SIGN if any(word in lower for word in _ASCII_DOT_WORDS) else _SPACED_SIGN


def _label_end(text: str, sign: int) -> int:
    """Where the label ends that a sign follows, with up to three spaces and marks between; 0 for none."""
    for end in range(sign, max(0, sign - 4), -1):
        before = text[end - 1]
        if before not in _AROUND:
            return end if before.isalnum() else 0
    return 0


def _is_between_labels(text: str, start: int, sign_end: int) -> bool:
    """Whether what begins behind a label is a sign, with the spaces and marks that may go with it, before another."""
    piece = _PIECES.match(text, start)
    if piece is None:
        return False
    end = piece.end()
    return end >= sign_end and text[end : end + 1].isalnum()


def _goes_on(text: str, sign: re.Match[str], before: int, cut_off: frozenset[str]) -> bool:
    """Whether a dot with a space beside it may be inside a host: before a suffix, or after an address."""
    if (sign[1] or sign[2]) in cut_off:
        return True
    token = text[_chain_start(text, before) : sign.start()]
    scheme, mark, address = token.partition("://")
    return "/" not in address and (bool(mark) or ("/" not in scheme and scheme[:3].lower() == "www"))


def _chain_start(text: str, end: int) -> int:
    """Where the token begins whose label ends here."""
    begin = max(0, end - _LONGEST)
    return max(text.rfind(" ", begin, end), text.rfind("\n", begin, end)) + 1


def _host_edits(
    text: str, place: tuple[int, int], separators: list[tuple[int, int]], gaps: list[str], suffixes: Suffixes
) -> Iterator[Edit]:
    """The longest run of labels that makes a host: prose may stand before it and go on after it."""
    edges = [place[0], *[end for _, end in separators]]
    stops = [*[start for start, _ in separators], place[1]]
    labels = [text[edge:stop] for edge, stop in zip(edges, stops, strict=True)]
    ends = [label.lower() in suffixes.tops for label in labels]
    first = 0
    while first < len(separators):
        for last in range(min(len(separators), first + _MOST_DOTS), first, -1):
            place = edges[first], stops[last]
            if ends[last] and _is_host(text, place, labels[first : last + 1], gaps[first:last], suffixes):
                break
        else:
            first += 1
            continue
        for (start, end), gap in zip(separators[first:last], gaps[first:last], strict=True):
            if gap != ".":
                yield start, end, ".", _trick(gap)
        spaced = any(gap[0].isspace() and "." in gap for gap in gaps[first:last])
        yield from _slashes(text, stops[last], _SPACED_SLASH if spaced else _SLASH)
        first = last + 1


def _slashes(text: str, host_end: int, pattern: re.Pattern[str]) -> Iterator[Edit]:
    """`slash login slash verify`: each word between two of them is a part of the path; so with ` / ` after ` . `."""
    place = host_end
    while slash := pattern.match(text, place):
        yield slash.start(), slash.end(), "/", "spaced_slash" if "/" in slash[0] else "word_slash"
        segment = _SEGMENT.match(text, slash.end())
        place = segment.end() if segment else len(text)


def _trick(separator: str) -> str:
    bare = separator.strip()
    if bare == ".":
        return "line_break" if "\n" in separator else "spaced_dot"
    return "lookalike_dot" if len(bare) == 1 and bare in DOTS else "word_dot"


def _is_host(text: str, place: tuple[int, int], labels: list[str], gaps: list[str], suffixes: Suffixes) -> bool:
    if gaps.count(".") == len(gaps) or not _is_disguised(text, place, labels, gaps):
        return False
    return suffixes.listed(".".join(labels).lower())


def _is_disguised(text: str, place: tuple[int, int], labels: list[str], gaps: list[str]) -> bool:
    """Whether what parts the labels stands for dots."""
    start, end = place
    if all((len(gap) == 1 and not gap.isspace()) or gap in _SHOUTED for gap in gaps):
        return True  # nothing but signs that are dots to the eye, or `payDOTexample`
    if text[start - 3 : start] == "://" or (labels[0].lower() == "www" and len(gaps) > 1):
        return True
    if labels[0].isdigit() or not (labels[-1].islower() or "".join(labels).isupper()):
        return False
    return _is_meant(text, start, end, labels, gaps)


def _is_meant(text: str, start: int, end: int, labels: list[str], gaps: list[str]) -> bool:
    """Words and spaces for dots also occur in prose ("the dot com boom", "using .net"): something else must speak."""
    suffix = labels[-1].lower()
    is_word = suffix in WORDS or suffix in FILE_ENDINGS
    if _PATH.match(text, end) is not None or _SLASH.match(text, end) is not None:
        if suffix in PRONOUNS and any(gap[0] == "." for gap in gaps if gap != "."):
            return False  # "ask him. my/our …"
        return len(labels) > 2 or not (is_word or labels[0].lower() in PROSE)
    if is_word:
        return False
    if labels[0].lower() in PROSE:
        return not any(gap.isspace() or "." in gap for gap in gaps) and _word_before(text, start) in CUES
    if len(gaps) - gaps.count(".") > 1 or not labels[-2].isalpha():
        return True
    if all(gap[0] == "." for gap in gaps):
        return suffix not in PRONOUNS and _word_before(text, start) in CUES  # "… at present. my cpu"
    if _word_before(text, start) in _NEAR_CUES:
        return True
    both_sides = all(gap[0].isspace() and gap[-1].isspace() for gap in gaps if gap != ".")
    return both_sides and text[end : end + 1] in _STOP_AFTER and suffix != "net"


def _word_before(text: str, start: int) -> str:
    before = _BEFORE.search(text, max(0, start - 40), start)
    return before[1].lower().strip(":,.!/") if before else ""
