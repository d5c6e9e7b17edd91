"""Hosts under names that only governments and schools can register."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stream.model import Finding, Host
from stream.packs import stands_for

if TYPE_CHECKING:
    from stream.rules import Rules

_CLOSED: Final = re.compile(r"(?:^|\.)(?:gov|edu|mil|ac)(?:\.[a-z]{2})?$")


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding against a scam, never a veto: such sites are broken into as well."""
    if not host.registrable or not _is_closed(host.suffix):
        return None
    return Finding(
        "official_suffix", "url", -2.0, f"Only institutions can register under {host.suffix}.", {"suffix": host.suffix}
    )


@lru_cache(4096)
def _is_closed(suffix: str) -> bool:
    return _CLOSED.search(stands_for(suffix)) is not None
