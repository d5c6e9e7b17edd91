"""Hosts named after a login, a payment, an aid payment or a delivery, as pages are that ask for such data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stream.cues import NAMED
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = NAMED
_WEIGHTS: Final = {"credential": 0.8, "aid": 1.3, "service": 0.5}
_HIGHEST: Final = 2.5
_PURPOSES: Final = {"credential": "logins or payments", "aid": "aid and gifts", "service": "deliveries and fines"}


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding that grows with the number of such words."""
    if host.is_ip or not host.registrable:
        return None
    name = host.before
    found: dict[str, str] = {}
    for last, (kind, word) in rules.brands.words.iter(name):
        start, end = last + 1 - len(word), last + 1
        if (start == 0 or not name[start - 1].isalpha()) and (
            len(word) > 4 or end == len(name) or not name[end].isalpha()
        ):
            found[word] = kind
    if not found:
        return None
    weight = min(_HIGHEST, sum(_WEIGHTS[kind] for kind in found.values()))
    heaviest = max(found.values(), key=lambda kind: _WEIGHTS[kind])
    return Finding(
        "credential_words", "url", weight, f"The host is named after {_PURPOSES[heaviest]}.", {"words": sorted(found)}
    )
