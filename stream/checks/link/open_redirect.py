"""Pages of trusted sites that send whoever opens them on to an address in the query."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from stream.cues import QUERY
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = QUERY
_TARGET: Final = re.compile(
    r"(?:^|&)(?:q|u|url|to|dest|destination|target|next|goto|redirect|redirect_ur[il]|link|r|out)=(https?(?:://|%3a)[^&]+)",
    re.IGNORECASE,
)
_PAGES: Final = re.compile(r"^/(?:url|l\.php|out|away|redirect\w*|goto|r|link|jump|go|leaving|exit)\b", re.IGNORECASE)


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a redirecting page of a trusted or large site that leads to somebody who is neither."""
    if not link.has_query or not (facts.brand or facts.opaque) or facts.opaque in ("shortener", "messenger"):
        return None
    found = _TARGET.search(link.query)
    if found is None or not _PAGES.match(link.path):
        return None
    target = re.match(r"https?://([^/?#:@]+)", unquote(found[1]), re.IGNORECASE)
    host = target[1].lower() if target else ""
    if not host or rules.brands.official_brand(host) or rules.platforms.opaque(host) or host.endswith(link.registrable):
        return None
    reason = f"The page on {link.host} sends its reader on to {host}."
    return Finding("open_redirect", "url", 1.0, reason, {"to": host})
