"""A list given as a file: `saring check --lists FILE`, the demo and the quality benchmark read it here."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from agents.feeds.mapped import open_layer, write_whole
from agents.feeds.unpack import open_any, unpacked
from stream.lists.compile import DAY, compiled
from stream.lists.formats import Parsed, ParseOptions, parse, sniff
from stream.lists.formats.rows import Canonicalize
from stream.lists.index import IndexedLists
from stream.lists.layer import FORMAT, BrokenError, Layer
from stream.model import Lists

__all__ = ["compiled_file", "open_any", "parsed_file", "read_lists_file"]

MAXIMUM_BYTES: Final = 2_000_000_000
_CACHED_FROM: Final = 1_000_000  # bytes; compiling less than that takes no time worth a file
_READING: Final = 5  # raise when the same file would be read into other entries, so that cached sets are left behind


def read_lists_file(path: Path, canonicalize: Canonicalize, cache_dir: Path | None = None) -> Lists:
    """The lists in a file of any format that we read; a large one is compiled once and kept in `cache_dir`."""
    data = path.read_bytes()
    name = hashlib.sha256(data).hexdigest()[:16]
    cached = None
    if cache_dir is not None and len(data) >= _CACHED_FROM:
        cached = cache_dir / "files" / f"{name}-{FORMAT}.{_READING}.list"
    layer = _kept(cached)
    if layer is None:
        made = compiled_file(data, path.name, canonicalize)
        if cached is not None:
            write_whole(cached, made)
        layer = Layer(made) if cached is None else open_layer(cached)
    newest = max(layer.times, default=0) * layer.header.unit_seconds
    moment = datetime.fromtimestamp(newest or path.stat().st_mtime, UTC)  # a copy is no newer than what it says
    built_at = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return IndexedLists((layer,), f"file-{name}", 0, len(layer.header.feeds), (), built_at)


def compiled_file(data: bytes, name: str, canonicalize: Canonicalize) -> bytes:
    """The compiled set of one list file."""
    entries = parsed_file(data, name, canonicalize).entries
    return compiled(lambda: entries, DAY)


def parsed_file(data: bytes, name: str, canonicalize: Canonicalize) -> Parsed:
    """The entries of one list file; the file's name stands for the feed where the format names none."""
    plain = unpacked(data, MAXIMUM_BYTES)
    return parse(sniff(plain), plain, ParseOptions(canonicalize, feed=_feed(name)))


def _feed(name: str) -> str:
    return name.partition(".")[0] or "file"


def _kept(path: Path | None) -> Layer | None:
    if path is None or not path.exists():
        return None
    try:
        return open_layer(path)
    except (BrokenError, OSError):
        return None  # a cache: what cannot be read is made again
