"""Hosts under suffixes that are much more common among scam hosts than among others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SUFFIX
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SUFFIX


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding by how common scams are there; the URL model does not read suffixes."""
    risk = rules.brands.risk(host.suffix) if host.registrable else 0.0
    if risk <= 0:
        return None
    reason = "The suffix is common among scam hosts."
    return Finding("risky_suffix", "url", round(risk * 2, 1), reason, {"suffix": host.suffix})
