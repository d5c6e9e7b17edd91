"""Find every link that a person would follow, where it stands in the text, and what it is called.

Most texts hold no link, and most links stand alone between spaces in canonical form: both are told cheaply here.
All else goes the careful way; what the fast way finds is what the careful way would find.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final, TypeAlias

from stream.bounds import Bounds
from stream.canonical import SETTLED, Name, canonicalizer, namer, settled_linker, settled_reader
from stream.careful import EMPTY, Links, Pair, as_written, careful_reader, pair_maker
from stream.gate import Seen, gate, has_odd_scheme
from stream.model import FoundLink, Link
from stream.scan import scan
from stream.suffixes import Suffixes, bundled
from stream.tails import SENTENCE_END, SHORTENER_SLUG
from stream.tricks import without_entities
from stream.view import plain

Reader: TypeAlias = Callable[[str], Links]
Finder: TypeAlias = Callable[[str], tuple[FoundLink, ...]]

__all__ = ["EMPTY", "Links", "careful", "find_links", "finder", "reader"]

_DEFAULT: Final = Bounds()
_AFTER_DOT: Final = re.compile(r"(?<!\.)\.(xn--[a-z0-9-]+|[a-z0-9]+)")  # no name has two dots side by side
_FOUR_NUMBERS: Final = re.compile(r"\d\.\d{1,3}\.\d{1,3}\.\d")
_INNER_DOT: Final = re.compile(r"\.[^\s.]")
_HOST_GOES_ON: Final = re.compile(r"\s\.[^\s.]")
_LINKS_KEPT: Final = 50_000  # 61 % of the links of a day of chat, at 0.9 kB each with what is known of names
_LONGEST_KEPT: Final = 200  # long ones are seldom seen twice, and fill memory
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
    look, read, longest = gate(suffixes), reader_of_seen(suffixes, bounds), longest_seen(bounds)
    return lambda text: read(text, look(text) if len(text) <= longest else "tricky")


def longest_seen(bounds: Bounds) -> int:
    """Characters of a text that may be read fast: longer ones go where limits are kept."""
    return min(bounds.text, bounds.signs)


def reader_of_seen(suffixes: Suffixes, bounds: Bounds) -> Callable[[str, Seen], Links]:
    """A function from a text and what the gate says of it to its links."""
    read_carefully, read_tokens = careful(suffixes, bounds), _token_reader(suffixes, bounds)
    look, longest = gate(suffixes), longest_seen(bounds)

    def read(text: str, seen: Seen) -> Links:
        if not seen:
            return EMPTY
        fast = read_tokens(text) if seen == "plain" else read_entities(text) if "&" in text else None
        return fast or read_carefully(text)

    def read_entities(text: str) -> Links | None:
        """What a text holds whose only tricks are HTML entities, as web pages leave them in titles."""
        if len(text) > longest or not (view := without_entities(text)).undone:
            return None
        seen = look(view.text)
        links = EMPTY if not seen else read_tokens(view.text) if seen == "plain" else None
        return links and as_written(links, text, view)

    return read


def careful(suffixes: Suffixes, bounds: Bounds = _DEFAULT) -> Reader:
    """The reader without the short cuts, which says what is right."""
    return careful_reader(suffixes, bounds, canonicalizer(suffixes))


def _token_reader(suffixes: Suffixes, bounds: Bounds) -> Callable[[str], Links | None]:
    """A reader of texts without tricks, token by token; None when there is more than it may judge."""
    name_of = namer(suffixes)
    settled, is_no_name = settled_reader(name_of), _no_name_teller(suffixes)
    read_settled = _settled_reader(name_of, bounds, is_no_name)
    pairs_at = pair_maker(suffixes, bounds, canonicalizer(suffixes))
    most, longest = bounds.links, bounds.link

    def read(text: str) -> Links | None:
        if not _has_scheme(text) and is_no_name(text):
            return EMPTY
        if (links := read_settled(text)) is not None:
            return links
        pairs: list[Pair] = []
        hit: dict[str, None] = {}
        for start, token in _candidates(text):
            if not _has_scheme(token) and is_no_name(token) and not _may_go_on(text, start, token):
                continue
            place = start + len(token)
            if (
                len(token) < longest
                and token[-1] not in _UNSURE_END
                and (link := settled(token)) is not None
                and _is_whole(token, link)
                and (link.path != "/" or not _may_go_on(text, start, token))
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


def _settled_reader(
    name_of: Callable[[str], Name], bounds: Bounds, is_no_name: Callable[[str], bool]
) -> Callable[[str], Links | None]:
    """A reader of texts whose every address stands between blanks and is canonical; None for all others."""
    settled_at, link_of = SETTLED.match, settled_linker(name_of)
    most, longest = bounds.links, bounds.link
    known: dict[str, Link] = {}

    def read(text: str) -> Links | None:
        pairs: list[Pair] = []
        rest, place, at = "", 0, text.find("http")
        while at >= 0:
            if at and not text[at - 1].isspace():
                return None
            end = text.find(" ", at)
            token = text[at:end] if end >= 0 else text[at:]
            link = known.get(token)
            if link is None:
                match = settled_at(text, at)
                if match is None:
                    return None
                token, end = match[0], match.end()
                if token[-1] in _UNSURE_END or len(token) >= longest or not (end == len(text) or text[end].isspace()):
                    return None
                link = link_of(match)
                if link is None or not _is_whole(token, link):
                    return None
                if len(token) <= _LONGEST_KEPT:
                    if len(known) >= _LINKS_KEPT:
                        known.clear()
                    known[token] = link
            end = at + len(token)
            pairs.append((FoundLink(token, at, end, token), link))
            rest += text[place:at]
            place, at = end, text.find("http", end)
        if not pairs or len(pairs) > most:
            return None
        rest += text[place:]
        return None if _has_scheme(rest) or _may_hold_name(rest, is_no_name) else Links(tuple(pairs), (), rest)

    return read


def settled_pairs(suffixes: Suffixes) -> Callable[[str, Sequence[int]], tuple[Pair, ...]]:
    """A function from a text and what was told of it, cues and where its settled addresses begin and end, to its
    links, each once."""
    settled, known = settled_reader(namer(suffixes)), dict[str, Link]()

    def link_of(token: str) -> Link:
        link = settled(token)
        if link is None:
            raise ValueError("a first look took for settled what is not")
        if len(token) <= _LONGEST_KEPT:
            if len(known) >= _LINKS_KEPT:
                known.clear()
            known[token] = link
        return link

    def pairs(text: str, told: Sequence[int]) -> tuple[Pair, ...]:
        if len(told) == 3:  # as nearly all
            _, start, end = told
            token = text[start:end]
            return ((FoundLink(token, start, end, token), known.get(token) or link_of(token)),)
        found: dict[str, Pair] = {}
        for start, end in zip(told[1::2], told[2::2], strict=True):
            token = text[start:end]
            link = known.get(token) or link_of(token)
            found.setdefault(link.key, (FoundLink(token, start, end, token), link))
        return tuple(found.values())

    return pairs


def _has_scheme(text: str) -> bool:
    return "/" in text and ("//" in text or ":/" in text)


def _may_hold_name(prose: str, is_no_name: Callable[[str], bool]) -> bool:
    """Whether an address without a scheme, or the rest of a host, may be in what stands beside addresses."""
    if "." not in prose or _INNER_DOT.search(prose) is None:
        return False
    return not is_no_name(prose) or _HOST_GOES_ON.search(prose) is not None


def _candidates(text: str) -> list[tuple[int, str]]:
    """The tokens that an address may be in, with where they begin."""
    found: list[tuple[int, str]] = []
    place = 0
    for token in text.split():
        if "." not in token and "/" not in token:
            continue
        dot = token.find(".")
        if "//" in token or ":/" in token or (dot >= 0 and (dot < len(token) - 1 or "/" in token)):
            start = text.index(token, place)
            place = start + len(token)
            found.append((start, token))
    return found


def _no_name_teller(suffixes: Suffixes) -> Callable[[str], bool]:
    """A claim about text with dots and no slash: no suffix follows any of its dots, nor is there a number address."""
    after_dots = _AFTER_DOT.findall
    tops = suffixes.tops

    def is_no_name(text: str) -> bool:
        if not text.isascii():
            return False
        words = after_dots(text.lower())
        return tops.isdisjoint(words) and (len(words) < 3 or _FOUR_NUMBERS.search(text) is None)

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
    return link.host != "t.co" or (
        not link.fragment and not link.has_query and SHORTENER_SLUG.fullmatch(link.path) is not None
    )


@cache
def _bundled_finder() -> Finder:
    return finder(bundled())
