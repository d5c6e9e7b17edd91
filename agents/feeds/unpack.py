"""Packed lists unpacked within a bound: a few kilobytes can hold gigabytes."""

from __future__ import annotations

import bz2
import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO, cast

import cramjam


class PackedError(ValueError):
    """A packed list that is cut off, broken, or larger than the bound when unpacked."""


def unpacked(data: bytes, limit: int) -> bytes:
    """The list itself, whatever it is packed with (gzip, bz2, zstd, nothing), at most `limit` bytes of it."""
    try:
        if data[:2] == b"\x1f\x8b":
            return _gzip(data, limit)
        if data[:3] == b"BZh":
            return _bz2(data, limit)
        if data[:4] == b"\x28\xb5\x2f\xfd":
            return _zstd(data, limit)
    except (zlib.error, OSError, EOFError, cramjam.DecompressionError) as error:
        raise PackedError(f"broken archive: {error}") from None
    if len(data) > limit:
        raise PackedError(f"larger than {limit} bytes")
    return data


def _gzip(data: bytes, limit: int) -> bytes:
    """Every member of a gzip file; several may follow each other."""
    parts, size = [], 0
    while data:
        member = zlib.decompressobj(wbits=31)
        piece = member.decompress(data, limit - size + 1)
        size += len(piece)
        _refuse(size, limit)
        if not member.eof:
            raise PackedError("the archive is cut off")
        parts.append(piece)
        data = member.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _bz2(data: bytes, limit: int) -> bytes:
    parts, size = [], 0
    while data:
        stream = bz2.BZ2Decompressor()
        piece = stream.decompress(data, limit - size + 1)
        size += len(piece)
        _refuse(size, limit)
        if not stream.eof:
            raise PackedError("the archive is cut off")
        parts.append(piece)
        data = stream.unused_data
    return b"".join(parts)


def _zstd(data: bytes, limit: int) -> bytes:
    """Into a buffer of the size allowed: the pages that are not written to cost nothing."""
    room = bytearray(limit + 1)
    try:
        size = int(cramjam.zstd.decompress_into(data, room))
    except cramjam.DecompressionError as error:
        _refuse(limit + 1 if "buffer" in str(error) or "whole" in str(error) else 0, limit)
        raise
    _refuse(size, limit)
    return bytes(memoryview(room)[:size])


def _refuse(size: int, limit: int) -> None:
    if size > limit:
        raise PackedError(f"unpacks to more than {limit} bytes")


def open_any(path: Path) -> BinaryIO:
    """A file of lines, read as it is unpacked: gzip, bz2, zstd or plain, by what it begins with."""
    with path.open("rb") as file:
        head = file.read(4)
    if head[:2] == b"\x1f\x8b":
        return cast(BinaryIO, gzip.open(path, "rb"))
    if head[:3] == b"BZh":
        return cast(BinaryIO, bz2.open(path, "rb"))
    if head == b"\x28\xb5\x2f\xfd":
        return io.BytesIO(bytes(cramjam.zstd.decompress(path.read_bytes())))
    return path.open("rb")
