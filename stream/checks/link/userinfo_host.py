"""Addresses that put a name before an @, so that a reader takes it for the host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import USER
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = USER


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding, a heavier one if what stands before the @ looks like a host."""
    if not link.userinfo or link.kind != "web":
        return None
    name = link.userinfo.partition(":")[0]
    poses = "." in name
    reason = (
        "A host name stands before an @, where browsers ignore it." if poses else "The address carries a user name."
    )
    return Finding("userinfo_host", "url", 3.0 if poses else 1.0, reason, {"before": name[:80]})
