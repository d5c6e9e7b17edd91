"""Whether an update of a list may come into force, and which of its entries may not.

A list is somebody else's file: it can be emptied, replaced by an error page, filled by an attacker who wants a rival
blocked, or simply be wrong about `google.com`. Nothing here looks at the clock; times are arguments.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from msgspec import Struct

from stream.lists.entries import Entry
from stream.lists.formats.rows import Parsed
from stream.platforms import Platforms

_SMALL: Final = 20  # entries; below it shares say nothing
_REASONS: Final = {
    "popular": "a site that very many people use",
    "shortener": "a whole link shortener",
    "messenger": "a whole messenger",
    "platform": "a whole platform that many people share",
}


class Limits(Struct, frozen=True):
    """What an update may do without being looked at."""

    shrink: float = 0.5
    growth: float = 5.0
    unreadable: float = 0.2
    cut: float = 0.2
    share: float = 0.001
    users: int = 200


class Sighting(Struct, frozen=True):
    """How often an entry would have matched the links of our own recent messages."""

    share: float
    users: int


@dataclass(frozen=True)
class Known:
    """What is known of hosts, and how often we saw what an entry covers; None where that cannot be asked."""

    platforms: Platforms
    official_brand: Callable[[str], str]  # the brand that owns a host, or empty
    is_suffix: Callable[[str], bool]
    seen: Callable[[Entry], Sighting | None] = lambda entry: None


class Cut(Struct, frozen=True):
    """An entry that was left out, and why."""

    kind: str
    key: str
    why: str


@dataclass(frozen=True)
class Sifted:
    """The entries of an update that may count, and those that may not."""

    entries: list[Entry]
    cut: list[Cut]


def sifted(entries: Iterable[Entry], known: Known, limits: Limits, approved: frozenset[str]) -> Sifted:
    """Entries one by one; `approved` holds the keys that a person let through."""
    kept, cut = [], []
    for entry in entries:
        why = "" if entry.action == "allow" or entry.key in approved else objection(entry, known, limits)
        if why:
            cut.append(Cut(entry.kind, entry.key, why))
        else:
            kept.append(entry)
    return Sifted(kept, cut)


def objection(entry: Entry, known: Known, limits: Limits) -> str:
    """Why this entry would hit harmless links, or empty."""
    host, _, path = entry.key.partition("/")
    whole = entry.kind in ("host", "domain") or (entry.kind == "prefix" and not path)
    if brand := known.official_brand(host):
        return f"an official domain of {brand}"
    if whole and known.is_suffix(host):
        return "a public suffix: everything registered below it"
    if whole and (kind := known.platforms.opaque(host)):
        return _REASONS[kind]
    sighting = known.seen(entry)
    if sighting and (sighting.share > limits.share or sighting.users > limits.users):
        return f"covers {sighting.share:.2%} of our own recent links, from {sighting.users} users"
    return ""


def refusal(parsed: Parsed, kept: Sifted, new: int, sizes: Sequence[int], limits: Limits) -> str:
    """Why the update as a whole must wait for a person, in a sentence; empty when it may come into force.

    `new` is its number of different entries, `sizes` are those of the sets in force during the last days, newest last.
    """
    if not parsed.entries:
        return f"no entry could be read ({parsed.bad_count} bad lines)" if parsed.bad_count else "the list is empty"
    if parsed.bad_share > limits.unreadable:
        return f"{parsed.bad_share:.0%} of its lines cannot be read"
    if len(kept.cut) >= _SMALL and len(kept.cut) > limits.cut * len(parsed.entries):
        most, _ = Counter(cut.why for cut in kept.cut).most_common(1)[0]
        return f"{len(kept.cut)} of {len(parsed.entries)} entries had to be cut out, most of them: {most}"
    if not new:
        return "nothing is left of it after cutting out entries for shared hosts"
    last = sizes[-1] if sizes else 0
    if last >= _SMALL and new < last * (1 - limits.shrink):
        return f"it shrank from {last} to {new} entries"
    least = min(sizes, default=0)
    if least >= _SMALL and new > least * limits.growth:
        return f"it grew from {least} to {new} entries within a few days"
    return ""
