"""Which links a message carries: those in its text and those sent beside it, each once under its one name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from stream.canonical import canonicalizer
from stream.glance import glancer
from stream.links import EMPTY, Links, longest_seen, reader_of_seen, settled_pairs
from stream.model import FoundLink, GivenLink, Link, Message
from stream.native import FirstLook, first_look
from stream.rules import Rules
from stream.sieve import HEARD, sieve

if TYPE_CHECKING:
    from saring_native import Look

Pair: TypeAlias = tuple[FoundLink, Link]


class Reading(Struct, frozen=True, gc=False):
    """The links of one message in order of appearance, the limits that cut the list short, the cues in its text."""

    pairs: tuple[Pair, ...] = ()
    bounds_hit: tuple[str, ...] = ()
    cues: int = 0


NOTHING: Final = Reading()
_TEXTS_KEPT: Final = 50_000  # at some 0.5 kB each beside the link, which is kept by name
LONGEST_KEPT: Final = 300  # characters: longer ones are seldom seen twice, and fill memory as those of many links do


def reader_for(rules: Rules, native: Look | None = None) -> Callable[[Sequence[Message]], list[Reading]]:
    """A function from messages to their links, in order; one without any has the same empty value each time.

    What a text holds is remembered: scams come in copies, and so does much else that people pass on.
    """
    look: FirstLook = first_look(native, rules) if native else glancer(rules.suffixes, longest_seen(rules.bounds))
    read, cues_in = reader_of_seen(rules.suffixes, rules.bounds), sieve(rules.lures)
    reading, settled, kept = _reading_maker(rules), settled_pairs(rules.suffixes), dict[str, Reading]()

    def keep(message: Message, made: Reading) -> Reading:
        if len(message.text) <= LONGEST_KEPT and len(made.pairs) <= 1 and not message.links:
            if len(kept) >= _TEXTS_KEPT:
                kept.clear()
            kept[message.text] = made
        return made

    def read_messages(messages: Sequence[Message]) -> list[Reading]:
        readings = [NOTHING] * len(messages)
        spoken: list[tuple[int, Message, Links]] = []
        for at, seen in enumerate(look([message.text for message in messages])):
            message = messages[at]
            if message.links:
                spoken.append((at, message, read(message.text, "plain" if isinstance(seen, tuple) else seen)))
            elif seen:
                known = kept.get(message.text)
                if known is not None:
                    readings[at] = known
                elif isinstance(seen, tuple):
                    readings[at] = keep(message, Reading(settled(message.text, seen), (), seen[0]))
                elif (links := read(message.text, seen)) is EMPTY:
                    keep(message, NOTHING)
                else:
                    spoken.append((at, message, links))
        prose = [message.text if links.prose is None else links.prose for _, message, links in spoken]
        for (at, message, links), cues in zip(spoken, cues_in(prose), strict=True):
            readings[at] = keep(message, reading(message, links, cues))
        return readings

    return read_messages


def _reading_maker(rules: Rules) -> Callable[[Message, Links, int], Reading]:
    """A function that joins the links of a message's text with those sent beside it, within the bounds."""
    canonicalize, most = canonicalizer(rules.suffixes), rules.bounds.links

    def given(links: tuple[GivenLink, ...]) -> list[Pair]:
        named = ((item, canonicalize(item.url)) for item in links[:most])
        return [(_found(item), link) for item, link in named if link is not None]

    def reading(message: Message, links: Links, cues: int) -> Reading:
        if len(links.pairs) == 1 and not message.links and len(message.text) <= HEARD:
            return Reading(links.pairs, links.bounds_hit, cues)  # as nearly all
        once = _once((*links.pairs, *given(message.links)))
        hit = (*links.bounds_hit, "links") if len(once) > most or len(message.links) > most else links.bounds_hit
        if len(message.text) > HEARD:
            hit = (*hit, "words")
        return Reading(once[:most], hit, cues)

    return reading


def _found(given: GivenLink) -> FoundLink:
    return FoundLink(given.url, 0, 0, given.url, found_in="given", label=given.label)


def _once(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The first sighting of each name: one alert is about one (message, link)."""
    seen: dict[str, Pair] = {}
    for pair in pairs:
        seen.setdefault(pair[1].key, pair)
    return tuple(seen.values())
