"""The careful way to read a text: undo every trick, then look at every name. What it finds is what is right."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import chain, islice, pairwise
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from stream.bounds import Bounds
from stream.chains import DOTS, FIRST_OF_DOT_WORDS, REST_OF_DOT_WORDS
from stream.markup import shown_for
from stream.model import FoundLink, Link
from stream.nested import nested
from stream.scan import Span, scan
from stream.suffixes import Suffixes
from stream.tricks import in_order, undoer
from stream.view import View, edited, tricks_within

Pair: TypeAlias = tuple[FoundLink, Link]
Canonicalize: TypeAlias = Callable[[str], Link | None]

_ONE_SIGN: Final = rf".:@%&\[\](){{}}<>\\{DOTS}\u00ad\u200b-\u200f\u2060-\u2065\ufe00-\ufe0f\ufeff"
_SIGN: Final = re.compile(
    rf"(?-i:[{_ONE_SIGN}/{FIRST_OF_DOT_WORDS}])(?:(?<=[{_ONE_SIGN}])|(?<=/)/|(?<!/)(?:{REST_OF_DOT_WORDS}))",
    re.IGNORECASE,
)
_SIGHTINGS_PER_LINK: Final = 4  # repeats of a link cost as much as new ones
_FIRST_EDITS: Final = 400  # most texts with more hold more links than are read
_SEEN_AHEAD: Final = 1_000  # more characters than are looked at behind a link, for its label or what it stands before


class Links(Struct, frozen=True, gc=False):
    """The links of one text under their names, and the limits that were hit while reading it.

    `prose` is what stands beside its addresses where they were told apart; None where only the whole text is known.
    """

    pairs: tuple[Pair, ...] = ()
    bounds_hit: tuple[str, ...] = ()
    prose: str | None = None


EMPTY: Final = Links()


def as_written(links: Links, text: str, view: View) -> Links:
    """The links of a view that was read by itself as they stand in the text that it is a view of."""

    def placed(found: FoundLink) -> FoundLink:
        first, last = view.span(found.start, found.end)
        tricks = () if found.found_in == "query" else tricks_within(view.undone, first, last)
        return replace(found, raw=text[first:last], start=first, end=last, rewrites=tricks)

    return Links(tuple([(placed(found), link) for found, link in links.pairs])) if links.pairs else EMPTY


def careful_reader(suffixes: Suffixes, bounds: Bounds, canonicalize: Canonicalize) -> Callable[[str], Links]:
    """A function from a text to its links that takes no short cut."""
    pairs_at = pair_maker(suffixes, bounds, canonicalize)
    undone = undoer(suffixes, bounds.signs + 1)

    def read(text: str) -> Links:
        hit: dict[str, None] = {}
        text = _readable(text, bounds, hit)
        view, chains = undone(text)
        pairs: list[Pair] = []
        place, begun, edits = 0, None, list(islice(chains, _FIRST_EDITS))
        if len(edits) == _FIRST_EDITS and all(one[1] <= two[0] for one, two in pairwise(edits)):
            # They overlap where a host stands in a path of words: then only all of them say where something stood.
            begun, edits = edited(view, edits), []
            place = add(text, in_order(begun), (0, begun.layers[0].starts[-1] - _SEEN_AHEAD), pairs, hit)
        whole = view
        if "links" not in hit:
            whole = edited(view, chain(edits, chains), begun)
            add(text, in_order(whole), (place, len(whole.text)), pairs, hit)
        if any(len(layer.starts) > bounds.signs for layer in whole.layers):
            hit["signs"] = None
        return Links(tuple(pairs), tuple(hit)) if pairs or hit else EMPTY

    def add(text: str, view: View, places: tuple[int, int], pairs: list[Pair], hit: dict[str, None]) -> int:
        """Add the links between two places of a view, and say how far it was read."""
        place, end = places
        keys = {link.key for _, link in pairs}
        for start, stop in _tokens(view.text, place, end):
            for span in scan(view.text, suffixes, bounds, start, stop):
                for pair in pairs_at(text, view, span, hit):
                    if len(keys) == bounds.links and pair[1].key not in keys:
                        hit["links"] = None
                        break
                    keys.add(pair[1].key)
                    pairs.append(pair)
                if "links" in hit or len(pairs) >= bounds.links * _SIGHTINGS_PER_LINK:
                    hit["links"] = None
                    return stop
            place = stop
        return place

    return read


def _readable(text: str, bounds: Bounds, hit: dict[str, None]) -> str:
    """As much of a text as is read: so many characters, and of a long one so many signs that cost work."""
    if len(text) > bounds.text:
        text = text[: bounds.text]
        hit["text"] = None
    if len(text) > bounds.signs:
        last = next(islice(_SIGN.finditer(text), bounds.signs, None), None)
        if last is not None:
            text = text[: last.start()]
            hit["signs"] = None
    return text


def _tokens(text: str, place: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the tokens between two places stand that a link may be in: none contains a space once tricks are undone."""
    for token in [each for each in text[place:].split() if "." in each or "//" in each or ":" in each]:
        inner = token.rstrip(".:")
        if "." in inner or "//" in inner or ":" in inner:  # a stop alone makes no link
            start = text.index(token, place)
            place = start + len(token)
            if place > end:
                return
            yield start, place


def pair_maker(
    suffixes: Suffixes, bounds: Bounds, canonicalize: Canonicalize
) -> Callable[[str, View, Span, dict[str, None]], Iterator[Pair]]:
    """A function from a span of a view to its link and those inside it; limits that were hit go into the dict."""

    def pairs_at(text: str, view: View, span: Span, hit: dict[str, None]) -> Iterator[Pair]:
        start, end, scheme = span
        if end - start >= bounds.link:
            hit["link"] = None
        shown = view.text[start:end]
        url = f"{scheme}://{shown.lstrip('/')}" if scheme else shown
        link = canonicalize(url)
        if link is None or (link.kind == "web" and link.host is None):
            return
        if len(link.host or "") > bounds.host:
            hit["host"] = None
            return
        first, last = view.span(start, end)
        found_in, label = shown_for(view.text, start, end)
        tricks = tricks_within(view.undone, first, last)
        yield FoundLink(text[first:last], first, last, url, tricks, bool(scheme), found_in, label), link
        if "://" in shown[8:] or "%" in shown or "=" in shown:
            yield from inside(text, view, start, shown)

    def inside(text: str, view: View, start: int, shown: str) -> Iterator[Pair]:
        for begin, until, address in nested(shown, suffixes):
            link = canonicalize(address)
            if link is not None and link.host is not None:
                first, last = view.span(start + begin, start + until)
                yield FoundLink(text[first:last], first, last, address, found_in="query"), link

    return pairs_at
