"""From list entries that cover a link to evidence: which of them may count, and what held the others back.

Public lists hold `google.com`, `bit.ly` and whole hosting platforms: matched naively they fire on one in five harmless
messages with a link. So an entry counts only where it names something that one party owns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from stream.model import Finding, Guard, HostFacts, Link, ListHit, Lists, Source

if TYPE_CHECKING:
    from stream.rules import Rules

CHECK: Final = "listed_link"
LOCAL: Final = "local"  # the feed name of entries made by hand
EXACT_WEIGHT: Final = (
    9.0  # no harmless link of 70,888 stood in full on seven public lists, one in 1,400 was below a listed host
)
HOST_WEIGHT: Final = 5.0
STALE_DISCOUNT: Final = 1.5  # a list that stopped moving: its entries age and get sold on
OLD_DISCOUNT: Final = 2.0  # scams stay for days: after a year a name belongs to somebody else, or was cleaned up

_KINDS: Final = {
    "url": "this exact address",
    "prefix": "addresses that begin like this one",
    "host": "this host",
    "domain": "this domain",
}
_ENDPOINTS: Final = frozenset(
    {"amp", "away", "dialog", "go", "home", "index.html", "index.php", "intent", "l.php", "link", "login", "open",
     "out", "redirect", "results", "search", "share", "sharer.php", "translate", "tweet", "url", "view", "watch"}
)  # fmt: skip


class ListMatch(Struct, frozen=True, gc=False):
    """What the lists say of one link. A guard `allow_entry` is a veto; others tell which entry was held back."""

    findings: tuple[Finding, ...] = ()
    guards: tuple[Guard, ...] = ()


UNLISTED: Final = ListMatch()


def findings(link: Link, facts: HostFacts, rules: Rules, lists: Lists) -> ListMatch:
    """At most one finding, for the longest entry that may count; `UNLISTED` where no entry covers the link."""
    hits = lists.find(link)
    if not hits:
        return UNLISTED
    allowed = next((hit for hit in hits if hit.action == "allow"), None)
    blocks = [hit for hit in hits if hit.action == "block" and _outranks(hit, allowed)]
    if allowed is not None and not blocks:
        return ListMatch((), (Guard("allow_entry", f"{allowed.entry} is allowed by {allowed.feed}"),))
    held = [(hit, held_back(hit, link, facts)) for hit in blocks]
    counted = [hit for hit, guard in held if not guard]
    if counted:
        return ListMatch((_finding(counted, link, lists),))
    hit, guard = held[0]
    return ListMatch((), (Guard(guard, f"{hit.feed} lists {hit.entry}, which is shared by many"),))


def _outranks(block: ListHit, allowed: ListHit | None) -> bool:
    """Allow beats block; only an entry of one's own may single out a part of what one's own entry allows."""
    return allowed is None or (block.feed == LOCAL and len(block.entry) > len(allowed.entry))


def held_back(hit: ListHit, link: Link, facts: HostFacts) -> str:
    """The name of the guard that keeps an entry from counting, or empty.

    An address with a path names one page, whoever owns the host, unless all use that page. An entry for a whole host
    must lie within what one party owns: below the public suffix and the platform, and not a site, shortener or
    messenger that all use.
    """
    host, _, path = hit.entry.partition("/")
    if hit.feed == LOCAL:
        return ""
    if path:
        return "opaque_host" if (facts.opaque or facts.brand) and _serves_all(path, link) else ""
    if facts.brand:
        return "official_domain"
    if len(host) < len(link.registrable) or host == link.suffix:
        return "public_suffix"
    if facts.platform and len(host) < len(facts.tenant or f"{host}."):
        return "shared_platform"
    return "opaque_host" if facts.opaque else ""


def _serves_all(path: str, link: Link) -> bool:
    """Whether a listed path is one that every visitor of a big site uses, told apart only by the query."""
    return bool(link.query) and "?" not in path and path.rstrip("/").rpartition("/")[2] in _ENDPOINTS


def _finding(counted: list[ListHit], link: Link, lists: Lists) -> Finding:
    best = counted[0]
    feeds = sorted({hit.feed for hit in counted})
    weight = EXACT_WEIGHT if best.kind == "url" else HOST_WEIGHT
    if all(feed in lists.stale for feed in feeds):
        weight -= STALE_DISCOUNT
    if best.feed != LOCAL and best.kind in ("host", "domain") and _is_old(best.listed_at, lists.built_at):
        weight -= OLD_DISCOUNT
    when = f" since {best.listed_at[:10]}" if best.listed_at else ""
    who = "Your own entry names" if best.feed == LOCAL else f"{best.feed} lists"
    return Finding(
        CHECK,
        "list",
        weight,
        f"{who} {_KINDS[best.kind]} as {best.threat.replace('_', ' ')}{when}.",
        {"kind": best.kind, "threat": best.threat, "feeds": feeds, "sequence": best.sequence},
        Source("list", best.feed, best.entry, best.listed_at or None),
    )


def _is_old(listed_at: str, built_at: str) -> bool:
    """Whether an entry was made more than a year before the lists were built; unknown times count as recent."""
    return (
        built_at[:4].isdigit() and listed_at[:4].isdigit() and f"{int(listed_at[:4]) + 1}{listed_at[4:10]}" < built_at
    )
