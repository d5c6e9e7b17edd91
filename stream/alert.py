"""Alert v1: what is published for one link of one message. `docs/schema/alert-v1.json` is made from these types."""

from __future__ import annotations

import hashlib
import struct
from typing import Annotated, Any, Final, Literal, TypeAlias

from msgspec import Meta, Struct

from stream.model import Basis, Family, LinkKind, Surface

Category: TypeAlias = Literal[
    "phishing", "malware", "payment_fraud", "giveaway_fraud", "investment_fraud",
    "job_fraud", "loan_fraud", "fake_shop", "other",
]  # fmt: skip
Severity: TypeAlias = Literal["critical", "high", "medium", "low"]
AlertType: TypeAlias = Literal["flagged", "late", "retracted", "campaign"]
Uuid: TypeAlias = Annotated[str, Meta(pattern="^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
Time: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$")]
Probability: TypeAlias = Annotated[float, Meta(ge=0, le=1)]

SCHEMA: Final = "saring.alert.v1"
_length: Final = struct.Struct(">I").pack


class Score(Struct, frozen=True, gc=False):
    """The sum behind the probability: `sum` = `intercept` + the weights; probability = 1 / (1 + e^-sum)."""

    base_rate: float
    intercept: float
    sum: float
    threshold: float


class AlertBrand(Struct, frozen=True, gc=False):
    """The brand that is imitated or named."""

    id: str
    name: str
    official_domains: tuple[str, ...]


class AlertMessage(Struct, frozen=True, gc=False):
    """Which message: its place in Kafka always, what the platform said of it where it did."""

    source: str
    tenant: str | None
    id: str | None
    permalink: str | None
    topic: str
    partition: int
    offset: int
    time: Time | None
    recorded_at: Time | None
    user: str | None
    user_key: str | None
    channel: str | None
    surface: Surface
    lang: str | None
    links: int
    bounds_hit: tuple[str, ...]
    excerpt: Annotated[str, Meta(max_length=240)]
    text_hmac: str | None


class AlertLink(Struct, frozen=True, gc=False):
    """Which link: as written, as a browser would open it, and under its one name."""

    raw: str
    span: tuple[int, int] | None
    url: str
    key: str
    defanged: str
    host: str | None
    host_unicode: str
    registrable_domain: str | None
    public_suffix: str | None
    platform: str | None
    kind: LinkKind
    scheme_assumed: bool
    rewrites: tuple[str, ...]
    found_in: str | None


class Group(Struct, frozen=True, gc=False):
    """What belongs together: a host on its own domain, a tenant on a platform, a URL on shorteners and messengers."""

    id: str
    kind: Literal["host", "tenant", "url"]
    key: str


class AlertSource(Struct, frozen=True, gc=False):
    """Where a finding comes from."""

    kind: Literal["list", "brand_pack", "lure_pack", "model"]
    name: str
    entry: str
    listed_at: str | None


class AlertFinding(Struct, frozen=True, gc=False):
    """One reason, with its weight in log-odds (natural log)."""

    check: str
    family: Family
    weight: float
    reason: str
    evidence: dict[str, Any]  # by check; see docs/checks.md
    source: AlertSource | None


class AlertGuard(Struct, frozen=True, gc=False):
    """A rule that let the verdict pass or held it back."""

    guard: str
    detail: str


class AlertLists(Struct, frozen=True, gc=False):
    """The lists that were asked."""

    checked: int
    hits: int
    stale: tuple[str, ...]


class Snapshot(Struct, frozen=True, gc=False):
    """The set of lists in force."""

    snapshot: str
    built_at: str | None


class AlertVersions(Struct, frozen=True, gc=False):
    """What judged the message."""

    saring: str
    checks: str
    settings: str
    model: str
    lists: Snapshot


class Late(Struct, frozen=True, gc=False):
    """An alert that a list entry caused after the message had been judged."""

    listed_at: str
    delay_seconds: float
    occurrences: int
    entry: str
    sequence: int


class Retracted(Struct, frozen=True, gc=False):
    """Why an alert was taken back."""

    cause: Literal["delisted", "feedback"]
    ref: str
    note: str


class Campaign(Struct, frozen=True, gc=False):
    """One link's spread over users and channels in a window."""

    window_seconds: int
    messages: int
    users: int
    first_seen: Time
    sample: Annotated[tuple[str, ...], Meta(max_length=50)]


class Alert(Struct, frozen=True, gc=False):
    """One alert. Consumers drop equal `id`; the last record of a `case_id` wins."""

    id: Uuid
    case_id: Uuid
    type: AlertType
    time: Time
    tier: Literal["automatic", "review"]
    basis: Basis
    probability: Probability
    score: Score
    category: Category
    lure: str | None
    harm_class: Literal["financial_fraud", "other"]
    severity: Severity
    explanation: Annotated[str, Meta(max_length=240)]
    brand: AlertBrand | None
    message: AlertMessage
    link: AlertLink
    group: Group
    findings: tuple[AlertFinding, ...]
    guards: tuple[AlertGuard, ...]
    lists: AlertLists
    versions: AlertVersions
    late: Late | None = None
    retracted: Retracted | None = None
    campaign: Campaign | None = None
    replayed: bool = False
    test: bool = False
    schema: Literal["saring.alert.v1"] = "saring.alert.v1"


def case_id(source: str, identity: str, key: str) -> str:
    """The id of (message, link): equal on every worker and replay."""
    return _uuid("case", source, identity, key)


def alert_id(case: str, kind: AlertType, cause: str = "") -> str:
    """The id of one statement on a case; `cause` is empty for `flagged`, else entry and sequence or feedback id."""
    return _uuid("alert", case, kind, cause)


def case_digest(source: str, identity: str, key: str) -> bytes:
    """The case id as 16 bytes before they are stamped as a UUID; `uuid_of` makes the id of it."""
    return _digest("case", source, identity, key)


def _uuid(*parts: str) -> str:
    return uuid_of(_digest(*parts))


def _digest(*parts: str) -> bytes:
    whole = b""
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole += _length(len(data)) + data
    return hashlib.sha256(whole).digest()[:16]


def uuid_of(digest: bytes) -> str:
    """A version 8 UUID (RFC 9562 section 5.8) from 16 bytes of the SHA-256 of length-prefixed parts."""
    digits, variant = digest.hex(), "89ab"[digest[8] >> 4 & 3]
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"
