"""What is kept of judged links, so that the past can be judged again without the texts.

One record of the sightings topic holds what one batch saw of the domains of one bucket. Hashes of the domains stand
outside the packed rows, so that a reader finds the rows that matter without unpacking the others. A query is kept as a
keyed hash only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Final, get_args

import cramjam
import msgspec
from msgspec import Struct

from stream import alert
from stream.model import Finding, Surface

BUCKETS: Final = 16
FORMAT: Final = 1
HASHED: Final = "~"  # what a query begins with when only its hash is known
DOMAIN_BYTES: Final = 8

SURFACES: Final[tuple[Surface, ...]] = get_args(Surface)
TIERS: Final = ("none", "review", "automatic")
TIER_BITS: Final = 0b11
HTTPS: Final = 0b100
SURFACE_AT: Final = 3
CENTS: Final = 100  # weights travel as hundredths


class Sighting(Struct, frozen=True, gc=False, array_like=True):
    """One link of one message, small. `count` says how many like it were seen by then and not told one by one."""

    key: str  # the link's, a query as its hash
    case: bytes  # 16 bytes of the case id; empty where `case_of` can make it
    message: str  # the platform's id
    at: int  # offset, from the block's first
    after: int  # milliseconds, from the block's time
    user: bytes  # keyed hash, else too few bits to know anybody by
    channel: int  # keyed hash
    bits: int  # tier, scheme, surface
    lures: int  # what the text tried, by the block's names
    template: int  # hash of the text without its links and digits
    findings: tuple[int, ...]  # name and weight by turns, lists left out
    count: int = 1

    @property
    def tier(self) -> str:
        """The tier that the link was judged to be in."""
        return TIERS[self.bits & TIER_BITS]

    @property
    def url(self) -> str:
        """The address, its query as a hash."""
        return ("https://" if self.bits & HTTPS else "http://") + self.key

    @property
    def surface(self) -> Surface:
        """Where the message stood."""
        return SURFACES[self.bits >> SURFACE_AT]


class Block(Struct, frozen=True, array_like=True):
    """One record of the sightings topic: rows in the order of `domains`, packed."""

    format: int
    source: str
    topic: str
    partition: int
    sequence: int  # of the lists that judged it
    offset: int
    time: int  # milliseconds
    checks: tuple[str, ...]  # "family/check" by number, for the rows' findings
    signals: tuple[str, ...]  # names of lures by bit
    domains: bytes  # a hash of 8 bytes for each row
    packed: bytes

    def rows(self) -> list[Sighting]:
        """The sightings themselves."""
        return _rows.decode(bytes(cramjam.zstd.decompress(self.packed)))

    def tried(self, row: Sighting) -> list[str]:
        """What the text tried, by the names of its signals."""
        return [name for bit, name in enumerate(self.signals) if row.lures >> bit & 1]

    def findings(self, row: Sighting) -> Iterator[Finding]:
        """What was found on a link, lists left out, by name and weight; reasons are not kept."""
        for place in range(0, len(row.findings), 2):
            family, _, check = self.checks[row.findings[place]].partition("/")
            weight = row.findings[place + 1] / CENTS
            yield Finding(check, family, weight, UNTOLD.format(check=check))  # type: ignore[arg-type]  # written by us from a Family

    def case_of(self, row: Sighting) -> str:
        """The case id, as any alert on this link of this message has it."""
        if row.case:
            return alert.uuid_of(row.case)
        offset, time = self.offset + row.at, self.time + row.after
        name = f"id:{row.message}" if row.message else f"at:{self.topic}/{self.partition}/{offset}@{time}"
        return alert.case_id(self.source, name, row.key)


UNTOLD: Final = "The check {check} spoke when the message was judged; what it saw was not kept."
_rows: Final = msgspec.msgpack.Decoder(list[Sighting])
_blocks: Final = msgspec.msgpack.Decoder(Block)


def unpack(value: bytes | None) -> Block | None:
    """The block in a record's value; None for what another version wrote."""
    try:
        block = _blocks.decode(value or b"")
    except msgspec.DecodeError:
        return None
    return block if block.format == FORMAT else None


def domain_of(key: str, registrable: str, opaque: str) -> str:
    """What sightings are found by: the registrable domain, on hosts that all share the host and the path's first part.

    Without the latter an entry for one short link would have to be held against every short link there is.
    """
    host, _, path = key.partition("/")
    if opaque:
        return f"{host.removeprefix('www.')}/{path.partition('/')[0].partition('?')[0]}"
    return registrable or host


def domain_hash(domain: str) -> bytes:
    """Eight bytes that stand for a domain, the same in every process."""
    return hashlib.blake2b(domain.encode("utf-8", "surrogatepass"), digest_size=DOMAIN_BYTES).digest()


def hidden(key: str, secret: bytes) -> str:
    """A link's key with its query as a keyed hash: queries carry names, addresses and tokens."""
    path, mark, query = key.partition("?")
    if not mark or not query:
        return key
    data = query.encode("utf-8", "surrogatepass")
    return f"{path}?{HASHED}{hashlib.blake2b(data, digest_size=6, key=secret[:64]).hexdigest()}"
