"""A cheap first look at a text: can it hold a link at all, and is some trick played in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, Literal, TypeAlias

from stream.chains import cut_off_names
from stream.suffixes import Suffixes

Look: TypeAlias = Callable[[str], Literal["", "plain", "tricky"]]

_INNER_DOT: Final = re.compile(r"\.[^\s.]")
_AFTER_DOT: Final = re.compile(r"\.\s+([A-Za-z0-9-]+)")
_RARE: Final = re.compile(r"[\[({<\\%&*`~|]")
_SIGNS: Final = re.compile(
    r"[\[({<]\s{0,2}(?:[.:;/\\-]|d[o0]t|t(?:itik|itk|tk)|sl|p(?:unt?[ok]|oint))|\w[.][\])}]\w|\\[.]|[*`~|_][.][*`~|_]"
    r"|[-*~|](?:d[o0]t|ti?ti?k|punt?[ok]|point)[-*~|]"
    r"|%(?:25)*(?:2e|3a)|&(?:#|[a-zA-Z]{2,14};)|\[[.:/]|[/:\\][\])}]|:\\\\|f\*p",
    re.IGNORECASE,
)
_LINE_BREAK: Final = re.compile(r"[=-]\r?\n")
_BREAK_BEFORE: Final = re.compile(r"[\n\t\r\x0b\x0c]\.")
# Anything outside ASCII that a trick could be made of: a text without it may be read as it stands.
_ODD: Final = re.compile(
    "[\u00a0\u00ad\u00b7\u02d0\u034f\u0387\u0589\u05c3\u061c\u06d4\u0701\u0702\u115f\u1160\u16eb\u17b4\u17b5\u180b-\u180f"
    "\u1d00-\u1d6a\u2000-\u2011\u2022\u2024\u2027-\u202f\u2043\u2044\u205f-\u209c\u2102-\u2149\u2215\u2219\u2236\u22c4"
    "\u22c5\u249c-\u24e9\u2571\u25cf\u2800\u2981\u29f8\u2e31\u2e33\u3000-\u3002\u3008-\u301f\u3033\u30fb\u70b9\u9ede"
    "\u0e14\u0e08\u0baa\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f"
    "\ua4f8\ua730\ua731\ua789\ufe00-\ufe0f\ufe10-\ufe6f\ufeff\uff00-\uff65\ufff9-\ufffb"
    "\U0001d400-\U0001d7ff\U0001f110-\U0001f189\U000e0000-\U000e0fff]"
)


def gate(suffixes: Suffixes) -> Look:
    """A function that says of a text: no link ("" ), links only as they stand ("plain"), or undo tricks first."""
    cut_off = cut_off_names(suffixes)

    def look(text: str) -> Literal["", "plain", "tricky"]:
        if not text.isascii() and _ODD.search(text) is not None:
            return "tricky"
        lower = text.lower()
        if "dot" in lower or "titik" in lower or "ttk" in lower or "d0t" in lower:
            return "tricky"
        if _RARE.search(text) is not None and _SIGNS.search(text) is not None:
            return "tricky"
        dotted = "." in text
        if "/" in text:
            if _has_odd_scheme(text, lower):
                return "tricky"
        elif not dotted:
            return "tricky" if "tg:" in lower else ""
        if dotted and _has_odd_dot(text, lower, cut_off):
            return "tricky"
        return "plain" if "//" in text or (dotted and _INNER_DOT.search(text) is not None) else ""

    return look


def _has_odd_scheme(text: str, lower: str) -> bool:
    plain = lower.count("http")
    if plain != lower.count("http://") + lower.count("https://") or plain != text.count(":/") or plain != text.count("//"):
        return True
    return "\n" in text and _LINE_BREAK.search(text) is not None


def _has_odd_dot(text: str, lower: str, cut_off: frozenset[str]) -> bool:
    if " ." in text or "tg:" in lower or '"."' in text or "'.'" in text:
        return True  # letters spaced out one by one hold " ." as well
    if "\n" in text or "\t" in text or "\r" in text:
        if _BREAK_BEFORE.search(text) is not None:
            return True
    elif ". " not in text:
        return False
    return not cut_off.isdisjoint(_AFTER_DOT.findall(text))
