"""Lists of one entry a line: hosts and URLs, hosts files, and the tab-separated `feed, listed_at, entry`."""

from __future__ import annotations

import re

from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, UnreadableError, lines_of, text_of

_HTML = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_NULL_ADDRESSES = {"0.0.0.0", "127.0.0.1", "::", "::1", "0"}  # noqa: S104  (what a hosts file maps names to)
_OWN_NAMES = {"localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback"}


def plain(data: bytes, options: ParseOptions) -> Rows:
    """Hosts, URLs, `*.wildcards` and `.dotted` domains, one a line, with comments behind a space and a `#`."""
    refuse_html(data)
    for number, line in lines_of(data):
        value = line.partition(" #")[0].strip()
        yield Bad(number, "more than one word", line) if " " in value or "\t" in value else Row(value)


def hosts(data: bytes, options: ParseOptions) -> Rows:
    """A hosts file: an address, then names that are to lead nowhere."""
    refuse_html(data)
    for number, line in lines_of(data):
        address, *names = line.partition("#")[0].split()
        if address not in _NULL_ADDRESSES:
            yield Bad(number, "maps to a real address", line)
            continue
        yield from (Row(name, "host") for name in names if name not in _OWN_NAMES)


def tsv(data: bytes, options: ParseOptions) -> Rows:
    """`feed`, `listed_at`, `entry` with tabs between; each row keeps the feed that it names."""
    refuse_html(data)
    for number, line in enumerate(text_of(data).split("\n"), 1):
        parts = line.rstrip("\r").split("\t")
        if len(parts) == 3:
            if number > 1 or parts[0] != "feed":
                yield Row(parts[2], listed_at=parts[1], feed=parts[0])
        elif line.strip():
            yield Bad(number, "not three fields", line)


def refuse_html(data: bytes) -> None:
    """Raise for a web page: an error page served with status 200 is no list."""
    if _HTML.match(data[:512].decode("utf-8-sig", "replace")):
        raise UnreadableError("the file is a web page, not a list")
