"""Path and query as the Safe Browsing guide names them: no escapes that say nothing, no empty or dotted segments."""

from __future__ import annotations

import re
from typing import Final

from stream.escapes import escaped, octets, unescaped

_SLASHES: Final = re.compile(rb"/{2,}")


def path_and_query(rest: str) -> tuple[str, bool, str]:
    """Path, whether there is a query, and query of what follows a host: unescaped, resolved, escaped in one way."""
    path, mark, query = rest.partition("?")
    whole = unescaped(octets(path.replace("\\", "/") + mark + query))
    raw_path, has_query, raw_query = whole.partition(b"?")
    return escaped(_resolved(raw_path), b"\\"), bool(has_query), escaped(raw_query)


def _resolved(path: bytes) -> bytes:
    """The path with single slashes and without `.` and `..` segments; always begins with a slash."""
    if not path.startswith(b"/"):
        path = b"/" + path
    if b"//" in path:
        path = _SLASHES.sub(b"/", path)
    if b"/." not in path:
        return path
    kept: list[bytes] = []
    segments = path.split(b"/")[1:]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment != b".":
            kept.append(segment)
    if segments[-1] in (b".", b".."):
        kept.append(b"")
    return b"/" + b"/".join(kept)
