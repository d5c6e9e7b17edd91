"""What the speed benchmark reads: a stream of messages as Kafka records, and a list of a million entries."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from agents.feeds.load import read_lists_file
from agents.feeds.unpack import open_any
from config.load import load
from config.rules import rules_from
from stream.canonical import canonicalizer
from stream.lists.memory import NO_LISTS
from stream.model import Lists, Record
from stream.rules import Rules

Records: TypeAlias = "Sequence[Record]"

ROOT: Final = Path(__file__).parents[1]
STREAM: Final = ROOT.parent / "shared" / "data" / "dev_stream.jsonl.gz"
LISTS: Final = ROOT.parent / "shared" / "data" / "blocklist_asof_2026-01-01.tsv.gz"
DEMO: Final = ROOT / "config" / "demo" / "feed.jsonl"
CHUNK: Final = 1_000  # the worker's default
BEGAN: Final = 1_785_542_400_000  # a fixed record timestamp: same input, same ids


class Row(Struct, frozen=True, gc=False):
    """A message in the place of a Kafka record."""

    value: bytes
    offset: int
    topic: str = "messages"
    partition: int = 0
    timestamp: int = BEGAN
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


@cache
def default_rules() -> Rules:
    """The rules as shipped: every check on, default modes."""
    return rules_from(load(environment={}).settings)


def read_records(path: Path | None = None, limit: int | None = None) -> list[Row]:
    """Messages of a JSON-lines file; without one the development stream, where it is there, else the demo's feed."""
    chosen = path or (STREAM if STREAM.exists() else DEMO)
    with open_any(chosen) as file:
        return [Row(line.rstrip(b"\r\n"), number) for number, line in zip(range(limit or 1 << 40), file, strict=False)]


def read_lists(path: Path | None = None) -> Lists:
    """A list file compiled as the keeper does, mapped from a cache; without one the large list, where it is there."""
    chosen = path or LISTS
    if not chosen.exists():
        return NO_LISTS
    cache_dir = Path(tempfile.gettempdir()) / "saring-bench"
    cache_dir.mkdir(exist_ok=True)
    return read_lists_file(chosen, canonicalizer(default_rules().suffixes), cache_dir)


def chunks_of(records: Sequence[Row], size: int = CHUNK) -> list[Sequence[Row]]:
    """The records in chunks, as the consumer hands them out."""
    return [records[at : at + size] for at in range(0, len(records), size)]
