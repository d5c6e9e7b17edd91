"""Hosts under names that anybody can have for the asking and point anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import LISTED
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LISTED


def check(host: Host, rules: Rules) -> Finding | None:
    """A small finding for a host below a dynamic-DNS name."""
    for name in host.names[1:]:
        if name in rules.brands.dynamic_dns:
            return Finding("dynamic_dns", "url", 0.8, f"The host is a free name below {name}.", {"provider": name})
    return None
