"""Batches of records as a broker hands them out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

P: Final = TopicPartition("messages", 3)
NOON: Final = 1_800_000_000_000
PLAIN, GZIP, SNAPPY, LZ4, ZSTD = range(5)
LOG_APPEND_TIME, CONTROL = 0x08, 0x20
ABORTED: Final = b"\0\0\0\0"  # the key of a marker
COMMITTED: Final = b"\0\0\0\1"

Row = tuple[int, int, "bytes | None", "bytes | None", list[tuple[str, "bytes | None"]]]


def batch(rows: Sequence[Row], base: int = 0, codec: int = PLAIN, bits: int = 0, producer: int = -1) -> bytes:
    """A batch of format 2 whose first offset is `base`; with a producer, of a transaction."""
    made = DefaultRecordBatchBuilder(2, codec, producer >= 0, producer, 0, 0, 1 << 24)
    for row in rows:
        made.append(*row)
    octets = made.build()
    octets[0:8] = base.to_bytes(8, "big")
    octets[22] |= bits
    return sealed(octets)


def sealed(octets: bytearray) -> bytes:
    """With the checksum that it must have."""
    octets[17:21] = calc_crc32c(bytes(octets[21:])).to_bytes(4, "big")
    return bytes(octets)


def run(number: int, base: int, codec: int = PLAIN, producer: int = -1) -> bytes:
    return batch([(at, NOON + at, None, b"%d" % at, []) for at in range(number)], base, codec, producer=producer)
