"""One number for everything the line says of a stream: `python -m bench.speed_digest` before and after a change.

`--one` judges record by record, which must come to the same.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Sequence

import msgspec

from bench.speed_data import CHUNK, Row, chunks_of, default_rules, read_lists, read_records
from stream.model import Lists
from stream.pipeline import scanner
from stream.rules import Rules

_encode = msgspec.msgpack.Encoder(order="deterministic").encode


def outcomes(records: Sequence[Row], rules: Rules, lists: Lists, size: int = CHUNK) -> Iterator[bytes]:
    """What becomes of each record, whole, as bytes that can be compared."""
    scan = scanner(rules, lists)
    for chunk in chunks_of(records, size):
        for outcome in scan(chunk):
            yield _encode(outcome)


def digest(records: Sequence[Row], rules: Rules, lists: Lists, size: int = CHUNK) -> str:
    """One hash over all outcomes in order."""
    whole = hashlib.sha256()
    for each in outcomes(records, rules, lists, size):
        whole.update(each)
    return whole.hexdigest()[:16]


if __name__ == "__main__":
    print(digest(read_records(), default_rules(), read_lists(), 1 if "--one" in sys.argv else CHUNK))
