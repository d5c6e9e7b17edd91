"""Addresses with a port that websites for the public do not use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import PORT
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = PORT
_USUAL: Final = frozenset((80, 443, 8080, 8443, 8000, 3000, 21))


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A small finding: people run things on their own machines, too."""
    if link.port is None or link.port in _USUAL:
        return None
    return Finding("odd_port", "url", 0.5, f"The address names port {link.port}.", {"port": link.port})
