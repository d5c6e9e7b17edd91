"""From what a list writes to the one name under which links are looked up."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from html import unescape
from typing import Final

from stream.lists.entries import AFTER_LINKS, Entry, EntryKind
from stream.lists.formats.rows import Bad, Canonicalize, ParseOptions, Row
from stream.tails import tail_end

_DEFANGED: Final = re.compile(r"^hxxp|^h\*\*p|\[\.\]|\[dot\]|\(\.\)|\[:\]|&(?:amp|lt|gt|quot);", re.IGNORECASE)
_ENTITY: Final = re.compile(r"&(?:amp|lt|gt|quot);", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+")
_IP: Final = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\]")
# Nine lines in ten are canonical as they stand. Left to the canonical form: capitals, escapes, ports, `www.`, punycode,
# a numeric last label (an address), and dot segments or doubled slashes in the path.
_CANONICAL: Final = re.compile(
    r"(?:https?://)?(?!www\.)([a-z0-9](?:[a-z0-9-]*\.)+([a-z]{2,}))"
    r"((?:/(?!\.)[A-Za-z0-9._~!$&'()*+,;=:@-]+)*/?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?-]+)?)"
)


Namer = Callable[[Row], Entry | Bad]


def namer(options: ParseOptions) -> Namer:
    """A function from a row to its entry; a bad line where it names no host."""
    known = _known_endings(options.canonicalize)

    def entry_of(row: Row) -> Entry | Bad:
        written, marked = _marked(row.raw)
        match = _CANONICAL.fullmatch(written)
        if match and "xn--" not in match[1] and ".." not in match[1] and known(match[2]):
            host, path = match[1], match[3].removeprefix("/")
        else:
            named = _named(written, options.canonicalize)
            if named is None:
                return Bad(0, "names no host", row.raw[:200])
            host, path = named
        kind = _kind(row.kind or (None if options.kinds == "auto" else options.kinds), marked, host, path, written)
        return Entry(
            row.feed or options.feed,
            kind,
            host if kind in ("host", "domain") else f"{host}/{_as_in_text(host, path, kind)}",
            row.action,
            row.threat or options.threat,
            row.listed_at,
            row.expires_at,
            row.raw,
        )

    return entry_of


def _as_in_text(host: str, path: str, kind: EntryKind) -> str:
    """The path as far as link finding takes it: in a message, what ends a sentence or a bracket is no part of it.

    Lists are full of addresses that were cut out of texts with their comma, bracket or ellipsis.
    """
    if not path or (path[-1] not in AFTER_LINKS and not path.endswith("'s")):
        return path
    whole = f"http://{host}/{path}"
    end = tail_end(whole, 0, len("http://") + len(host), len(whole)) - len(whole)
    cut = path[end:] if end < 0 else ""
    if (cut != "'s" and cut.strip(AFTER_LINKS)) or (kind == "prefix" and cut == path):
        return path
    return path.removesuffix(cut)


def _known_endings(canonicalize: Canonicalize) -> Callable[[str], bool]:
    """Whether names can be registered below a last label; asked once for each."""

    @lru_cache(maxsize=4096)
    def known(label: str) -> bool:
        link = canonicalize(f"http://a.b.c.d.{label}/")
        return link is not None and bool(link.registrable)

    return known


def _named(written: str, canonicalize: Canonicalize) -> tuple[str, str] | None:
    """Host and path of the canonical key; `www.` goes where it adds nothing, so that both spellings are one entry."""
    link = canonicalize(written if "://" in written else "http://" + written)
    if link is not None and link.host and link.host.endswith("."):
        link = canonicalize("http://" + link.key)  # a final dot hides what the host ends in
    if link is None or not link.key or link.kind == "app":
        return None
    host, _, path = link.key.partition("/")
    if not _HOST.fullmatch(host) and not _IP.fullmatch(host):
        return None
    short = host.removeprefix("www.")
    return (short if "." in short and short != link.suffix else host), path


def _marked(raw: str) -> tuple[str, EntryKind | None]:
    """The line without its wildcard, and what the wildcard said: `*.x` and `.x` are domains, `x/*` is a prefix."""
    written = refanged(raw.strip())
    if written.startswith(("*.", ".")):
        return written.lstrip("*."), "domain"
    if written.endswith("/*"):
        return written[:-1], "prefix"
    return written, None


def refanged(raw: str) -> str:
    """An address as it was before somebody wrote it so that nobody opens it; any other text as it is."""
    if not _DEFANGED.search(raw):
        return raw
    raw = re.sub(r"^h(?:xx|\*\*)p", "http", raw, flags=re.IGNORECASE).replace("[:]", ":")
    raw = _ENTITY.sub(lambda match: unescape(match[0]), raw)  # as in messages: many lists were cut out of web pages
    return re.sub(r"\[\.\]|\[dot\]|\(\.\)", ".", raw, flags=re.IGNORECASE)


def _kind(stated: EntryKind | None, marked: EntryKind | None, host: str, path: str, written: str) -> EntryKind:
    """What the feed says, if the entry can be that; a root address without a query names its host, not one page."""
    if path and stated not in ("host", "domain"):
        return "prefix" if "prefix" in (marked, stated) else "url"
    if host[-1].isdigit() or host[-1] == "]":
        return "host"  # an address of a machine has nothing below it
    if stated in ("host", "domain"):
        return "host" if stated == "host" else "domain"
    return "host" if "://" in written and marked is None else "domain"
