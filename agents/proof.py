"""The proof that nothing was passed over: the ledger against the committed offsets and the sources."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from agents import connect
from agents.kafka.connection import Connection
from agents.kafka.ledger import Coverage, Entry, decode, verify
from agents.kafka.spans import Looker, present, read_spans
from agents.kafka.topics import admin_client, committed
from agents.kafka.values import Partition
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Proof:
    """What the ledger covers of each source partition, and the partitions that it knows nothing about."""

    covered: list[Coverage]
    unknown: list[Partition]


def prove(settings: Settings) -> Proof:
    """From the oldest ledger entry of each source partition to its committed offset."""
    connection = connect.connection(settings.kafka, "saring-ledger")
    admin, ledger = admin_client(connection), connect.topics(settings)["ledger"]
    sources = {source.topic for source in settings.sources.values()}
    marks = present(admin, sorted(sources))
    done = committed(admin, connect.group(settings, "scan"), marks)  # before the ledger, which only grows meanwhile
    entries = [entry for entry in _entries(connection, present(admin, [ledger])) if entry.topic in sources]
    with closing(Looker(connection)) as looker:

        def held(partition: Partition, first: int, last: int) -> int:
            """Below the low watermark nobody can tell any more; what expired unread has its own metric."""
            first = max(first, marks[partition][0])
            return looker.count(partition, first, last) if first <= last else 0

        covered = verify(entries, done, held)
    known = {each.partition for each in covered}
    return Proof(covered, [partition for partition in marks if partition not in known])


def _entries(connection: Connection, marks: dict[Partition, tuple[int, int]]) -> Iterator[Entry]:
    for batch in read_spans(connection, marks):
        yield from decode(record.value for record in batch)
