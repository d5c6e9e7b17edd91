"""What an alert may show of a text: defanged links, masked numbers, keyed hashes."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import Final

from stream.model import FoundLink

EXCERPT: Final = 240  # code points
LEAD: Final = 100  # code points of context kept before the link
WINDOW: Final = 2 * EXCERPT  # code points looked at on either side: masking makes a text shorter

_SCHEMES: Final = {"http": "hxxp", "https": "hxxps", "ftp": "fxp"}

# Ordered: an e-mail address may hold digits, an identity card number looks like an account.
_MASKS: Final = (
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++")),
    ("id card", re.compile(r"(?<![\d-])\d{6}-\d{2}-\d{4}(?![\d-])")),  # Malaysian MyKad: birth date, state, serial
    ("phone", re.compile(r"(?<![\w+])(?:\+\d{1,3}[ -]?|0)\d{1,3}(?:[ -]?\d){6,9}(?!\d)")),
    ("account", re.compile(r"(?<![\w.-])\d(?:[ -]?\d){8,18}(?![\w-])")),
)
# Whatever is masked holds an @ or so many digits; most texts hold neither. One class at the front is sought fast.
_MAY_MASK: Final = re.compile(r"[@\d](?:(?<=@)|(?:[ -]?\d){7})")


def defang(url: str) -> str:
    """The address so that no program makes a live link of it.

    >>> defang("https://pay.example/a.b")
    'hxxps://pay[.]example/a.b'
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        scheme, rest = "", url
    name = rest.partition("/")[0].partition("?")[0].partition("#")[0]
    host = name.replace(".", "[.]")
    if "]" in name:
        host = host.replace(":", "[:]")  # an IPv6 address has no dots to break
    return _SCHEMES.get(scheme.lower(), scheme) + mark + host + rest[len(name) :]


def mask(text: str) -> str:
    """The text without phone, account and identity card numbers and e-mail addresses; the last three digits stay.

    >>> mask("hubungi 012-345 6789")
    'hubungi [phone …789]'
    """
    if _MAY_MASK.search(text) is None:
        return text
    for name, pattern in _MASKS:
        text = pattern.sub(lambda match, name=name: _masked(name, match[0]), text)  # type: ignore[misc]
    return text


def _masked(name: str, value: str) -> str:
    digits = re.sub(r"\D", "", value)
    return f"[{name}]" if name == "email" or len(digits) < 7 else f"[{name} …{digits[-3:]}]"


def excerpt(text: str, focus: FoundLink, links: Iterable[FoundLink]) -> str:
    """At most 240 code points of the text round the link, links defanged and personal numbers masked."""
    first, last = max(0, focus.start - WINDOW), focus.end + WINDOW
    parts: list[str] = []
    at, before = first, 0
    for link in sorted(links, key=lambda found: found.start):
        if link.found_in == "given" or link.start < at or link.end > last:
            continue
        parts.append(mask(text[at : link.start]))
        if link.start == focus.start:
            before = sum(map(len, parts))
        parts.append(defang(link.url.partition("://")[2] if link.scheme_assumed else link.url))
        at = link.end
    parts.append(mask(text[at:last]))
    whole = "".join(parts)
    return _cut(whole, max(0, min(before - LEAD, len(whole) - EXCERPT)))


def _cut(whole: str, first: int) -> str:
    """A window of the text, with an ellipsis where something was left out."""
    if first:
        whole = "…" + whole[first + 1 :]
    return whole if len(whole) <= EXCERPT else whole[: EXCERPT - 1] + "…"


def keyed_hash(key: bytes, value: str) -> str | None:
    """HMAC-SHA-256 of the value, 32 hex digits; None without a key: an unkeyed hash of a user id can be undone."""
    if not key or not value:
        return None
    return hmac.new(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
