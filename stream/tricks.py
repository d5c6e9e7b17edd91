"""Undo what is written so that people click and machines miss, each trick by its name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from itertools import islice
from operator import itemgetter
from typing import Final
from urllib.parse import unquote

from msgspec.structs import replace

from stream.chains import DOT_WORDS, DOTS, chain_edits, cut_off_names
from stream.gate import has_odd_scheme
from stream.suffixes import Suffixes
from stream.view import Edit, View, edited, plain
from stream.within import outside_paths

_ZERO_WIDTH: Final = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u2800"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff"
)
_BIDI: Final = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"
# In what a long text is searched for, a set stands first: the engine skips to one several times as fast.
# Joiners are letters of Arabic, Indian and emoji spelling: there they stay.
_INVISIBLE: Final = re.compile(
    f"[\u00ad\u200c\u200d{_BIDI}{_ZERO_WIDTH}](?:(?<=\u00ad)(?P<soft>)|(?<=[{_BIDI}])(?P<bidi>)"
    f"|(?:(?<=[{_ZERO_WIDTH}])|(?<![\u0600-\u0dff\u2190-\u2bff\U0001f000-\U0001faff\ufe0f].)(?<=[\u200c\u200d]))(?P<zero>))"
)
_SMALL_CAPITALS: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_FULL: Final = "\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_RINGED: Final = "\u249c-\u24e9\U0001f110-\U0001f189"
_OTHER_STYLES: Final = (
    f"\u02b0-\u02b8\u1d2c-\u1d6a\u2070-\u209c\u2102-\u2149\U0001d400-\U0001d7ff{''.join(_SMALL_CAPITALS)}"
)
_STYLED: Final = re.compile(
    f"[{_FULL}{_RINGED}{_OTHER_STYLES}]"
    f"(?:(?<=[{_FULL}])(?P<full>[{_FULL}]*)|(?<=[{_RINGED}])(?P<ringed>[{_RINGED}]*)|(?P<styled>[{_OTHER_STYLES}]*))"
)
_COLONS: Final = "\uff1a\u2236\ua789\u02d0\ufe13\ufe55\u05c3\u0589"
_SLASHES: Final = "\u2044\u2215\u2571\u29f8\u3033\uff0f"
_DASHES: Final = "\u2010\u2011\uff0d\ufe63\u2043"
_LOOKALIKE_SIGN: Final = re.compile(
    f"[{_COLONS}{_SLASHES}{_DASHES}\uff1d\uff06\uff1f](?:(?<=[psPS][{_COLONS}])(?=[/{_SLASHES}]{{2}})(?P<colon>)"
    f"|(?<=[A-Za-z0-9:/\uff1a\u2236\ua789\ufe13{_SLASHES}][{_SLASHES}])(?=[A-Za-z0-9/{_SLASHES}]|$)(?P<slash>)"
    f"|(?<=[A-Za-z0-9][{_DASHES}])(?=[A-Za-z0-9])(?P<dash>)"
    r"|(?<=[A-Za-z0-9/][\uff1d\uff06\uff1f])(?=[A-Za-z0-9])(?P<query>))"
)
_SIGNS: Final = {"colon": ":", "slash": "/", "dash": "-"}
_QUERY_SIGNS: Final = {"\uff1d": "=", "\uff06": "&", "\uff1f": "?"}
_ENTITY: Final = re.compile(
    r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|(?:amp|lt|gt|quot|apos|nbsp|period|sol|colon|hyphen|dash|num|quest|equals|"
    r"commat|lowbar|shy|zwnj|zwj|lrm|rlm|ZeroWidthSpace|NoBreak|Tab|NewLine);)"
)
_NAMED_ESCAPES: Final = frozenset({"&amp;", "&lt;", "&gt;", "&quot;", "&apos;", "&nbsp;", "&#39;", "&#34;", "&#38;"})
_SCHEME: Final = re.compile(
    r"(?P<word>(?-i:[hHtTmMfF])(?<![A-Za-z0-9].)"
    r"(?:(?<=h)(?:tt|11||x|t[x*_+#-]|[x*_+#-]t|xx|\*\*|__|--|\+\+|##|t|ttt|xxx)p"
    r"|(?<=t)(?<![\w/:].)t?p|(?<=h)http|(?<=m)eow|(?<=f)(?:xp|pt|\*p)))"
    r"(?P<s>\[s\]|\(s\)|s{1,2}|[5x]?)[\])}>]?"
    r"(?P<gap>[ \t]{0,2}[\[({<]?[ \t]?[:;\uff1a]{1,2}[ \t]?[\])}>]?[ \t\r\n]{0,2}"
    r"[\[({<]?[/\\][ \t]?[\])}>]?[\[({<]?[/\\]{1,3}[\])}>]?|[ \t_|.,-]?//|:{1,2}[/\\])"
    r"(?=[\w\[\u0080-\U0010ffff])(?!https?:)",
    re.IGNORECASE,
)
_OPEN, _CLOSE = (
    "[\\[({<\u3010\uff08\u3014\u300c\uff5b\uff3b\u300a]",
    "[\\])}>\u3011\uff09\u3015\u300d\uff5d\uff3d\u300b]",
)
_SPACES: Final = " \t\u00a0"
_BRACKETED: Final = re.compile(
    rf"{_OPEN}(?<=[\w{_SPACES}].)\s{{0,2}}(?:(?P<dot>[.{DOTS}])|(?P<word>{DOT_WORDS}|titk|punto|punkt|point)"
    rf"|(?P<slash>/|slash)|(?P<dash>-)|(?P<colon>:))\s{{0,2}}{_CLOSE}",
    re.IGNORECASE,
)
_BRACKET: Final = re.compile("[\\[({<\\\\\"'`*~|\\]}\u3010\uff08\u3014\u300c\uff5b\uff3b\u300a]")
_HALF_BRACKETED: Final = re.compile(
    r"[\[{(.\\\"'`*~|](?:(?<=[\[{\\])\.(?=\w)|(?<=\.)[\]}](?=\w)|(?<=\()\.(?=\w+(?:\.|/|\s|$))"
    r"|(?<=([\"'`*~|]))\.\1(?=\w))"
)
_BRACKETED_SUFFIX: Final = re.compile(r"[\[({](\.[A-Za-z]{2,24}(?:\.[A-Za-z]{2})?)[\])}]")
_PERCENT_LINK: Final = re.compile(
    r"(?-i:[hHfF])(?<![\w=&?/%.:#-].)(?:(?<=h)(?:tt|xx)ps?|(?<=f)tp)(?:%(?:25)*3a(?:%(?:25)*2f|/){2}|:(?:%(?:25)*2f){2})[^\s<>\"']+",
    re.IGNORECASE,
)
_PERCENT_DOT: Final = re.compile(r"(?<![\w/%=?&.-])[\w-]+(?:(?:\.|%2e)[\w-]+)*%2e(?=[\w-]+)", re.IGNORECASE)
_SPACED_START: Final = re.compile(
    r"(?-i:[wWhH])(?<!\S.)(?:(?<=w) w w(?= ?\.)|(?<=h) t t p(?: s)?(?= ?: ?/))", re.IGNORECASE
)
_SPACED_LETTERS: Final = re.compile(r"(?<!\S)(?:\S[ \u00a0]){7,}\S(?!\S)")
_SOFT_BREAK: Final = re.compile(r"=(?<=[A-Za-z0-9/.?&=_-]=)\r?\n(?=\S)")
_HOST_BREAK: Final = re.compile(r"://([\w.-]{1,200}-)\r?\n(?=[\w-]+\.\w)")


def undoer(suffixes: Suffixes, most: int) -> Callable[[str], tuple[View, Iterator[Edit]]]:
    """A function from a text to its view after all tricks but the last are undone, and the edits of that in order.

    The last are hosts whose dots are disguised: the dearest, and seldom all needed. Of no trick are more undone than
    `most`, for each costs work.
    """
    cut_off = cut_off_names(suffixes)

    def some(view: View, edits: Iterator[Edit]) -> View:
        return edited(view, islice(edits, most))

    def undone(text: str) -> tuple[View, Iterator[Edit]]:
        view = without_entities(text)
        if not view.text.isascii():
            view = some(view, _invisible(view.text))
            view = some(view, _styled(view.text))
            view = some(view, _signs(view.text))
        if "%" in view.text:
            view = some(view, _percent(view.text, _PERCENT_LINK))
        if "%2e" in view.text or "%2E" in view.text:
            view = some(view, _percent(view.text, _PERCENT_DOT))
        if " . " in view.text or "\u00a0" in view.text:
            view = some(view, _spaced_letters(view.text, suffixes))
        view = some(view, _spaced_start(view.text)) if _SPACED_START.search(view.text) else view
        if has_odd_scheme(view.text):
            view = some(view, outside_paths(view.text, _schemes(view.text)))
        if _BRACKET.search(view.text) is not None:
            view = some(view, _bracketed(view.text))
            view = some(view, _bracketed_suffix(view.text))
            view = some(view, outside_paths(view.text, _half_bracketed(view.text)))
        view = some(view, _breaks(view.text)) if "\n" in view.text else view
        return view, islice(chain_edits(view.text, suffixes, cut_off), most)

    return undone


def in_order(view: View) -> View:
    """The view with its tricks by their places."""
    return replace(view, undone=tuple(sorted(view.undone, key=itemgetter(0)))) if view.undone else view


def without_entities(text: str) -> View:
    """The text as it reads after HTML entities are undone, which comes before all else."""
    return edited(plain(text), _entities(text)) if "&" in text else plain(text)


def _entities(text: str) -> Iterator[Edit]:
    for match in _ENTITY.finditer(text):
        written = match[0]
        yield match.start(), match.end(), unescape(written), "escaped_markup" if written in _NAMED_ESCAPES else "entity"


def _invisible(text: str) -> Iterator[Edit]:
    names = {"soft": "soft_hyphen", "bidi": "bidi_mark", "zero": "zero_width"}
    for match in _INVISIBLE.finditer(text):
        yield match.start(), match.end(), "", names[match.lastgroup or ""]


def _styled(text: str) -> Iterator[Edit]:
    names = {"full": "full_width", "ringed": "enclosed_letters", "styled": "styled_letters"}
    letters = _letters()
    for match in _STYLED.finditer(text):
        plain_text = match[0].translate(letters)
        if plain_text != match[0]:
            yield match.start(), match.end(), plain_text, names[match.lastgroup or ""]


@cache
def _letters() -> dict[int, str]:
    """What each styled letter or digit reads as, one character for one."""
    ranges = (
        (0xFF10, 0xFF5B),
        (0x249C, 0x24EA),
        (0x2B0, 0x2B9),
        (0x1D2C, 0x1D6B),
        (0x2070, 0x209D),
        (0x2102, 0x214A),
        (0x1D400, 0x1D800),
    )
    letters = {ord(styled): letter for styled, letter in _SMALL_CAPITALS.items()}
    for first, last in ranges:
        for code in range(first, last):
            folded = unicodedata.normalize("NFKC", chr(code)).strip("()")
            if len(folded) == 1 and folded.isascii() and folded.isalnum():
                letters[code] = folded
    for first in (0x1F110, 0x1F130, 0x1F150, 0x1F170):
        letters |= {first + place: chr(ord("A") + place) for place in range(26)}
    return letters


def _signs(text: str) -> Iterator[Edit]:
    for match in _LOOKALIKE_SIGN.finditer(text):
        kind = match.lastgroup or ""
        reads = _SIGNS.get(kind) or _QUERY_SIGNS[match[0]]
        if reads != match[0]:
            yield match.start(), match.end(), reads, f"lookalike_{kind}"


def _percent(text: str, pattern: re.Pattern[str]) -> Iterator[Edit]:
    for match in pattern.finditer(text):
        yield match.start(), match.end(), _decoded(match[0]), "percent_encoding"


def _decoded(written: str) -> str:
    """The address inside an escaped one: decoded until its scheme shows, so that its own escapes stay."""
    for _ in range(5):
        if "://" in written or "%" not in written:
            break
        written = unquote(written, errors="surrogateescape")
    return written


def _spaced_letters(text: str, suffixes: Suffixes) -> Iterator[Edit]:
    for match in _SPACED_LETTERS.finditer(text):
        joined = re.sub(r"\s", "", match[0])
        host = joined.lower().partition("://")[2] or joined.lower()
        if "." in host and suffixes.listed(re.split(r"[/?#:]", host, maxsplit=1)[0]):
            yield match.start(), match.end(), joined, "spaced_letters"


def _spaced_start(text: str) -> Iterator[Edit]:
    for match in _SPACED_START.finditer(text):
        yield match.start(), match.end(), match[0].replace(" ", ""), "spaced_letters"


def _schemes(text: str) -> Iterator[Edit]:
    for match in _SCHEME.finditer(text):
        word, gap = match["word"].lower(), match["gap"]
        if (
            word == "http"
            and gap.rstrip(")]}>") == "://"
            and match["s"].lower() in ("", "s")
            and match.end("s") == match.start("gap")
        ):
            continue
        reads = ("ftp" if word.startswith("f") else "http") + ("s" if match["s"] else "") + "://"
        yield match.start(), match.end(), reads, "spaced_scheme" if word == "http" and " " in gap else "defanged_scheme"


def _bracketed(text: str) -> Iterator[Edit]:
    """`a[.]b`, `a (dot) b`, `a[/]b`: with a letter on both sides, across a space or two."""
    reads = {"dot": ".", "word": ".", "slash": "/", "dash": "-", "colon": ":"}
    tricks = {"dot": "bracket_dot", "word": "word_dot", "slash": "bracket_slash", "dash": "bracket_dash"}
    place = 0
    for match in _BRACKETED.finditer(text):
        kind = match.lastgroup or ""
        start, end = _without_spaces(text, match.start(), match.end())
        if start >= place and text[start - 1 : start].isalnum() and (text[end : end + 1].isalnum() or kind == "slash"):
            yield start, end, reads[kind], tricks.get(kind, "bracket_colon")
            place = end


def _without_spaces(text: str, start: int, end: int) -> tuple[int, int]:
    """The place with up to two spaces on either side of it."""
    for _ in range(2):
        start -= start > 0 and text[start - 1] in _SPACES
        end += end < len(text) and text[end] in _SPACES
    return start, end


def _half_bracketed(text: str) -> Iterator[Edit]:
    for match in _HALF_BRACKETED.finditer(text):
        if text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), match.end(), ".", "escaped_dot" if match[0][0] == "\\" else "bracket_dot"


def _bracketed_suffix(text: str) -> Iterator[Edit]:
    for match in _BRACKETED_SUFFIX.finditer(text):
        if text[match.start() - 1 : match.start()].isalnum():
            yield match.start(), match.end(), match[1], "bracket_dot"


def _breaks(text: str) -> Iterator[Edit]:
    edits = [(m.start(), m.end(), "", "line_break") for m in _SOFT_BREAK.finditer(text)]
    edits += [(m.end(1), m.end(), "", "line_break") for m in _HOST_BREAK.finditer(text)]
    return iter(sorted(edits))
