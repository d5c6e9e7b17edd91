"""What `saring lists` does, behind its words: reads the lists topics, writes orders, says what they come to."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec
from msgspec import Struct

from agents import connect
from agents.feeds.clock import in_seconds, now_text
from agents.feeds.desired import Desired, after
from agents.feeds.memo import Memo
from agents.feeds.naming import own_entry, span_seconds
from agents.feeds.orders import lift, order
from agents.feeds.wire import RETRACTIONS, Control, Lifted, Own, control_key, own_key
from agents.kafka.connection import Connection
from agents.kafka.reader import read
from agents.lists_client import ListsClient
from config.settings import Settings
from config.suffixes import load_suffixes
from stream.canonical import Canonicalize, canonicalizer
from stream.lists.entries import Action
from stream.lists.formats.naming import refanged
from stream.lists.match import held_back
from stream.model import Host, HostFacts, ListHit


class State(Struct, frozen=True):
    """The lists as a person wants to see them."""

    snapshot: str
    sequence: int
    own: int
    feeds: list[Memo]
    controls: list[Control]


class Said(Struct, frozen=True):
    """An entry that covers a link, and what comes of it."""

    hit: ListHit
    effect: str


class Told(Struct, frozen=True):
    """Everything that the lists say of a link."""

    key: str
    snapshot: str
    entries: list[Said]


@dataclass(frozen=True)
class Desk:
    """One person at one cluster."""

    settings: Settings
    connection: Connection
    canonicalize: Canonicalize
    by: str

    async def state(self) -> State:
        """The state of all lists."""
        desired, now = await self._desired(), now_text()
        sets = desired.sets(now)
        memos = sorted((msgspec.json.decode(value, type=Memo) for value in desired.memos.values()), key=_name)
        own, controls = len(desired.entries(now)), desired.in_force(now)
        return State(sets[0].snapshot if sets else "", sets[0].sequence if sets else 0, own, memos, controls)

    async def memo(self, feed: str) -> Memo:
        """What the keeper says of a feed; raises LookupError where it knows none of that name."""
        desired = await self._desired()
        if feed not in desired.memos:
            names = ", ".join(sorted(desired.memos)) or "none yet: is a keeper running?"
            raise LookupError(f"no feed {feed}; there are: {names}")
        return msgspec.json.decode(desired.memos[feed], type=Memo)

    async def approve(self, feed: str, entries: list[str], note: str) -> list[str]:
        """Let entries through, or the held update when none is named."""
        memo = await self.memo(feed)
        if not entries:
            if memo.held is None:
                raise LookupError(f"nothing of {feed} is held")
            await self._order(Control("approve", feed, self.by, now_text(), memo.held.sha256, note))
            return [f"approved: {feed} changes by +{memo.held.added} −{memo.held.removed} entries"]
        done = []
        for written in entries:
            own = own_entry(written, self.canonicalize, "block", self.by)
            await self._order(Control("approve", feed, self.by, now_text(), f"entry:{own.key}", note))
            guard = self._guard(own, feed)
            held = f" but the guard {guard} holds it back: to block it, add it as your own" if guard else " and counts"
            done.append(f"approved: {own.key} of {feed} comes in{held}")
        return done

    async def approve_retractions(self, feed: str, note: str) -> str:
        """Let retractions go that wait because one update of this feed withdrew so much."""
        await self._order(Control("approve", feed, self.by, now_text(), RETRACTIONS, note))
        return f"approved: alerts on what {feed} withdrew are taken back, if any wait"

    async def add(self, written: str, action: Action, **more: str) -> str:
        """Put an entry of one's own in force."""
        own = own_entry(written, self.canonicalize, action, self.by, **more)
        await self._order(own)
        until = f" until {own.expires_at}" if own.expires_at else ""
        return f"{action}: {own.kind} {own.key}{until}; in force on every worker within ten seconds"

    async def remove(self, written: str, note: str) -> str:
        """Take an entry of one's own back; raises LookupError where there is none."""
        wanted = own_entry(written, self.canonicalize, "block", self.by).key
        desired = await self._desired()
        found = [own for own in desired.own.values() if own.key == wanted]
        if not found:
            raise LookupError(f"no entry of your own for {wanted}; feeds' entries are overruled by `lists add --allow`")
        for own in found:
            await self._lift(own_key(own), note)
        return f"removed: {', '.join(f'{own.action} {own.kind} {own.key}' for own in found)}"

    async def explain(self, url: str) -> Told:
        """Every entry that covers a link, with the lists that are in force now."""
        link = self.canonicalize(refanged(url))
        if link is None:
            raise ValueError(f"{url} names no place")
        client = ListsClient(self.connection, self.settings)
        await client.start()
        lists = client.current()
        await client.stop()
        facts = _facts(link.host or "")
        said = [Said(hit, _effect(hit, held_back(hit, link, facts))) for hit in lists.find(link)]
        return Told(link.key, lists.snapshot, said)

    def _guard(self, own: Own, feed: str) -> str:
        """What would keep an entry from counting if it were in that feed, or empty."""
        link = self.canonicalize(f"http://{own.key}")
        hit = ListHit(feed, own.key, own.kind, "block", own.threat, "", 0)
        return held_back(hit, link, _facts(link.host or "")) if link else ""

    async def rollback(self, to: int | None, over: bool, note: str) -> str:
        """Go back to an earlier set, or end that."""
        key = control_key("rollback", "")
        if over:
            await self._lift(key, note)
            return "rollback lifted: the newest set is in force within ten seconds"
        desired = await self._desired()
        before = desired.sets(now_text())[1:]
        target = to if to is not None else next((manifest.sequence for manifest in before), None)
        if target is None or target not in desired.manifests:
            known = ", ".join(map(str, sorted(desired.manifests))) or "none"
            raise LookupError(f"no set to go back to; kept are: {known}")
        await self._order(Control("rollback", "", self.by, now_text(), str(target), note))
        older = ", ".join(f"{each.sequence} of {each.built_at}" for each in before if each.sequence < target)
        more = f"; further back with --to: {older}" if older else ""
        return (
            f"set {target} of {desired.manifests[target].built_at} is in force everywhere within ten seconds{more}; "
            "end it with `saring lists rollback --lift`"
        )

    async def pause(self, feed: str, over: bool, span: str, note: str) -> str:
        """Stop a feed from counting, or end that."""
        memo = await self.memo(feed)
        if over:
            await self._lift(control_key("pause", feed), note)
            return f"{feed} counts again"
        expires_at = in_seconds(span_seconds(span)) if span else ""
        await self._order(Control("pause", feed, self.by, now_text(), "", note, expires_at))
        return f"{memo.entries} entries of {feed} do not count{f' until {expires_at}' if expires_at else ''}"

    async def _desired(self) -> Desired:
        topics = connect.topics(self.settings)
        records = await read(self.connection, [topics["lists"], topics["entries"]])
        return after(Desired(), records, topics["lists"], topics["entries"])

    async def _order(self, what: Own | Control) -> None:
        await order(self.connection, connect.topics(self.settings)["entries"], what)

    async def _lift(self, key: bytes, note: str) -> None:
        lifted = Lifted(self.by, now_text(), note)
        await lift(self.connection, connect.topics(self.settings)["entries"], key, lifted)


def open_desk(settings: Settings, by: str) -> Desk:
    """A desk; nothing connects before it is asked for something."""
    suffixes = load_suffixes(settings.links.extra_suffixes)
    return Desk(settings, connect.connection(settings.kafka, "saring-lists"), canonicalizer(suffixes), by)


def _name(memo: Memo) -> str:
    return memo.name


def _facts(host: str) -> HostFacts:
    from config.packs import load_brands
    from config.platforms import load_platforms

    platforms, brands = load_platforms(), load_brands()
    return HostFacts(Host(host, host), brands.official_brand(host), *platforms.tenant(host), platforms.opaque(host))


def _effect(hit: ListHit, guard: str) -> str:
    if hit.action == "allow":
        return "allows the link"
    return f"held back by the guard {guard}" if guard else "counts against the link"
