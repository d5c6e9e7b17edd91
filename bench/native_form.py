"""The native first look held to the Python form: texts of which it says what it must not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from stream import links
from stream.canonical import namer
from stream.gate import Seen, gate
from stream.native import FirstLook, Settled, first_look
from stream.sieve import sieve

if TYPE_CHECKING:
    from saring_native import Look

    from stream.rules import Rules

Wrong: TypeAlias = tuple[str, Seen | Settled]  # a text and what was said of it


def teller(look: Look, rules: Rules) -> Callable[[Sequence[str]], list[Wrong]]:
    """A function from texts to those of which the native first look says something wrong.

    It may say that a text holds no link only where none is read in it; that it is plain or tricky where the gate says
    so; and what is settled where the gate calls it plain and the settled reader finds just these places, and the sieve
    these cues beside them.
    """
    said: FirstLook = first_look(look, rules)
    suffixes, bounds = rules.suffixes, rules.bounds
    asked, longest = gate(suffixes), links.longest_seen(bounds)
    read, cues_in = links.reader_of_seen(suffixes, bounds), sieve(rules.lures)
    settled = links._settled_reader(namer(suffixes), bounds, links._no_name_teller(suffixes))

    def is_wrong(text: str, told: Seen | Settled) -> bool:
        seen = asked(text) if len(text) <= longest else "tricky"
        if isinstance(told, tuple):
            found = settled(text) if seen == "plain" else None
            return found is None or found.prose is None or told != (*cues_in([found.prose]), *_places(found))
        if told == "":
            return bool(seen) and read(text, seen) != links.EMPTY
        return told != seen

    return lambda texts: [pair for pair in zip(texts, said(texts), strict=True) if is_wrong(*pair)]


def _places(found: links.Links) -> list[int]:
    return [place for each, _ in found.pairs for place in (each.start, each.end)]
