"""Find every link that a person would follow, where it stands in the text, and what it is called.

Most texts hold no link, and most links stand alone between spaces in canonical form: both are told cheaply here.
All else goes the careful way; what the fast way finds is what the careful way would find.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from stream.bounds import Bounds
from stream.canonical import canonicalizer, namer, settled_reader
from stream.careful import EMPTY, Links, Pair, as_written, careful_reader, pair_maker
from stream.gate import gate
from stream.model import FoundLink, Link
from stream.scan import scan
from stream.suffixes import Suffixes, bundled
from stream.tails import SENTENCE_END, SHORTENER_SLUG

Reader: TypeAlias = Callable[[str], Links]
Finder: TypeAlias = Callable[[str], tuple[FoundLink, ...]]

__all__ = ["EMPTY", "Links", "careful", "find_links", "finder", "reader"]

_DEFAULT: Final = Bounds()


def find_links(text: str) -> tuple[FoundLink, ...]:
    """Every link of a text, under the bundled suffix list and the default bounds."""
    return _bundled_finder()(text)


def finder(suffixes: Suffixes, bounds: Bounds = _DEFAULT) -> Finder:
    """A function from a text to its links."""
    read = reader(suffixes, bounds)

    def find(text: str) -> tuple[FoundLink, ...]:
        return tuple([found for found, _ in read(text).pairs])

    return find


def reader(suffixes: Suffixes, bounds: Bounds = _DEFAULT) -> Reader:
    """A function from a text to its links with their names; one shared empty value for text without any."""
    look = gate(suffixes)
    read_carefully = careful(suffixes, bounds)
    read_tokens = _token_reader(suffixes, bounds)
    longest = bounds.text

    def read(text: str) -> Links:
        seen = look(text) if len(text) <= longest else "tricky"
        if not seen:
            return EMPTY
        return (read_tokens(text) if seen == "plain" else None) or read_carefully(text)

    return read


def careful(suffixes: Suffixes, bounds: Bounds = _DEFAULT) -> Reader:
    """The reader without the short cuts, which says what is right."""
    return careful_reader(suffixes, bounds, canonicalizer(suffixes))


def _token_reader(suffixes: Suffixes, bounds: Bounds) -> Callable[[str], Links | None]:
    """A reader of texts without tricks, token by token; None when there is more than it may judge."""
    settled = settled_reader(namer(suffixes))
    pairs_at = pair_maker(suffixes, bounds, canonicalizer(suffixes))
    most = bounds.links

    def read(text: str) -> Links | None:
        pairs: list[Pair] = []
        hit: dict[str, None] = {}
        place = 0
        for token in text.split():
            if "." not in token and "//" not in token:
                continue
            start = text.index(token, place)
            place = start + len(token)
            if token[-1] not in SENTENCE_END and (link := settled(token)) is not None and _is_whole(token, link):
                pairs.append((FoundLink(token, start, place, token), link))
                continue
            if token[-1] == "." and ("://" in token or "www" in token[:4].lower()):
                return None  # an address that breaks off at a dot may go on after the space
            for span in scan(text, suffixes, bounds, start, place):
                pairs += pairs_at(text, as_written(text), span, hit)
        if len(pairs) > most or hit:
            return None
        return Links(tuple(pairs)) if pairs else EMPTY

    return read


def _is_whole(token: str, link: Link) -> bool:
    """Whether the careful way would also take the whole token for one link and look inside it no further."""
    if link.has_query and "=" in link.query and "." in link.query:
        return False
    return link.host != "t.co" or SHORTENER_SLUG.fullmatch(link.path) is not None


@cache
def _bundled_finder() -> Finder:
    return finder(bundled())
