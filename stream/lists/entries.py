"""What a list says: one entry, what it covers, and how it was listed."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from msgspec import Struct

from stream.model import ListHit
from stream.tails import SENTENCE_END

AFTER_LINKS: Final = SENTENCE_END + "()[]{}\"'"

EntryKind: TypeAlias = Literal["url", "prefix", "host", "domain"]
Action: TypeAlias = Literal["block", "allow", "removed"]  # removed: only in a delta, takes back what the base holds


class Entry(Struct, frozen=True, gc=False):
    """One line of a list under its canonical name.

    `key` is a host (kinds `host`, `domain`) or host, path and query (kinds `url`, `prefix`), canonical and without a
    scheme. Times are as the list gives them, RFC 3339 or a date, empty when it does not say; `raw` is the line itself.
    """

    feed: str
    kind: EntryKind
    key: str
    action: Action = "block"
    threat: str = "phishing"
    listed_at: str = ""
    expires_at: str = ""
    raw: str = ""


def host_of(key: str) -> str:
    """The host part of an entry's or a link's key."""
    return key.partition("/")[0]


def covers_rest(kind: EntryKind, listed: str, rest: str) -> bool:
    """Whether the path and query of a `url` or `prefix` entry cover those of a link; both begin with a slash.

    A byte prefix is not enough: `/pay` must cover `/pay?x=1` and never `/payment`.
    """
    if not rest.startswith(listed):
        return False
    tail = rest[len(listed) :]
    if not tail.rstrip(AFTER_LINKS):
        return True  # entries are kept without what ends a sentence, links have it where more followed
    if "?" in listed:
        return kind == "prefix" and tail[0] == "&"
    if kind == "prefix":
        return listed[-1] == "/" or tail[0] in "/?"
    return tail[0] == "?" or tail == "/" or tail.startswith("/?")


def covers_host(kind: EntryKind, listed: str, host: str) -> bool:
    """Whether the host of an entry covers a link's host: `host` and `url` itself and its `www.`, others all below."""
    if listed == host:
        return True
    if kind in ("host", "url"):
        return host == "www." + listed
    return host.endswith("." + listed)


def hit_of(entry: Entry, sequence: int = 0) -> ListHit:
    """The entry as evidence."""
    action: Literal["block", "allow"] = "allow" if entry.action == "allow" else "block"
    return ListHit(entry.feed, entry.key, entry.kind, action, entry.threat, entry.listed_at, sequence)


def longest_first(hits: list[ListHit]) -> tuple[ListHit, ...]:
    """Hits in the order of how much of the link they name; by feed where equal, so that the order is stable."""
    return tuple(sorted(hits, key=lambda hit: (-len(hit.entry), hit.kind, hit.feed, hit.entry)))
