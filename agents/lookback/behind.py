"""Sightings judged before the base of the lists was made: what came since cannot be told from it, so each is looked up.

That happens to a worker that swaps late, just when the delta was folded into a new base, and to one that began without
lists. It costs a look-up for each sighting where else a domain's hash is compared, and lasts for seconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from agents.lookback.desk import Desk, Match
from stream.lists.entries import Entry
from stream.lists.index import IndexedLists
from stream.lists.layer import turned_key
from stream.model import ListHit, Lists
from stream.sighting import DOMAIN_BYTES, HASHED, Block, hidden


def behind(desk: Desk, block: Block) -> Iterator[Match]:
    """The sightings of a block that any entry in force covers."""
    lists, secret = desk.lists(), desk.rules.privacy.user_key
    for place, row in enumerate(block.rows()):
        if row.tier == "automatic":
            continue
        domain = block.domains[DOMAIN_BYTES * place : DOMAIN_BYTES * (place + 1)]
        for key in (row.key, *_spelled_out(lists, row.key, secret)):
            link = desk.canonicalize(f"http://{key}")
            for hit in lists.find(link) if link else ():
                if hit.action == "block":
                    yield Match(_entry(hit), domain, block, row)


def _spelled_out(lists: Lists, key: str, secret: bytes) -> Iterator[str]:
    """Listed addresses that have the hash of the key's query; the lists alone know how it reads."""
    path, mark, query = key.partition("?")
    if not mark or not query.startswith(HASHED) or not isinstance(lists, IndexedLists):
        return
    begin = turned_key(path) + mark
    for layer in lists.layers:
        for turned in layer.trie.keys(begin):
            spelled = path + mark + turned[len(begin) :]
            if hidden(spelled, secret) == key:
                yield spelled


def _entry(hit: ListHit) -> Entry:
    return Entry(hit.feed, hit.kind, hit.entry, "block", hit.threat, hit.listed_at)
