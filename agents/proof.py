"""The proof that nothing was passed over: the ledger against the committed offsets and the sources."""

from __future__ import annotations

from collections.abc import Iterator

from agents import connect
from agents.kafka.ledger import Coverage, Entry, decode, verify
from agents.kafka.spans import read_spans
from agents.kafka.topics import admin_client, committed, watermarks
from agents.kafka.values import Partition
from config.settings import Settings


def prove(settings: Settings) -> list[Coverage]:
    """What the ledger covers of each source partition, from its oldest entry to the committed offset."""
    connection = connect.connection(settings.kafka, "saring-ledger")
    admin, ledger = admin_client(connection), connect.topics(settings)["ledger"]
    sources = [source.topic for source in settings.sources.values()]
    marks = watermarks(admin, sources)
    done = committed(admin, connect.group(settings, "scan"), marks)

    def entries() -> Iterator[Entry]:
        for batch in read_spans(connection, watermarks(admin, [ledger])):
            yield from decode(record.value for record in batch)

    def exists(partition: Partition, first: int, last: int) -> int:
        """Below the low watermark nobody can tell any more; what expired unread has its own metric."""
        span = {partition: (max(first, marks[partition][0]), last + 1)}
        return sum(len(batch) for batch in read_spans(connection, span))

    return verify((entry for entry in entries() if entry.topic in sources), done, exists)
