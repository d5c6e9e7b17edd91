"""Lists as workers use them: a mapped base, a delta over it, and the entries made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from stream.lists.entries import covers_host, covers_rest, longest_first
from stream.lists.layer import Layer, Statement, time_text
from stream.model import Link, ListHit

_Found: TypeAlias = dict[tuple[str, str, str], ListHit]  # by feed, kind and entry


@dataclass(frozen=True, slots=True)
class IndexedLists:
    """One immutable snapshot. Later layers overrule earlier ones: a delta may take back what the base holds."""

    layers: tuple[Layer, ...]
    snapshot: str = ""
    sequence: int = 0
    checked: int = 0
    stale: tuple[str, ...] = ()
    built_at: str = ""
    paused: frozenset[str] = field(default=frozenset())  # feeds whose entries do not count for now

    def find(self, link: Link) -> tuple[ListHit, ...]:
        """Every entry that covers the link, longest first; empty when none does."""
        host, key = link.host, link.key
        if not host or not key.startswith(host + "/"):
            return self._hits(link)
        for layer in self.layers:
            if not layer.passes_over(host) and layer.prefixes(f"{host[::-1]}.{key[len(host) :]}"):
                return self._hits(link)
        return ()

    def _hits(self, link: Link) -> tuple[ListHit, ...]:
        host, _, path = link.key.partition("/")
        found: _Found = {}
        for layer in self.layers:
            self._gather(layer, host, "/" + path, found)
            if link.host and link.host != host:
                self._gather(layer, link.host, "/" + path, found)
        return longest_first([hit for hit in found.values() if hit.feed not in self.paused]) if found else ()

    def _gather(self, layer: Layer, host: str, rest: str, found: _Found) -> None:
        for entry_host, entry_rest, statement, seconds in _covering(layer, host, rest):
            entry = entry_host + entry_rest
            identity = (statement.feed, statement.kind, entry)
            if statement.action == "removed":
                found.pop(identity, None)
                continue
            listed_at = time_text(seconds, layer.header.unit_seconds)
            action: Literal["block", "allow"] = "allow" if statement.action == "allow" else "block"
            found[identity] = ListHit(
                statement.feed, entry, statement.kind, action, statement.threat, listed_at, self.sequence
            )


def _covering(layer: Layer, host: str, rest: str) -> Iterator[tuple[str, str, Statement, int]]:
    for entry_host, entry_rest, number in layer.matches(host, rest):
        yield from _stated(layer, number, (entry_host, entry_rest), (host, rest))
        # A path listed for a host above is no prefix of this link's key: ask again from there, only where there is one.
        if not entry_rest and entry_host != host and layer.has_paths_below(number):
            for _, below, path_number in layer.matches(entry_host, rest):
                if below:
                    yield from _stated(layer, path_number, (entry_host, below), (host, rest))


def _stated(
    layer: Layer, number: int, entry: tuple[str, str], link: tuple[str, str]
) -> Iterator[tuple[str, str, Statement, int]]:
    for statement, seconds in layer.statements(number):
        covers = covers_host(statement.kind, entry[0], link[0])
        if covers and (not entry[1] or covers_rest(statement.kind, entry[1], link[1])):
            yield entry[0], entry[1], statement, seconds
