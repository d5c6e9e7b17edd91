"""Percent-encoding as the Safe Browsing guide has it: undone to the very end, then written in one way."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote_to_bytes

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_HEX: Final = frozenset(b"0123456789abcdefABCDEF")
_PERCENT: Final = ord("%")
_LONE_BYTE: Final = re.compile("[\x80-\x9f\ud800-\udfff]")
_LONG: Final = 200  # octets
_QUICK_ROUNDS: Final = 3
_TO_ESCAPE: Final = re.compile(rb"[\x00-\x20\x7f-\xff#%]")


def octets(text: str) -> bytes:
    """The bytes a text stands for: UTF-8, except that a lone byte smuggled in as U+0080-9F or a surrogate stays one."""
    if text.isascii():
        return text.encode()
    if _LONE_BYTE.search(text) is None:
        return text.encode()
    return b"".join(_octet(char) for char in text)


def _octet(char: str) -> bytes:
    if "\x80" <= char <= "\x9f":  # C1 controls are never typed: this was Latin-1 read from raw bytes
        return bytes((ord(char),))
    return char.encode("utf-8", "surrogateescape" if "\udc80" <= char <= "\udcff" else "surrogatepass")


def readable(raw: bytes) -> str:
    """The text of some bytes, reversible by `octets` whatever they are."""
    return raw.decode("utf-8", "surrogateescape")


def unescaped(raw: bytes) -> bytes:
    """The bytes after percent-decoding until nothing is left to decode: linear, however deep the nesting."""
    for _ in range(_QUICK_ROUNDS):
        decoded = unquote_to_bytes(raw) if b"%" in raw else raw
        if len(decoded) == len(raw):
            return raw
        raw = decoded
    return _settled(raw)


def _settled(raw: bytes) -> bytes:
    """Each decoded byte is looked at again with those before it, which comes to what endless rounds come to.

    Two escapes cannot overlap (a percent sign is no hex digit), so the order of decoding does not matter.
    """
    out = bytearray()
    for octet in raw:
        out.append(octet)
        while len(out) > 2 and out[-3] == _PERCENT and out[-2] in _HEX and out[-1] in _HEX:
            out[-3:] = bytes((int(out[-2:], 16),))
    return bytes(out)


def escaped(raw: bytes, more: bytes = b"") -> str:
    """The bytes as printable ASCII: control, space, 127 and above, `#`, `%` and what `more` names become `%XX`."""
    if _TO_ESCAPE.search(raw) is None and not any(octet in raw for octet in more):
        return raw.decode("ascii")
    if len(raw) > _LONG:
        return _in_threes(more)[np.frombuffer(raw, dtype=np.uint8)].tobytes().replace(b"\0", b"").decode("ascii")
    return "".join(map(_signs(more).__getitem__, raw))


@cache
def _in_threes(more: bytes) -> NDArray[np.bytes_]:
    """The same for arrays, which take a fifth of the time for long ones; what is shorter is filled up with zeros."""
    return np.array(_signs(more), dtype="S3")


@cache
def _signs(more: bytes) -> tuple[str, ...]:
    """How each octet is written; callers name few sets of more."""
    every = bytes(range(256))
    return tuple(f"%{octet:02X}" if octet in more or _TO_ESCAPE.match(every, octet) else chr(octet) for octet in every)


def escaped_host(raw: bytes) -> str:
    """A host that no browser opens, spelled so that reading it again gives the same host."""
    return escaped(raw, b"/\\?@:")
