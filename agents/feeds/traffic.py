"""How often what a list wants to block stands in our own recent links: gathered from the sightings topic.

A list that names a site which hundreds of our users share without anything else speaking against it is more likely
wrong than first. Links that were flagged by other means do not count here: they are what lists are for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from stream.lists.admission import Sighting as Seen
from stream.lists.entries import Entry, covers_host, covers_rest
from stream.sighting import DOMAIN_BYTES, Block

HALF_MS: Final = 12 * 3_600_000  # two halves are kept: what is recent is between 12 and 24 hours old
LEAST_USERS: Final = 20  # fewer say nothing: a new scam reaches that many within minutes
_KEPT: Final = 512  # links with their users of a domain; of what comes after only the number is kept
_DOMAINS: Final = 200_000  # of a half; above it the rarest are forgotten


class Told(Struct, frozen=True, array_like=True):
    """One link of a domain that many share: by whom, and for how many links it stands."""

    key: str
    user: bytes
    weight: float


class Summary(Struct, frozen=True, array_like=True):
    """All recent links, and those of domains that many share."""

    links: int = 0
    told: tuple[Told, ...] = ()


@dataclass
class _Domain:
    links: int = 0
    kept: dict[tuple[str, bytes], int] = field(default_factory=dict)


@dataclass
class _Half:
    begins: int = 0
    links: int = 0
    domains: dict[bytes, _Domain] = field(default_factory=dict)


class Traffic:
    """The links of the last 12 to 24 hours, in bounded memory."""

    def __init__(self) -> None:
        self._halves = (_Half(), _Half())

    def add(self, block: Block) -> None:
        """Take in one record of the sightings topic; its own time decides to which half it belongs."""
        old, new = self._halves
        begins = block.time - block.time % HALF_MS
        if begins > new.begins:
            old, new = new, _Half(begins)
            self._halves = old, new
        half = new if begins == new.begins else old
        for place, row in enumerate(block.rows()):
            half.links += row.count
            if row.tier == "none":
                domain = half.domains.setdefault(_hash(block, place), _Domain())
                domain.links += row.count
                if len(domain.kept) < _KEPT:
                    who = row.key, row.user or row.message.encode()
                    domain.kept[who] = domain.kept.get(who, 0) + row.count
        if len(half.domains) > _DOMAINS:
            _forget(half)

    def summary(self) -> Summary:
        """What admission needs: small, because few domains are shared by many."""
        told = tuple(each for half in self._halves for domain in half.domains.values() for each in _told(domain))
        return Summary(sum(half.links for half in self._halves), told)


def _hash(block: Block, place: int) -> bytes:
    return block.domains[place * DOMAIN_BYTES : (place + 1) * DOMAIN_BYTES]


def _forget(half: _Half) -> None:
    """Drop the rarest half of the domains; one that many share comes back sooner than it is missed."""
    counts = sorted(domain.links for domain in half.domains.values())
    middle = counts[len(counts) // 2]
    half.domains = {name: domain for name, domain in half.domains.items() if domain.links > middle}


def _told(domain: _Domain) -> Iterator[Told]:
    if len({user for _, user in domain.kept}) < LEAST_USERS // 2:  # the other half may have as many
        return
    weight = domain.links / sum(domain.kept.values())
    for (key, user), links in domain.kept.items():
        yield Told(key, user, links * weight)


def save(summary: Summary, path: Path) -> None:
    """Write it where the admission of a list, in a process of its own, finds it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.msgpack.encode(summary))


def seen_in(path: Path | None) -> Callable[[Entry], Seen | None]:
    """From an entry to how much of the recent links it would cover; None where that is next to nothing."""
    try:
        summary = msgspec.msgpack.decode(path.read_bytes(), type=Summary) if path else Summary()
    except (OSError, msgspec.DecodeError):
        summary = Summary()
    below = _by_host(summary.told)

    def seen(entry: Entry) -> Seen | None:
        host, slash, rest = entry.key.partition("/")
        if host not in below:
            return None
        covered = [told for told in below[host] if _covers(entry, host, slash + rest, told.key)]
        users = len({told.user for told in covered})
        if users < LEAST_USERS:
            return None
        return Seen(sum(told.weight for told in covered) / max(1, summary.links), users)

    return seen


def _by_host(told: Iterable[Told]) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {}
    for each in told:
        name = each.key.partition("/")[0]
        while name:
            found.setdefault(name, []).append(each)
            name = name.partition(".")[2]
    return found


def _covers(entry: Entry, host: str, rest: str, key: str) -> bool:
    of, slash, path = key.partition("/")
    return covers_host(entry.kind, host, of) and (not rest or covers_rest(entry.kind, rest, slash + path))
