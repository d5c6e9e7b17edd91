"""Short links whose readable end promises aid, prizes or a login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SHARED
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SHARED


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a word of the pack at the beginning of a word of the slug; most slugs are random letters."""
    if facts.opaque != "shortener" or len(link.path) < 6 or rules.brands.official_brand(link.host or ""):
        return None
    slug = link.path.lower()
    for last, (kind, word) in rules.brands.words.iter(slug):
        start = last + 1 - len(word)
        if len(word) > 4 and not slug[start - 1].isalpha():
            return Finding("telling_slug", "url", 2.0, f"The short link promises {word}.", {"word": word, "kind": kind})
    return None
