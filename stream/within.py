"""Where written addresses have their paths: what looks like a trick in there is a part of the address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from stream.view import Edit

_PATH: Final = re.compile(
    r"(?-i:[hHfF])(?:(?<=h)ttps?|(?<=f)tp)://[^\s/?#<>\"'`]{1,253}+[/?#]([^\s<>\"`]*+)", re.IGNORECASE
)
_NEXT: Final = ",;|)]"  # what may part one address from another


def outside_paths(text: str, edits: Iterable[Edit]) -> Iterator[Edit]:
    """The edits that are not about the path or query of an address; they come in order of place.

    A browser opens `pay.example/?to=https:/shop.example` as it stands: undone, it would go by another name. What
    follows a comma or text of another script is a second address.
    """
    paths = _PATH.finditer(text)
    first = last = -1
    for edit in edits:
        start, end, *_ = edit
        while last <= start:
            path = next(paths, None)
            first, last = path.span(1) if path else (len(text), len(text) + 1)
        if start < first or _begins_another(text, start, end):
            yield edit


def _begins_another(text: str, start: int, end: int) -> bool:
    """Whether a disguised scheme stands where one address ends and the next begins."""
    before = text[start - 1 : start]
    return not before.isascii() or (before in _NEXT and text[end - 2 : end] in ("//", "\\\\"))
