"""Pages on platforms where anybody gets a host name for nothing, with a name that was not chosen to be remembered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import LISTED
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = LISTED


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding for a tenant with digits or several hyphens in its name; the platform itself is no evidence."""
    platform, tenant = rules.platforms.tenant(host.name)
    if not tenant or platform in rules.platforms.machine_named:
        return None
    label = tenant.removesuffix("." + platform)
    digits = sum(letter.isdigit() for letter in label)
    if digits < 3 and label.count("-") < 2:
        return None
    evidence = {"platform": platform, "tenant": label}
    return Finding("platform_tenant", "url", 1.0, f"A free page on {platform} with a throw-away name.", evidence)
