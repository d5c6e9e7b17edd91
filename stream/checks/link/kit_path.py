"""Paths as they are left by phishing kits and in sites that were broken into."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stream.cues import PATH
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = PATH
_BROKEN_INTO: Final = re.compile(
    r"/(?:wp-content|wp-includes|wp-admin|\.well-known|cgi-bin|modules|components|vendor)/[^?]*\.(?:php|html?)$"
    r"|/(?:wp-content|wp-includes)/(?:plugins|themes|uploads)/[^/]+/[^/.]+/?$"
)
_LOGIN: Final = re.compile(
    r"/(?:login|log-in|signin|sign-in|verify|verification|secure|webscr|auth|confirm)\b[^/]*(?:\.php|/index\.(?:php|html?))$"
)


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a page where only files should be, or a bare login script."""
    if facts.brand or facts.opaque or len(link.path) < 8:
        return None
    path = link.path.lower()
    if _BROKEN_INTO.search(path):
        return Finding(
            "kit_path", "url", 1.0, "The page lies where a site keeps only its own files.", {"path": link.path[:80]}
        )
    if _LOGIN.search(path):
        return Finding("kit_path", "url", 0.8, "The path is a bare login script.", {"path": link.path[:80]})
    return None
