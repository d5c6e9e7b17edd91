"""What a person writes for an entry, a duration or a feed, as the lists topics carry it."""

from __future__ import annotations

import re
from typing import Final

from agents.feeds.clock import in_seconds, now_text
from agents.feeds.wire import LOCAL, Own
from stream.lists.entries import Action, EntryKind
from stream.lists.formats.naming import namer
from stream.lists.formats.rows import Bad, Canonicalize, ParseOptions, Row

_SPAN: Final = re.compile(r"(\d+)\s*([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def span_seconds(text: str) -> int:
    """Seconds of `90d`, `4h`, `30m`; raises ValueError for anything else."""
    match = _SPAN.fullmatch(text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is no span of time: write 30m, 4h, 90d")
    return int(match[1]) * _SECONDS[match[2]]


def own_entry(written: str, canonicalize: Canonicalize, action: Action, by: str, **more: str) -> Own:
    """An entry from what a person wrote: a host means it and all below it, an address with a path that one page.

    `kind`, `note`, `threat` and `span` may be given; raises ValueError where no host is named.
    """
    kind: EntryKind | None = more.get("kind") or None  # type: ignore[assignment]  # checked by the command
    named = namer(ParseOptions(canonicalize, LOCAL))(Row(written, kind, action=action))
    if isinstance(named, Bad):
        raise ValueError(f"{written}: {named.why}")
    expires_at = in_seconds(span_seconds(more["span"])) if more.get("span") else ""
    threat = more.get("threat") or "phishing"
    return Own(named.kind, named.key, action, by, now_text(), more.get("note", ""), threat, expires_at)
