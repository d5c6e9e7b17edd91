"""Lists in a dict: for small files, for tests, and as the plain statement of what the mapped index must answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from stream.lists.entries import Entry, covers_host, covers_rest, hit_of, host_of, longest_first
from stream.model import Link, ListHit


@dataclass(frozen=True)
class MemoryLists:
    """One immutable snapshot of lists; `lists_from` makes it."""

    by_host: dict[str, tuple[Entry, ...]]
    snapshot: str = ""
    sequence: int = 0
    checked: int = 0
    stale: tuple[str, ...] = ()
    built_at: str = ""

    def find(self, link: Link) -> tuple[ListHit, ...]:
        """Every entry that covers the link, longest first; empty when none does."""
        listed_host, slash, path = link.key.partition("/")
        hits = list(self._covering(listed_host, slash + path or "/"))
        if link.host and link.host != listed_host:
            hits += self._covering(link.host, slash + path or "/")
        return longest_first(list(dict.fromkeys(hits))) if hits else ()

    def _covering(self, host: str, rest: str) -> Iterator[ListHit]:
        for parent in parents(host):
            for entry in self.by_host.get(parent, ()):
                if covers_host(entry.kind, parent, host) and covers(entry, len(parent), rest):
                    yield hit_of(entry, self.sequence)


def covers(entry: Entry, host_length: int, rest: str) -> bool:
    """Whether the part of an entry behind its host covers the rest of a link."""
    return entry.kind in ("host", "domain") or covers_rest(entry.kind, entry.key[host_length:], rest)


def parents(host: str) -> Iterator[str]:
    """The host and every host above it."""
    yield host
    start = host.find(".") + 1
    while start:
        yield host[start:]
        start = host.find(".", start) + 1


def lists_from(
    entries: Iterable[Entry], snapshot: str = "memory", built_at: str = "", stale: tuple[str, ...] = ()
) -> MemoryLists:
    """A snapshot of these entries; several feeds may list the same thing, and one feed's repeats count once."""
    grouped: dict[str, dict[tuple[str, str, str, str], Entry]] = {}
    feeds = set()
    for entry in entries:
        feeds.add(entry.feed)
        identity = (entry.key, entry.kind, entry.feed, entry.action)
        grouped.setdefault(host_of(entry.key), {}).setdefault(identity, entry)
    by_host = {host: tuple(found.values()) for host, found in grouped.items()}
    return MemoryLists(by_host, snapshot if by_host else "", 0, len(feeds), stale, built_at)


NO_LISTS: Final = lists_from(())  # where no list is loaded
