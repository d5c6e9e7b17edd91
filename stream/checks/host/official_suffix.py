"""Hosts under names that only governments and schools can register."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SUFFIX
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SUFFIX


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding against a scam, never a veto: such sites are broken into as well."""
    if not host.registrable or not rules.brands.is_closed(host.suffix):
        return None
    return Finding(
        "official_suffix", "url", -2.0, f"Only institutions can register under {host.suffix}.", {"suffix": host.suffix}
    )
