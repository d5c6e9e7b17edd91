"""Hosts that are a bare address on the internet: hardly anybody sends people there."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from stream.cues import ADDRESS
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = ADDRESS
_DOCUMENTATION: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding for a public IP address; private and loopback ones are somebody's own network."""
    if not host.is_ip:
        return None
    try:
        address = ipaddress.ip_address(host.name.strip("[]"))
    except ValueError:
        return None
    if address.is_private and not address.is_reserved and not _is_documentation(address):
        return None
    return Finding("ip_host", "url", 1.5, "The host is a bare IP address.", {"address": host.name})


def _is_documentation(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """RFC 5737 and 3849: stand-ins for public addresses, so that examples need no live one."""
    return any(address in ipaddress.ip_network(net) for net in _DOCUMENTATION)
