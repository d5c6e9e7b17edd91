"""Find every link that a person would follow, where it stands in the text, and what it is called.

Most texts hold no link, and most links stand alone between spaces in canonical form: both are told cheaply here.
All else goes the careful way; what the fast way finds is what the careful way would find.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final, TypeAlias

from stream.bounds import Bounds
from stream.canonical import canonicalizer, namer, settled_reader
from stream.careful import EMPTY, Links, Pair, careful_reader, pair_maker
from stream.gate import gate, has_odd_scheme
from stream.model import FoundLink, Link
from stream.scan import scan
from stream.suffixes import Suffixes, bundled
from stream.tails import SENTENCE_END, SHORTENER_SLUG
from stream.view import plain

Reader: TypeAlias = Callable[[str], Links]
Finder: TypeAlias = Callable[[str], tuple[FoundLink, ...]]

__all__ = ["EMPTY", "Links", "careful", "find_links", "finder", "reader"]

_DEFAULT: Final = Bounds()
_AFTER_DOT: Final = re.compile(r"\.([a-z0-9-]+)")
_UNSURE_END: Final = frozenset(SENTENCE_END + "=-")
_SCHEME_ENDS: Final = frozenset(":;/pPsS")


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
    longest = min(bounds.text, bounds.signs)

    def read(text: str) -> Links:
        seen = look(text) if len(text) <= longest else "tricky"  # long ones go where limits are kept
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
    most, longest = bounds.links, bounds.link
    is_no_name = _no_name_teller(suffixes)

    def read(text: str) -> Links | None:
        pairs: list[Pair] = []
        hit: dict[str, None] = {}
        place = 0
        for token in text.split():
            if "." not in token:
                if "//" not in token:
                    continue
            elif "/" not in token and (token.find(".") == len(token) - 1 or is_no_name(token)):
                continue
            start = text.index(token, place)
            place = start + len(token)
            if (
                len(token) < longest
                and token[-1] not in _UNSURE_END
                and (link := settled(token)) is not None
                and _is_whole(token, link)
            ):
                pairs.append((FoundLink(token, start, place, token), link))
            elif _may_go_on(text, start, token):
                return None
            else:
                for span in scan(text, suffixes, bounds, start, place):
                    pairs += pairs_at(text, plain(text), span, hit)
        if len(pairs) > most or hit:
            return None
        return Links(tuple(pairs)) if pairs else EMPTY

    return read


def _no_name_teller(suffixes: Suffixes) -> Callable[[str], bool]:
    """A claim about a token with dots and no slash: no suffix follows any of its dots, nor is it a number address."""
    after_dots = _AFTER_DOT.findall
    tops = suffixes.tops

    def is_no_name(token: str) -> bool:
        words = after_dots(token.lower())
        return token.isascii() and tops.isdisjoint(words) and (len(words) < 3 or not any(map(str.isdigit, words)))

    return is_no_name


def _may_go_on(text: str, start: int, token: str) -> bool:
    """Whether an address in this token may begin before it or go on after it, which only the careful way can tell."""
    if "/" in token and (has_odd_scheme(token) or (token[0] == "/" and text[:start].rstrip()[-1:] in _SCHEME_ENDS)):
        return True
    scheme, mark, address = token.partition("://")
    if "/" in address or (not mark and ("/" in scheme or token[:3].lower() != "www")):
        return False
    return token[-1] == "." or text[start + len(token) :].lstrip()[:1] == "."


def _is_whole(token: str, link: Link) -> bool:
    """Whether the careful way would also take the whole token for one link and look inside it no further."""
    if link.has_query and "=" in link.query and "." in link.query:
        return False
    return link.host != "t.co" or SHORTENER_SLUG.fullmatch(link.path) is not None


@cache
def _bundled_finder() -> Finder:
    return finder(bundled())
