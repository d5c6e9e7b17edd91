"""Addresses on hosts that everybody uses: seldom part of a scam, and their names say nothing either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SHARED
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SHARED
_REASON: Final = "The host is one that many people share links to."
_FINDINGS: Final = {
    kind: Finding("shared_host", "url", weight, _REASON, {"kind": kind})
    for kind, weight in (("popular", -2.0), ("platform", -1.0), ("shortener", -1.0), ("messenger", -0.5))
}


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding against a scam, as heavy as such links are common in harmless talk."""
    return _FINDINGS.get(facts.opaque) if facts.opaque else None
