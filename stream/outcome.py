"""How records end: the values that leave the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from stream.alert import Alert
from stream.model import Finding, FoundLink, Guard, HostFacts, Link, Message, OutcomeKind, Verdict


class Judged(Struct, frozen=True, gc=False):
    """One link with all that was found on it; `verdict` is None when nothing was found.

    `live` findings count in the verdict, heaviest first; `shadow` ones do not. `vetoes` are the guards that lists
    raised, `errors` names checks that failed on it.
    """

    found: FoundLink
    link: Link
    facts: HostFacts
    verdict: Verdict | None = None
    live: Sequence[Finding] = ()
    shadow: Sequence[Finding] = ()
    vetoes: tuple[Guard, ...] = ()
    errors: tuple[str, ...] = ()
    test: bool = False


class Shadowed(Struct, frozen=True, gc=False):
    """The alert that a shadow check would have raised."""

    check: str
    alert: Alert


class Outcome(Struct, frozen=True, gc=False):
    """The end of one record: exactly one of the four kinds, with what is to be published and counted for it.

    `reason` and `field` are set for skipped and dead ones; `ignored` names optional fields that were unusable,
    `bounds_hit` the limits that cut the work short. `message` is there where links were judged, for the sightings.
    """

    kind: OutcomeKind
    reason: str = ""
    field: str = ""
    judged: tuple[Judged, ...] = ()
    alerts: tuple[Alert, ...] = ()
    shadow: tuple[Shadowed, ...] = ()
    bounds_hit: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    message: Message | None = None


CLEAN: Final = Outcome("clean")
