"""The values of the line, in order of flow: record, message, link, host, finding, verdict, outcome.

All are frozen. Hot values are msgspec structs without garbage-collector tracking (building one costs 0.05 µs;
a frozen slots dataclass costs 0.75 µs), so none of them may ever be part of a reference cycle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

Surface: TypeAlias = Literal[
    "post", "comment", "ad", "profile", "listing", "live_chat", "public_channel",
    "group_chat", "private_chat", "sms", "email", "other",
]  # fmt: skip
Family: TypeAlias = Literal["url", "lure", "brand", "list", "campaign"]
Tier: TypeAlias = Literal["automatic", "review", "none"]
Basis: TypeAlias = Literal["listed", "inferred", "analyst"]
LinkKind: TypeAlias = Literal["web", "app"]
OutcomeKind: TypeAlias = Literal["clean", "flagged", "skipped", "dead"]
Evidence: TypeAlias = Mapping[str, object]


class Record(Protocol):
    """One Kafka record as the transport hands it in; aiokafka's `ConsumerRecord` fits as it is."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...  # milliseconds since the epoch; the clock of the line
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


class GivenLink(Struct, frozen=True, gc=False):
    """A link that the platform sends beside the text, such as a card, with the text shown for it."""

    url: str
    label: str = ""


class Message(Struct, frozen=True, gc=False):
    """One message event after mapping: `id` is empty when the platform gave none, `time` is in its own spelling."""

    text: str
    id: str = ""
    time: str | int | float = ""
    user: str = ""
    channel: str = ""
    surface: Surface = "other"
    lang: str = ""
    permalink: str = ""
    tenant: str = ""
    links: tuple[GivenLink, ...] = ()
    ignored: tuple[str, ...] = ()  # optional fields that were unusable and became empty


class Malformed(Struct, frozen=True, gc=False):
    """A record that cannot be read: goes to the dead letters. Names the field, never quotes content."""

    reason: str
    field: str


class Skipped(Struct, frozen=True, gc=False):
    """A record that is not ours to judge; no copy of its content is made anywhere."""

    reason: str


class FoundLink(Struct, frozen=True, gc=False):
    """A link as it stands in a text: `raw == text[start:end]`, positions in code points.

    `url` is where a person would end up, `rewrites` names the tricks that were undone to read it, in order.
    `found_in` is set for a link inside another one's query ("query"), in markup ("markdown", "html") or sent beside
    the text ("given"); `label` is the text shown for the link where markup or the platform shows another one.
    """

    raw: str
    start: int
    end: int
    url: str
    rewrites: tuple[str, ...] = ()
    scheme_assumed: bool = False
    found_in: str = ""
    label: str = ""


class Link(Struct, frozen=True, gc=False):
    """A link under its one name.

    `key` is the Safe Browsing canonical form without its scheme (the guide's longest expression); `url` is the same
    with the scheme. `host` is what WHATWG URL parsing would open, or None where a browser refuses; `registrable` and
    `suffix` follow the public suffix list with its private section, `icann_registrable` without it. All three are
    empty for an IP host and for an app link. `path` begins with a slash, `query` excludes the question mark.
    `rewrites` and `label` are those of the place where it was found, for checks of the link in its message.
    """

    key: str
    url: str
    scheme: str
    host: str | None
    host_unicode: str = ""
    registrable: str = ""
    icann_registrable: str = ""
    suffix: str = ""
    port: int | None = None
    path: str = "/"
    query: str = ""
    has_query: bool = False
    userinfo: str = ""
    fragment: str = ""
    kind: LinkKind = "web"
    rewrites: tuple[str, ...] = ()
    label: str = ""


class Host(Struct, frozen=True, gc=False):
    """What a host check sees: the ASCII name, its Unicode form and its split by the public suffix list.

    For `pay.shop.github.io`: suffix `github.io`, registrable `shop.github.io`, icann_registrable `github.io`, before
    `pay.shop`, names `("pay.shop.github.io", "shop.github.io", "github.io", "io")`: the host and each name above it,
    for tables that hold whole names. For an IP host only `name`, `before` and `names` are set and `is_ip` is true.
    """

    name: str
    unicode: str
    registrable: str = ""
    icann_registrable: str = ""
    suffix: str = ""
    before: str = ""
    names: tuple[str, ...] = ()
    is_ip: bool = False


class Source(Struct, frozen=True, gc=False):
    """Where a finding comes from: list and entry, pack and entry, or model and version."""

    kind: Literal["list", "brand_pack", "lure_pack", "model"]
    name: str
    entry: str
    listed_at: str | None = None


class Finding(Struct, frozen=True, gc=False):
    """One piece of evidence. `weight` is signed log-odds (natural log); `reason` claims no more than was seen."""

    check: str
    family: Family
    weight: float
    reason: str
    evidence: Evidence = {}
    source: Source | None = None


class HostFacts(Struct, frozen=True, gc=False):
    """Everything about a host that does not depend on the message or on the lists: computed once, cached.

    `brand` is the id of the brand whose verified official domain this is. `platform` names the shared platform whose
    `tenant` the host is, or on whose paths tenants live. `opaque` says why the address itself tells nothing
    (`popular`, `shortener`, `messenger`, `platform`), else empty.
    """

    host: Host
    brand: str = ""
    platform: str = ""
    tenant: str = ""
    opaque: str = ""
    findings: tuple[Finding, ...] = ()
    errors: tuple[str, ...] = ()  # names of host checks that raised


class Guard(Struct, frozen=True, gc=False):
    """A rule that held a verdict back or let it pass, as shown in the explanation."""

    guard: str
    detail: str


class Verdict(Struct, frozen=True, gc=False):
    """What all findings of one link come to. `probability` is that of a scam at the configured base rate."""

    probability: float
    total: float
    intercept: float
    threshold: float
    tier: Tier
    basis: Basis
    guards: tuple[Guard, ...] = ()


class ListHit(Struct, frozen=True, gc=False):
    """A list entry that matches a link: the entry itself is the evidence.

    `kind` is what the entry covers: one `url`, a `prefix`, a `host`, or a `domain` with its subdomains.
    """

    feed: str
    entry: str
    kind: Literal["url", "prefix", "host", "domain"]
    action: Literal["block", "allow"] = "block"
    threat: str = "phishing"
    listed_at: str = ""
    sequence: int = 0


class Lists(Protocol):
    """One immutable snapshot of all lists; a worker swaps the whole of it between two chunks."""

    @property
    def snapshot(self) -> str: ...  # name of the set, as alerts show it; empty when no list is loaded
    @property
    def sequence(self) -> int: ...  # manifest sequence, for retro
    @property
    def checked(self) -> int: ...  # how many lists the snapshot holds
    @property
    def stale(self) -> tuple[str, ...]: ...  # names of lists older than they should be
    @property
    def built_at(self) -> str: ...

    def find(self, link: Link) -> tuple[ListHit, ...]:
        """Every entry that covers the link, longest first; empty when none does. Guards are not applied here."""
        ...
