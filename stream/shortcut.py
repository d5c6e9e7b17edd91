"""Records of which all is known: no link, or one link that was judged before, in a text that adds nothing to it.

That is 19 of 20 records of a busy feed. They end as the line would end them, and never enter it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from stream.checks.load import Checks
from stream.cues import ALWAYS
from stream.link_facts import CACHED_LINKS, LONGEST, LinkFacts
from stream.mapping import LATEST, PRIVATE, Fields, SourceSpec
from stream.model import FoundLink, Message
from stream.native import Shortcut
from stream.outcome import CLEAN, Judged, Outcome
from stream.reading import Reading
from stream.sightings import SURFACE_BITS, Domains, sighted

if TYPE_CHECKING:
    from saring_native import Look

    from stream.rules import Rules

Shortcuts: TypeAlias = "Mapping[str, Shortcut]"  # by topic
Learn: TypeAlias = "Callable[[Shortcut, Reading, LinkFacts, Outcome], None]"


def shortcuts(look: Look | None, rules: Rules, checks: Checks) -> Shortcuts:
    """A shortcut for each topic whose records can take one; they hold for one snapshot of lists."""
    if look is None or any(needs == ALWAYS and rules.mode(name) != "off" for name, _, needs in checks.message):
        return {}
    return {
        topic: Shortcut(
            look,
            made=(Message, FoundLink, Judged, Outcome, CLEAN),
            source=(source.surface, source.lang, source.tenant),
            surface_bits=SURFACE_BITS[source.surface],
            longest_value=rules.bounds.value,
            latest=LATEST,
            most=CACHED_LINKS,
        )
        for topic, source in rules.sources.items()
        if _is_usual(source)
    }


def _is_usual(source: SourceSpec) -> bool:
    """Whether its records are default events, timed in milliseconds, and where they come from tells checks nothing."""
    usual = source.format == "json" and source.fields == Fields() and source.time_unit != "rfc3339"
    return usual and source.surface not in (PRIVATE, "sms")


def learner(domains: Domains) -> Learn:
    """A function that lets pass from now on what carries the one link of a message and no more, if there was nothing
    to tell of it."""

    def learn(shortcut: Shortcut, reading: Reading, facts: LinkFacts, outcome: Outcome) -> None:
        if facts.cues or reading.cues or reading.bounds_hit or outcome.kind != "clean" or outcome.shadow:
            return
        (one,) = outcome.judged
        verdict, live, shadow = facts.weighed
        if one.verdict is not verdict or one.live is not live or one.errors:
            return  # something about the message, such as its surface, had a say
        found, address = one.found, one.found.raw
        if len(address) <= LONGEST and found == FoundLink(address, found.start, found.end, address):
            judged = (one.link, one.facts, verdict, live, shadow, one.vetoes)
            shortcut.learn(address, judged, sighted(one, domains))

    return learn
