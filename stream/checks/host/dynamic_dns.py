"""Hosts under names that anybody can have for the asking and point anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules


def check(host: Host, rules: Rules) -> Finding | None:
    """A small finding for a host below a dynamic-DNS name."""
    if rules.brands.dynamic_dns.isdisjoint(host.names):
        return None
    for name in host.names[1:]:
        if name in rules.brands.dynamic_dns:
            return Finding("dynamic_dns", "url", 0.8, f"The host is a free name below {name}.", {"provider": name})
    return None
