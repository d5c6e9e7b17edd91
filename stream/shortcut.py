"""Records of which all is known: no link, one link that was judged before, or a text that was, and nothing to tell.

That is four of five records of a feed that is new, and more of one that is known. They end as the line would end them,
and never enter it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from stream.checks.load import Checks
from stream.cues import ALWAYS
from stream.link_facts import CACHED_LINKS, LONGEST, LinkFacts
from stream.mapping import LATEST, PRIVATE, SURFACES, Fields, SourceSpec, known_surface
from stream.model import FoundLink, Message
from stream.native import Shortcut
from stream.outcome import CLEAN, Judged, Outcome
from stream.reading import LONGEST_KEPT, Reading
from stream.sightings import SURFACE_BITS, Domains, Sighted, sighted

if TYPE_CHECKING:
    from saring_native import Look

    from stream.rules import Rules

TEXTS_KEPT: Final = 20_000  # at up to 2 kB each with what was found on their links

# As many as were judged; and of a text's only link where it stands and what sightings say of it.
Said: TypeAlias = "tuple[tuple[Judged, ...], tuple[int, int, Sighted] | None]"


def lanes(look: Look | None, rules: Rules, checks: Checks, domains: Domains) -> Mapping[str, Lane]:
    """By topic a lane for those records that can take a shortcut; it holds for one snapshot of lists."""
    if look is None or any(needs == ALWAYS and rules.mode(name) != "off" for name, _, needs in checks.message):
        return {}
    return {
        topic: Lane(_shortcut(look, rules, source), source, domains)
        for topic, source in rules.sources.items()
        if _is_usual(source)
    }


def _is_usual(source: SourceSpec) -> bool:
    """Whether its records are default events, and where they come from tells checks nothing."""
    return source.format == "json" and source.fields == Fields() and source.surface not in (PRIVATE, "sms")


def _shortcut(look: Look, rules: Rules, source: SourceSpec) -> Shortcut:
    return Shortcut(
        look,
        made=(Message, FoundLink, Judged, Outcome, CLEAN),
        source=(source.surface, source.lang, source.tenant),
        surface_bits=SURFACE_BITS[source.surface],
        longest_value=rules.bounds.value,
        usual=_usual(source),
        most=(CACHED_LINKS, TEXTS_KEPT),
    )


def _usual(source: SourceSpec) -> tuple[int, bool, list[str]]:
    """The latest time that is a count, whether times may be spelled out, and the words for the source's surface."""
    words = [word for word in (*SURFACES, *source.surface_map) if known_surface(word, source, []) == source.surface]
    return 0 if source.time_unit == "rfc3339" else LATEST, source.time_unit in ("auto", "rfc3339"), words


@dataclass(frozen=True, slots=True)
class Lane:
    """The shortcut of a topic, and how it learns."""

    shortcut: Shortcut
    source: SourceSpec
    domains: Domains

    def learn(self, message: Message, reading: Reading, facts: Sequence[LinkFacts], outcome: Outcome) -> None:
        """Let pass from now on what comes to the same, if there was nothing to tell of it: whatever carries the one
        link of this message and no more, else this text."""
        if outcome.kind != "clean" or outcome.shadow or outcome.bounds_hit or message.links or message.ignored:
            return
        if message.surface != self.source.surface or any(one.errors for one in outcome.judged):
            return
        if len(facts) == 1 and not reading.cues and self._learn_link(facts[0], outcome.judged[0]):
            return
        if len(message.text) <= LONGEST_KEPT:
            self.shortcut.learn_text(message.text, message.lang, self._said(outcome.judged))

    def _learn_link(self, facts: LinkFacts, one: Judged) -> bool:
        """Whether the link is learnt: it stands as it is written, and all that was found on it is its own."""
        verdict, live, shadow = facts.weighed
        found, address = one.found, one.found.raw
        if facts.cues or one.verdict is not verdict or one.live is not live or len(address) > LONGEST:
            return False
        if found != FoundLink(address, found.start, found.end, address):
            return False
        judged = (one.link, one.facts, verdict, live, shadow, one.vetoes)
        self.shortcut.learn(address, judged, sighted(one, self.domains))
        return True

    def _said(self, judged: tuple[Judged, ...]) -> Said | None:
        if not judged:
            return None
        told = sighted(judged[0], self.domains) if len(judged) == 1 else None
        found = judged[0].found
        return judged, told and (found.start, found.end, told)
