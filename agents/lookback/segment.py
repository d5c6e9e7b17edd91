"""One piece of retro's index: rows sorted by a hash of their domain, with the packed blocks that hold them."""

from __future__ import annotations

import mmap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.feeds.mapped import write_whole

Keys = NDArray[np.uint64]
Payload = NDArray[Any]  # a structured array: one record a row

MAGIC: Final = b"SARINGR1"
BLOCK: Final = "block"  # the payload's field that numbers a block, where there are blocks


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows in the order of `keys`. `ends` says where each block ends in `blob`; both are empty without blocks."""

    keys: Keys
    payload: Payload
    ends: NDArray[np.uint64]
    blob: Any  # bytes, or a mapped file
    latest: int  # milliseconds; when all of it is older than the window, it goes
    path: Path | None = None

    def __len__(self) -> int:
        return len(self.keys)

    def block(self, number: int) -> bytes:
        """The bytes of one block."""
        begin = int(self.ends[number - 1]) if number else 0
        return bytes(self.blob[begin : int(self.ends[number])])

    def find(self, keys: Keys) -> tuple[NDArray[np.intp], Payload]:
        """Which of the keys, and the row, for every row that has one of them."""
        low, high = np.searchsorted(self.keys, keys, "left"), np.searchsorted(self.keys, keys, "right")
        counts = high - low
        which = np.repeat(np.arange(len(keys)), counts)
        before = np.repeat(np.cumsum(counts) - counts, counts)
        return which, self.payload[np.arange(len(which)) - before + low[which]]


def sealed(keys: Sequence[Keys], payloads: Sequence[Payload], blocks: Sequence[bytes], latest: int) -> Segment:
    """A segment of what was gathered, sorted."""
    together, rows = np.concatenate(keys), np.concatenate(payloads)
    order = np.argsort(together, kind="stable")
    ends = np.cumsum(np.fromiter(map(len, blocks), np.uint64, len(blocks)), dtype=np.uint64)
    return Segment(together[order], rows[order], ends, b"".join(blocks), latest)


def merged(first: Segment, second: Segment) -> Segment:
    """Both as one."""
    payload = second.payload.copy()
    if len(first.ends):
        payload[BLOCK] += len(first.ends)
    keys, rows = np.concatenate([first.keys, second.keys]), np.concatenate([first.payload, payload])
    order = np.argsort(keys, kind="stable")
    shift = first.ends[-1] if len(first.ends) else np.uint64(0)
    blob = bytes(first.blob) + bytes(second.blob)
    latest = max(first.latest, second.latest)
    return Segment(keys[order], rows[order], np.concatenate([first.ends, second.ends + shift]), blob, latest)


def save(segment: Segment, path: Path) -> Segment:
    """The segment as a mapped file."""
    parts = (segment.keys.tobytes(), segment.payload.tobytes(), segment.ends.tobytes(), bytes(segment.blob))
    header = msgspec.json.encode({"sizes": [len(part) for part in parts], "latest": segment.latest})
    head = MAGIC + len(header).to_bytes(8, "little") + header
    write_whole(path, head + b"".join(parts))
    return load(path, segment.payload.dtype)


def load(path: Path, dtype: np.dtype[Any]) -> Segment:
    """The segment in a file; raises `ValueError` for anything else."""
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if bytes(data[:8]) != MAGIC:
        raise ValueError(f"{path.name} is no segment")
    begin = 16 + int.from_bytes(data[8:16], "little")
    about = msgspec.json.decode(data[16:begin])
    parts = []
    for size in about["sizes"]:
        parts.append(data[begin : begin + size])
        begin += size
    keys, ends = np.frombuffer(parts[0], "<u8"), np.frombuffer(parts[2], "<u8")
    return Segment(keys, np.frombuffer(parts[1], dtype), ends, parts[3], about["latest"], path)
