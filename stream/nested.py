"""Links inside a link: where an open redirect, a proxy or an app link really goes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias
from urllib.parse import unquote

from stream.suffixes import Suffixes

Nested: TypeAlias = tuple[int, int, str]  # from and to inside the outer link, and the address

_DEEPEST: Final = 3
_INNER: Final = re.compile(
    r"(?<![A-Za-z0-9+.-])(?:h(?:tt|xx)ps?|ftp)(?::|%(?:25)*3a)(?:[/\\]|%(?:25)*(?:2f|5c)){1,2}", re.IGNORECASE
)
_VALUE: Final = re.compile(r"[^&#;]*")
_REDIRECT: Final = re.compile(
    r"[?&](?:url|u|q|to|go|goto|target|dest|destination|redirect|redirect_uri|redirect_url|link|next|continue|return|out)="
    r"((?:%(?:25)*2f|/){0,2}[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:(?:/|%(?:25)*2f)[^&#]*)?)(?=[&#]|\Z)",
    re.IGNORECASE,
)
_INTENT: Final = re.compile(r"intent:(?://)?([^#]+)#Intent;(?:[^#]*;)?scheme=(https?);", re.IGNORECASE)


def nested(link: str, suffixes: Suffixes) -> Iterator[Nested]:
    """Every address inside a link, with or without escapes, from the outside in."""
    if match := _INTENT.match(link):
        yield match.start(1), match.end(1), f"{match[2].lower()}://{match[1]}"
    for start, end in _spans(link):
        address = link[start:end]
        for _ in range(_DEEPEST):
            address = _decoded(address)
            yield start, end, address
            inner = next(_spans(address), None)
            if inner is None:
                break
            address = address[inner[0] : inner[1]]
    for match in _REDIRECT.finditer(link):
        address = _decoded(match[1]).lstrip("/")
        if suffixes.listed(re.split(r"[/?#:]", address, maxsplit=1)[0].lower()):
            yield match.start(1), match.end(1), f"http://{address}"


def _spans(link: str) -> Iterator[tuple[int, int]]:
    """Addresses that begin after the outer host; a value in a query ends with its parameter."""
    place = 8
    while match := _INNER.search(link, place):
        if "?" in link[: match.start()] or "#" in link[: match.start()]:
            value = _VALUE.match(link, match.start())
            end = value.end() if value else len(link)
        else:
            end = len(link)
        if end > match.end():
            yield match.start(), end
        place = max(end, match.end())


def _decoded(address: str) -> str:
    """An escaped address as text, its scheme as browsers read it; one that is written out keeps its own escapes."""
    for _ in range(_DEEPEST):
        if "://" in address[:9] or "%" not in address:
            break
        address = unquote(address)
    return f"http{address[4:]}" if address[:4].lower() == "hxxp" else address
