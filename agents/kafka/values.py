"""What passes between Kafka and the line: chunks of records in, batches of outgoing records out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from msgspec import Struct

from stream.model import Record


class Partition(NamedTuple):
    """One partition of a topic; equal to the pairs that aiokafka and Faust use for the same thing."""

    topic: str
    partition: int


class Outgoing(Struct, frozen=True, gc=False):
    """A record to be written, in the form in which Kafka takes it."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Chunk(Struct, frozen=True):
    """Consecutive records of one partition, fetched as one generation of the group; never empty."""

    source: Partition
    generation: int
    records: Sequence[Record]

    @property
    def first(self) -> int:
        """Offset of the first record."""
        return self.records[0].offset

    @property
    def last(self) -> int:
        """Offset of the last record."""
        return self.records[-1].offset


class Batch(Struct, frozen=True):
    """What some chunks of one partition come to.

    `failures` counts the records that an internal fault kept from being judged: above a limit the batch is held back
    and judged again. `note` is handed on unread when all is acknowledged.
    """

    outgoing: Sequence[Outgoing] = ()
    note: object = None
    failures: int = 0


Handle: TypeAlias = Callable[[Sequence[Chunk]], Batch]
Done: TypeAlias = Callable[[object, Sequence[Chunk]], None]
TooLarge: TypeAlias = Callable[[Outgoing, int], "Outgoing | None"]
Poisoned: TypeAlias = Callable[[Chunk, int], Batch]


def size(chunks: Sequence[Chunk]) -> int:
    """How many records the chunks hold together."""
    return sum(len(chunk.records) for chunk in chunks)
