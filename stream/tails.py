"""Where a link ends: balanced brackets and quotes stay, the punctuation of the sentence around it does not."""

from __future__ import annotations

import re
from typing import Final

from stream.letters import DIGITS, TAIL, UNSPACED

_CLOSERS: Final = {")": "(", "]": "[", "}": "{"}
_BRACKET: Final = re.compile(r"[()\[\]{}]")
_NEXT_LINK: Final = re.compile(  # a set of letters comes first, as the engine looks for one three times as fast
    "[hHfF](?<=[A-Za-z0-9,;|)\\]].)(?<!%[0-9A-Fa-f][0-9A-Fa-f].)"
    "(?:(?<=[hH])[tT]{2}[pP][sS\u017f]?|(?<=[fF])[tT][pP])://"
)
_DELIMITERS: Final = "-/=_?&#+.%:@"
_SEGMENT_BEFORE: Final = frozenset(_DELIMITERS)
# A run of unspaced script, unless it is plain to see that it stands between delimiters: a path may have thousands.
_PROSE_RUN: Final = re.compile(
    f"[{UNSPACED}](?:(?<![{_DELIMITERS}{UNSPACED}].)[{UNSPACED}]*+"
    f"|(?<=[{_DELIMITERS}].)[{UNSPACED}]*+(?![{_DELIMITERS}{DIGITS}]))"
)
SENTENCE_END: Final = ".,!?:;*~|\\^"
_FIRST_PICTURE: Final = "\U0001f000"
_GLUED_PICTURE: Final = re.compile("[\u2190-\u2bff\U0001f000-\U0001faff](?<=[A-Za-z0-9].)")
_JOINERS: Final = "\u200d\u20e3\ufe0f"
_QUOTES: Final = "\"'"
_NEAR: Final = 200
SHORTENER_SLUG: Final = re.compile(r"/[A-Za-z0-9]{0,40}")
_SHORTENER_TAIL: Final = re.compile(
    r"(?:/[A-Za-z0-9]{0,40}(?![A-Za-z0-9])|(?!/))(?:\?[A-Za-z0-9_=&-]*+(?:#[A-Za-z0-9_-]++)?)?"
)


def tail_end(text: str, start: int, host_end: int, limit: int) -> int:
    """Where the link that starts at `start` and whose host or port ends at `host_end` ends; -1 if it is none."""
    if host_end >= limit or text[host_end] not in "/?#\\":
        return host_end
    tail = TAIL.match(text, host_end, limit)
    if tail is None:
        return host_end
    end = tail.end()
    if text[start:host_end].lower().endswith("://t.co") or text[start:host_end].lower() == "t.co":
        match = _SHORTENER_TAIL.match(text, host_end, end)  # its slugs are letters and digits, nothing else
        return match.end() if match else -1
    end = _before_quote(text, start, host_end, end)
    following = _NEXT_LINK.search(text, host_end, end)  # first: many links without a space cost no more than one
    end = following.start() if following else end
    prose = _before_prose(text, host_end, end)
    last = _before_picture(text, host_end, prose)
    last = _balanced(text, start, host_end, last, following is not None and last == end)
    return _trimmed(text, host_end, last)


def _before_quote(text: str, start: int, host_end: int, end: int) -> int:
    """A link that follows a quote ends at the next one; one after `<` in chat markup ends at the bar.

    A quote without its other half ends any link: what follows is the rest of markup around it.
    """
    opener = text[start - 1 : start]
    if opener == "_" and text[end - 1] == "_":
        return end - 1  # emphasis in markdown
    if opener and opener in "\"'|<":
        closer = "|" if opener == "<" else opener
        place = text.find(closer, host_end, end)
        if place >= 0 and (opener != "'" or not text[place + 1 : place + 2].isalnum()):
            return place
    if text.count('"', host_end, end) % 2:
        return text.index('"', host_end, end)
    return end


def _before_prose(text: str, host_end: int, end: int) -> int:
    """Unspaced script belongs to a link only as a whole part between delimiters, not when prose runs on after it."""
    for run in _PROSE_RUN.finditer(text, host_end, end):
        before, after = text[run.start() - 1], text[run.end() : run.end() + 1]
        if before not in _SEGMENT_BEFORE or (
            run.end() == end and after and not after.isspace() and after not in ")]}>"
        ):
            return run.start()
        if run.end() < end and after not in _SEGMENT_BEFORE and not after.isdigit():
            return run.start()
    return end


def _before_picture(text: str, host_end: int, end: int) -> int:
    """A picture that touches a word is decoration: `pay.example/a👈now`; as a part of its own it may be the address."""
    if text.isascii():
        return end
    picture = _GLUED_PICTURE.search(text, host_end, end)
    return picture.start() if picture else end


def _balanced(text: str, start: int, host_end: int, end: int, goes_on: bool) -> int:
    """The first closing bracket without its opening one ends the link, if it closes what was opened before the link.

    One that closes nothing at all and is followed by more of the path is a part of it, as in `/file2).html`.
    """
    open_brackets: list[str] = []
    last = end if goes_on else 0
    for bracket in _BRACKET.finditer(text, host_end, end):
        char = bracket[0]
        if char not in _CLOSERS:
            open_brackets.append(char)
        elif open_brackets and open_brackets[-1] == _CLOSERS[char]:
            open_brackets.pop()
        else:
            last = last or _last_letter(text, host_end, end)
            if bracket.start() > last or _is_open(text, start, char):
                return bracket.start()
    return end


def _last_letter(text: str, start: int, end: int) -> int:
    """Where the last letter, digit or slash between two places stands; the first place if there is none."""
    while end > start and not text[end - 1].isalnum() and text[end - 1] != "/":
        end -= 1
    return max(start, end - 1)


def _is_open(text: str, start: int, closer: str) -> bool:
    """Whether a bracket that stands before the link is still open where the link begins."""
    before = text[max(0, start - _NEAR) : start]
    return before.count(_CLOSERS[closer]) > before.count(closer)


def _trimmed(text: str, host_end: int, end: int) -> int:
    tail = text[host_end:end]
    if tail.endswith(("'s", "\u2019s")):
        tail = tail[:-2]
    before = ""
    while tail != before:
        before = tail
        tail = _without_pictures(tail.rstrip(SENTENCE_END + "([{"))
        for quote in _QUOTES:
            if tail.endswith(quote) and tail.count(quote) % 2:
                tail = tail[:-1]
    return host_end + len(tail)


def _without_pictures(tail: str) -> str:
    """The tail without emoji at its end, unless they are a path segment of their own."""
    end = len(tail)
    while end and (
        tail[end - 1] >= _FIRST_PICTURE or "\u2190" <= tail[end - 1] <= "\u2bff" or tail[end - 1] in _JOINERS
    ):
        end -= 1
    return tail if end and tail[end - 1] in "/=" else tail[:end]
