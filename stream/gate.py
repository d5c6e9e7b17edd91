"""A cheap first look at a text: can it hold a link at all, and is some trick played in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from stream.chains import cut_off_names
from stream.suffixes import Suffixes

Seen: TypeAlias = Literal["", "plain", "tricky"]
Look: TypeAlias = Callable[[str], Seen]

_INNER_DOT: Final = re.compile(r"\.[^\s.]")
_WORD_AFTER_DOT: Final = re.compile(r"\.(?:\s+|(?<=\s\.))([A-Za-z0-9-]+(?: ?/)?)")
_WWW_APART: Final = re.compile(r"www(?:\.\s|\s\.)")
_LETTERS: Final = re.compile(r"\.(?<= \S \.) \S(?: \S)?(?: |$)")  # `e v i l . c o m`
SIGNS: Final = re.compile(
    r"[\[({<\\%&*`~|\])}]"
    r"(?:(?<=[\[({<])\s{0,2}(?:\.|[dD][oO0][tT]|[tT](?:[iI][tT][iI]?[kK]|[tT][kK])|[pP](?:[uU][nN][tT]|[oO][iI][nN][tT])"
    r"|[:;]\s?(?:[\])}>]|//)|[/\\](?:[/\\]|\s?[\])}>])|-[\])}>]|[sS][lL][aA][sS][hH])"
    r"|(?<=\w\.[\])}])\w|(?<=\\)\.|(?<=[pPsS][:;]\\)|(?<=[*`~|])\.[*`~|]"
    r"|(?<=%)(?:25)*(?:2[eE]|3[aA])|(?<=:%)(?:25)*2[fF]|(?<=&)(?:#|[a-zA-Z]{2,14};))"
)
_DOT_WORD: Final = re.compile(r"(?<![A-Za-z0-9])(?i:dot|d0t|titik|ttk)(?![A-Za-z0-9])|DOT|TITIK")
SLASH_APART: Final = re.compile(r"[:;/](?:\s+[/\\]|(?<=/)\\)")  # may be one of a scheme's
_LINE_BREAK: Final = re.compile(r"[=-]\r?\n")
# Anything outside ASCII that a trick could be made of: a text without it may be read as it stands. What is invisible
# or reads as a sign plays a trick only where it touches something else. All that a trick can begin with is one set in
# front: how it goes on is looked at only where one of these stands, which takes a third of the time.
TOUCHING: Final = (
    "\u00a0\u00ad\u00b7\u02d0\u034f\u0387\u0589\u05c3\u061c\u06d4\u0701\u0702\u115f\u1160\u16eb\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u2011\u2022\u2024\u2027-\u202f\u2043\u2044\u205f-\u206f\u2215\u2219\u2236\u22c4"
    "\u22c5\u2571\u25cf\u2800\u2981\u29f8\u2e31\u2e33\u3000-\u3002\u3008-\u301f\u3033\u30fb"
    "\ua4f8\ua789\ufe00-\ufe0f\ufe10-\ufe6f\ufeff\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65"
    "\ufff9-\ufffb\U000e0000-\U000e0fff"
)
LETTER_LIKE: Final = (
    "\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f\u02b0-\u02b8\u1d00-\u1d6a\u2070-\u209c\u2102-\u2149\u249c-\u24e9"
    "\ua730\ua731\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\U0001d400-\U0001d7ff\U0001f110-\U0001f189"
)
ODD: Final = re.compile(
    rf"[{TOUCHING}{LETTER_LIKE}\u70b9\u9edeดจப]"
    rf"(?:(?<=[{TOUCHING}])(?:(?=[\w.:/\[\](<-])|(?<=[\w!-~].))|(?<=[{LETTER_LIKE}])"
    r"|(?<=[\u70b9\u9ede])(?=\s?[A-Za-z0-9\])}>])|(?<=ด)อท|(?<=จ)ุด|(?<=ப)ுள்ளி)",
    re.DOTALL,
)


def gate(suffixes: Suffixes) -> Look:
    """A function that says of a text: no link ("" ), links only as they stand ("plain"), or undo tricks first."""
    is_apart = apart_teller(suffixes)

    def look(text: str) -> Seen:
        if not text.isascii() and ODD.search(text) is not None:
            return "tricky"
        lower = text.lower()
        if has_dot_word(text, lower) or "tg:" in lower:
            return "tricky"
        if SIGNS.search(text) is not None:
            return "tricky"
        dotted = "." in text
        if not dotted and "/" not in text and "\\" not in text:
            return ""
        if "\n" in text and _LINE_BREAK.search(text) is not None:
            return "tricky"
        if SLASH_APART.search(text) is not None:
            return "tricky"
        if dotted and _has_odd_dot(text, lower, is_apart):
            return "tricky"
        return "plain" if "//" in text or ":/" in text or (dotted and _INNER_DOT.search(text) is not None) else ""

    return look


def has_dot_word(text: str, lower: str) -> bool:
    """Whether a word for a dot stands alone in a text."""
    return ("dot" in lower or "titik" in lower or "ttk" in lower or "d0t" in lower) and _DOT_WORD.search(
        text
    ) is not None


def has_odd_scheme(text: str) -> bool:
    """Whether a scheme is written in any way but `http://` and `https://`."""
    lower = text.lower()
    plain = lower.count("http")
    if plain != lower.count("http://") + lower.count("https://"):
        return True
    return plain != text.count(":/") or plain != text.count("//") or ":///" in text or "://\\" in text


def apart_teller(suffixes: Suffixes) -> Callable[[str], bool]:
    """A function that says whether blanks beside a dot may stand inside a host."""
    cut_off, words_after_dots = cut_off_names(suffixes), _WORD_AFTER_DOT.findall

    def is_apart(text: str) -> bool:
        if " ." in text and _LETTERS.search(text) is not None:
            return True
        if "www" in (lower := text.lower()) and _WWW_APART.search(lower) is not None:
            return True
        return not cut_off.isdisjoint(words_after_dots(text))

    return is_apart


def _has_odd_dot(text: str, lower: str, is_apart: Callable[[str], bool]) -> bool:
    if '"."' in text or "'.'" in text or "w w w" in lower:
        return True
    if " ." not in text and ". " not in text and "\n" not in text and "\t" not in text and "\r" not in text:
        return False
    return is_apart(text)
