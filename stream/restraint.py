"""When a name with dots and no scheme is a link, and when it is a file, code, or prose with a missing space."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from stream.letters import IS_UNSPACED
from stream.suffixes import Suffixes
from stream.vocabulary import (
    CODE_NAMES,
    COUNTRY_WORDS,
    CUES,
    FILE_ENDINGS,
    LINK_CUES,
    MAIL_HOSTS,
    PRONOUNS,
    PROSE,
    SECOND_LEVEL,
    WORDS,
)

_ENDS_IN_SLASH: Final = re.compile(r"/(?=\s|$)")
_BETWEEN: Final = " \t\r\n\"'([{<:：>-–—=→➡👉"
_WORD: Final = re.compile(r"[^\W_]")
_OPERATOR_BEFORE: Final = re.compile(r"(?:[=!<>+*/%]=?|=>|&&|\|\|)\s+\Z")
_OPERATOR_AFTER: Final = re.compile(r"\s+(?:[=!<>+*%]=?|===|&&|\|\|)\s")
_CODE_AFTER: Final = frozenset("(=[{")
_NO_WORD: Final = re.compile(r"\.(?:com|org|biz|xyz)(?:\.[a-z]{2})?\Z", re.IGNORECASE)  # begins no sentence
_BRACKET_AT: Final = re.compile(r"[\[({<]\s?(?:at|@)\s?[\])}>]\s?\Z", re.IGNORECASE)
_SPACED_AT: Final = re.compile(r"\s(?:at|@)\s\Z", re.IGNORECASE)
_MODEL: Final = re.compile(r"(?!rm\d)[a-z]{2,}\d+[a-z0-9]*")  # `mbb2u`; an amount or a time is none
_TOPS_FIRST: Final = frozenset(("com", "org", "net", "io"))  # names of packages are written from the right
_BRAND_TOPS: Final = frozenset(
    ("android", "apple", "azure", "bing", "chrome", "google", "office", "windows", "youtube")
)
_AMBIGUOUS: Final = WORDS | FILE_ENDINGS | PRONOUNS | {"ai", "cc", "dev"}
_ANNOUNCED: Final = re.compile("[:：=→➡👉⬇]\ufe0f?\\s*\\Z")
_PRIVATE_IP: Final = re.compile(r"(?:0|10|127|169\.254|172\.(?:1[6-9]|2\d|3[01])|192\.168)\.")
_NEAR: Final = 80


class Place(Struct, frozen=True, gc=False):
    """Where a name stands: the text, from where to where, and whether a real path, query or port follows."""

    text: str
    start: int
    end: int
    deeper: bool


def is_link(host: str, place: Place, suffixes: Suffixes) -> bool:
    """Whether a person would take this bare name for a link, by its suffix and what stands around it."""
    lower = host.lower()
    if not suffixes.listed(lower):
        return False
    labels = lower.split(".")
    if "_" in labels[-1] or "_" in labels[-2]:
        return False
    if place.deeper or labels[0] == "www":
        return True
    if labels[-1] not in FILE_ENDINGS and _ENDS_IN_SLASH.match(place.text, place.end) is not None:
        return True
    if _is_prose_case(host) or _is_code(labels, place):
        return False
    if IS_UNSPACED.match(labels[-1]) and IS_UNSPACED.match(labels[-2]):
        return _has_cue(place, CUES)  # a full stop between two words of Chinese or Japanese
    return _is_plain(labels) or _is_spoken_for(labels, place) or _is_in_row(labels, place, suffixes)


def _is_prose_case(host: str) -> bool:
    """`KYC.Click`, `ASP.Net`, `Makefile.PL`: the last label is cased as a word or constant, the one before is not."""
    last = host.rpartition(".")[2]
    if last.islower() or not last.isascii() or host.isupper() or _NO_WORD.search(host) is not None:
        return False
    return not last.isupper() or last.lower() in FILE_ENDINGS


def _is_code(labels: list[str], place: Place) -> bool:
    """A short name that is called, indexed, assigned or compared; a field, a script or a package by its words."""
    last = labels[-1]
    if last not in _AMBIGUOUS:
        return labels[0] in _TOPS_FIRST and last in _BRAND_TOPS
    if place.text[place.end : place.end + 1] in _CODE_AFTER and place.end < len(place.text):
        return True
    if labels[0] in _TOPS_FIRST and len(labels) > 2:
        return not _has_cue(place, CUES)
    if labels[-2] in CODE_NAMES or (labels[0].isdigit() and len(labels) == 2 and _is_numbering(labels[0], place)):
        return not _has_cue(place, CUES)
    if last not in PRONOUNS and last not in WORDS:
        return False
    around = place.text[max(0, place.start - 4) : place.start], place.text[place.end : place.end + 4]
    return (
        around[0][-1:] == "{"
        or _OPERATOR_BEFORE.search(around[0]) is not None
        or _OPERATOR_AFTER.match(around[1]) is not None
    )


def _is_numbering(number: str, place: Place) -> bool:
    """`2.to do`: a short number that begins a line is the number of an item."""
    return len(number) == 1 or (len(number) == 2 and place.text[max(0, place.start - 1) : place.start] in ("", "\n"))


def _is_plain(labels: list[str]) -> bool:
    last = labels[-1]
    if last in FILE_ENDINGS or last in WORDS:
        return len(labels) > 2 and last in COUNTRY_WORDS and labels[-2] in SECOND_LEVEL
    return not (len(labels) == 2 and (len(last) < 3 or last in PRONOUNS) and labels[0] in PROSE)


def _is_spoken_for(labels: list[str], place: Place) -> bool:
    last, name = labels[-1], labels[-2]
    if last in FILE_ENDINGS:
        return _has_cue(place, LINK_CUES)
    if last == "so" and (labels[0].startswith("lib") or "_" in labels[0]):
        return False
    if _touches_unspaced(place) or _has_cue(place, CUES) or "-" in name:
        return True
    if len(last) > 2 and name not in PROSE and (_MODEL.fullmatch(name) is not None or _is_announced(place)):
        return True
    return len(labels) == 2 and (last not in WORDS or name not in PROSE) and _is_alone(place)


def _is_in_row(labels: list[str], place: Place, suffixes: Suffixes) -> bool:
    """A name that could be a word stands in a row of names that could not."""
    if labels[-1] in FILE_ENDINGS:
        return False
    before = place.text[max(0, place.start - _NEAR) : place.start].rsplit(None, 1)[-1:]
    after = place.text[place.end : place.end + _NEAR].split(None, 1)[:1]
    return any(_is_plain_name(token.lower().strip(",;"), suffixes) for token in (*before, *after))


def _is_plain_name(token: str, suffixes: Suffixes) -> bool:
    host = token.rpartition("://")[2].partition("/")[0]
    return "." in host and _is_plain(host.split(".")) and suffixes.listed(host)


def _touches_unspaced(place: Place) -> bool:
    around = place.text[max(0, place.start - 1) : place.start] + place.text[place.end : place.end + 1]
    return IS_UNSPACED.search(around) is not None


def is_mail_host(host: str, place: Place) -> bool:
    """Whether a name is the second half of an e-mail address whose `@` is written out: `ali [at] mail.example`."""
    before = place.text[max(0, place.start - 8) : place.start]
    if _BRACKET_AT.search(before) is not None:
        return True
    return host.lower() in MAIL_HOSTS and _SPACED_AT.search(before) is not None


def _is_alone(place: Place) -> bool:
    """Nothing else worth reading stands on its line."""
    before = place.text[max(0, place.start - _NEAR) : place.start].rpartition("\n")[2]
    after = place.text[place.end : place.end + _NEAR].partition("\n")[0]
    return _WORD.search(before) is None and _WORD.search(after) is None


def _is_announced(place: Place) -> bool:
    """`your parcel: posmy.delivery`: a colon or an arrow points to it, and nothing follows on its line."""
    after = place.text[place.end : place.end + _NEAR].partition("\n")[0]
    before = place.text[max(0, place.start - 4) : place.start]
    return _ANNOUNCED.search(before) is not None and _WORD.search(after) is None


def _has_cue(place: Place, cues: frozenset[str]) -> bool:
    before = place.text[max(0, place.start - _NEAR) : place.start].rstrip(_BETWEEN)
    return any(word.lstrip("\"'([{<").lower().strip(":,.!*") in cues for word in before.rsplit(None, 1)[-1:])


def is_addressed(place: Place) -> bool:
    """Whether a bare number address is somewhere to go: alone on its line and public, or after a call to visit."""
    return (_is_alone(place) and _PRIVATE_IP.match(place.text, place.start) is None) or _has_cue(place, CUES)
