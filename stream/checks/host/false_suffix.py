"""Suffixes that a reader takes for a more trusted one, such as `my.id`, which is Indonesian and open to anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import SUFFIX
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = SUFFIX


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding for such a suffix, whoever is below it."""
    if not host.registrable or not rules.brands.is_false(host.suffix):
        return None
    return Finding(
        "false_suffix", "url", 0.8, f"The suffix {host.suffix} is easily taken for another.", {"suffix": host.suffix}
    )
