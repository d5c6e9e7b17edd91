"""Hosts on which the address says little: shared platforms, shorteners, messengers, popular sites."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Platforms:
    """What is known of hosts that many people share.

    `kinds` gives the kind of a listed domain, which holds for its subdomains too. `by_host` names platforms whose
    tenants are subdomains (`shop.weebly.example`), `by_path` those whose tenants are paths (`sites.example/view/x`).
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    by_host: frozenset[str] = frozenset()
    by_path: frozenset[str] = frozenset()
    machine_named: frozenset[str] = frozenset()  # platforms that choose their tenants' names: odd ones say nothing

    def opaque(self, host: str) -> str:
        """`popular`, `shortener`, `messenger` or `platform`; empty where the address of the host may be judged."""
        name = host
        while name:
            if name in self.by_host:
                return "platform" if name == host or host == "www." + name else ""  # a tenant has a name of its own
            if kind := self.kinds.get(name):
                return kind
            name = name.partition(".")[2]
        return ""

    def tenant(self, host: str) -> tuple[str, str]:
        """The platform and the host of its tenant; no tenant where those are paths, nothing for any other host."""
        name, below = host, ""
        while name:
            if name in self.by_host:
                return name, "" if below in ("", "www." + name) else below
            if name in self.by_path:
                return name, ""
            name, below = name.partition(".")[2], name
        return "", ""
