"""Brand names in the path of somebody else's address: a copied login page, or a short link that promises one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import PATH
from stream.model import Finding, HostFacts, Link, Source
from stream.packs import Keyword

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = PATH
_READ: Final = 120
_SLUG: Final = {"my": 3.0, "sea": 3.0, "global": 1.5}
_PATH: Final = {"my": 1.5, "sea": 1.2, "global": 0.8}


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for a brand in a path, a heavier one in the readable slug of a short link."""
    if facts.brand or len(link.path) < 6 or facts.opaque in ("popular", "messenger"):
        return None
    path = link.path[:_READ].lower()
    keyword = _brand(path, rules.brands.in_hosts)
    if keyword is None:
        return None
    brand = rules.brands.brands[keyword.brand]
    is_slug = facts.opaque in ("shortener", "platform")
    weight = (_SLUG if is_slug else _PATH)[brand.region]
    where = "short link" if is_slug else "path"
    reason = f"The {where} carries {keyword.text}, and the host is not a {brand.name} domain."
    evidence = {"matched": keyword.text, "in": "slug" if is_slug else "path"}
    return Finding("brand_in_path", "brand", weight, reason, evidence, Source("brand_pack", "brands", brand.id))


def _brand(path: str, automaton: object) -> Keyword | None:
    """The first brand name that stands at the beginning of a word of the path."""
    keyword: Keyword
    for last, keyword in automaton.iter(path):  # type: ignore[attr-defined]  # ahocorasick has no types
        start = last + 1 - len(keyword.text)
        if not keyword.whole and path.startswith(keyword.text, start) and not path[start - 1].isalpha():
            return keyword
    return None
