"""From what a list writes to the one name under which links are looked up."""

from __future__ import annotations

import re

from stream.lists.entries import Entry, EntryKind
from stream.lists.formats.rows import Bad, ParseOptions, Row
from stream.model import Link

_DEFANGED = re.compile(r"^hxxp|^h\*\*p|\[\.\]|\[dot\]|\(\.\)|\[:\]", re.IGNORECASE)
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]")
_PLAIN_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\Z")


def entry_of(row: Row, options: ParseOptions) -> Entry | Bad:
    """The entry under its canonical key; a bad line where it names no host that exists under a public suffix."""
    written, kind = _marked(row.raw)
    link = options.canonicalize(written if "://" in written else "http://" + written)
    if link is None or not link.key or not _has_public_host(link):
        return Bad(0, "no host under a public suffix", row.raw[:200])
    stated = row.kind or (None if options.kinds == "auto" else options.kinds)
    kind = _kind(stated, kind, link, written)
    return Entry(
        row.feed or options.feed,
        kind,
        _key(kind, link),
        row.action,
        row.threat or options.threat,
        row.listed_at,
        row.expires_at,
        row.raw,
    )


def _marked(raw: str) -> tuple[str, EntryKind | None]:
    """The line without its wildcard, and what the wildcard said: `*.x` and `.x` are domains, `x/*` is a prefix."""
    if _PLAIN_HOST.match(raw):
        return raw, None
    written = _refanged(raw.strip())
    if written.startswith(("*.", ".")):
        return written.lstrip("*."), "domain"
    if written.endswith("/*"):
        return written[:-1], "prefix"
    return written, None


def _refanged(raw: str) -> str:
    if not _DEFANGED.search(raw):
        return raw
    raw = re.sub(r"^h(?:xx|\*\*)p", "http", raw, flags=re.IGNORECASE).replace("[:]", ":")
    return re.sub(r"\[\.\]|\[dot\]|\(\.\)", ".", raw, flags=re.IGNORECASE)


def _has_public_host(link: Link) -> bool:
    return bool(link.registrable) or bool(link.suffix) or bool(_IP.fullmatch(link.key.partition("/")[0]))


def _kind(stated: EntryKind | None, marked: EntryKind | None, link: Link, written: str) -> EntryKind:
    """What the feed says, if the entry can be that; a root address without a query names its host, not one page."""
    host, _, path = link.key.partition("/")
    if path and stated not in ("host", "domain"):
        return "prefix" if "prefix" in (marked, stated) else "url"
    if _IP.fullmatch(host):
        return "host"
    if path or stated in ("host", "domain"):
        return stated if stated in ("host", "domain") else "url"
    return "host" if "://" in written and marked is None else "domain"


def _key(kind: EntryKind, link: Link) -> str:
    """The canonical key: `www.` is dropped where it adds nothing, so that both spellings of a site are one entry."""
    host, _, path = link.key.partition("/")
    short = host.removeprefix("www.")
    if short != host and short != link.suffix and "." in short:
        host = short
    return host if kind in ("host", "domain") else f"{host}/{path}"
