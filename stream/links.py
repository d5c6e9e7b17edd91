"""Find every link that a person would follow, where it stands in the text, and what it is called."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from msgspec import Struct

from stream.bounds import Bounds
from stream.canonical import canonicalizer
from stream.model import FoundLink, Link
from stream.scan import scan
from stream.suffixes import Suffixes, bundled
from stream.tricks import undone
from stream.view import tricks_within

Pair: TypeAlias = tuple[FoundLink, Link]
Reader: TypeAlias = Callable[[str], "Links"]
Finder: TypeAlias = Callable[[str], tuple[FoundLink, ...]]


class Links(Struct, frozen=True, gc=False):
    """The links of one text under their names, and the limits that were hit while reading it."""

    pairs: tuple[Pair, ...] = ()
    bounds_hit: tuple[str, ...] = ()


EMPTY: Final = Links()


def find_links(text: str) -> tuple[FoundLink, ...]:
    """Every link of a text, under the bundled suffix list and the default bounds."""
    return _bundled_finder()(text)


def finder(suffixes: Suffixes, bounds: Bounds = Bounds()) -> Finder:  # noqa: B008  # frozen
    """A function from a text to its links."""
    read = reader(suffixes, bounds)

    def find(text: str) -> tuple[FoundLink, ...]:
        return tuple(found for found, _ in read(text).pairs)

    return find


def reader(suffixes: Suffixes, bounds: Bounds = Bounds()) -> Reader:  # noqa: B008  # frozen
    """A function from a text to its links with their names; one shared empty value for text without any."""
    canonicalize = canonicalizer(suffixes)

    def read(text: str) -> Links:
        pairs = []
        view = undone(text[: bounds.text], suffixes)
        for start, end, scheme in scan(view.text, suffixes, bounds):
            shown = view.text[start:end]
            url = f"{scheme}://{shown.lstrip('/')}" if scheme else shown
            link = canonicalize(url)
            if link is not None:
                first, last = view.span(start, end)
                tricks = tricks_within(view.undone, first, last)
                pairs.append((FoundLink(text[first:last], first, last, url, tricks, bool(scheme)), link))
        return Links(tuple(pairs)) if pairs else EMPTY

    return read


@cache
def _bundled_finder() -> Finder:
    return finder(bundled())
