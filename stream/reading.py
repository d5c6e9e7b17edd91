"""Which links a message carries: those in its text and those sent beside it, each once under its one name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec import Struct

from stream.canonical import canonicalizer
from stream.links import EMPTY, Links, chunk_reader
from stream.model import FoundLink, GivenLink, Link, Message
from stream.rules import Rules
from stream.sieve import HEARD, sieve

Pair: TypeAlias = tuple[FoundLink, Link]


class Reading(Struct, frozen=True, gc=False):
    """The links of one message in order of appearance, the limits that cut the list short, the cues in its text."""

    pairs: tuple[Pair, ...] = ()
    bounds_hit: tuple[str, ...] = ()
    cues: int = 0


NOTHING: Final = Reading()


def reader_for(rules: Rules) -> Callable[[Sequence[Message]], list[Reading]]:
    """A function from messages to their links, in order; one without any has the same empty value each time."""
    read, cues_in = chunk_reader(rules.suffixes, rules.bounds), sieve(rules.lures)
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

    def read_messages(messages: Sequence[Message]) -> list[Reading]:
        found = read([message.text for message in messages])
        spoken = [at for at, links in enumerate(found) if links is not EMPTY or messages[at].links]
        prose = [messages[at].text if (prose := found[at].prose) is None else prose for at in spoken]
        readings = [NOTHING] * len(messages)
        for at, cues in zip(spoken, cues_in(prose), strict=True):
            readings[at] = reading(messages[at], found[at], cues)
        return readings

    return read_messages


def _found(given: GivenLink) -> FoundLink:
    return FoundLink(given.url, 0, 0, given.url, found_in="given", label=given.label)


def _once(pairs: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """The first sighting of each name: one alert is about one (message, link)."""
    seen: dict[str, Pair] = {}
    for pair in pairs:
        seen.setdefault(pair[1].key, pair)
    return tuple(seen.values())
