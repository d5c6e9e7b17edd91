"""Records of which all is known: no link, one link that was judged before, or a text that was.

That is four of five records of a feed that is new, and more of one that is known. They end as the line would end them,
and never enter it. Of a text that is flagged the links are known and judged, and the end of the line tells of them.
A link that says it all by itself is known wherever it is seen; a text is known in its language and on its surface.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

from stream.checks.load import Checks
from stream.cues import ALWAYS
from stream.link_facts import CACHED_LINKS, LONGEST, LinkFacts
from stream.mapping import LATEST, PRIVATE, Fields, SourceSpec, known_surface
from stream.model import FoundLink, Message, Surface
from stream.native import Shortcut
from stream.outcome import Judged, Outcome
from stream.reading import Reading
from stream.sightings import SURFACE_BITS, Domains, Sighted, sighted

if TYPE_CHECKING:
    from saring_native import Look

    from stream.rules import Rules

SightedOf: TypeAlias = Callable[[Judged], Sighted]

TEXTS_KEPT: Final = 20_000  # at up to 2 kB a link with what was found on it; of the text itself a fingerprint
TOLD_KEPT: Final = 4_000  # of those that there is something to tell of, at up to 4 kB a link

_DECIDING: Final = (PRIVATE, "sms")  # where a message comes from decides whether it is judged, or adds to what it says
_MOST_LINKS: Final = 2  # of a text that is remembered
_LONGEST_LINKS: Final = 400  # characters of these


def lanes(look: Look | None, rules: Rules, checks: Checks, domains: Domains) -> Mapping[str, Lane]:
    """By topic a lane for those records that can take a shortcut; it holds for one snapshot of lists."""
    sighted_of = partial(sighted, domains=domains, secret=rules.privacy.user_key)
    if look is None or any(needs == ALWAYS and rules.mode(name) != "off" for name, _, needs in checks.message):
        return {}
    return {
        topic: Lane(_shortcut(look, rules, source, sighted_of), sighted_of)
        for topic, source in rules.sources.items()
        if _is_usual(source)
    }


def _is_usual(source: SourceSpec) -> bool:
    """Whether its records are default events, and decide nothing by where they come from."""
    return source.format == "json" and source.fields == Fields() and source.surface not in _DECIDING


def _shortcut(look: Look, rules: Rules, source: SourceSpec, sighted_of: SightedOf) -> Shortcut:
    return Shortcut(
        look,
        made=(Message, FoundLink, Judged, Outcome),
        sighted_of=sighted_of,
        source=(source.lang, source.tenant),
        longest_value=rules.bounds.value,
        usual=_usual(source),
        most=(CACHED_LINKS, TEXTS_KEPT, TOLD_KEPT),
    )


def _usual(source: SourceSpec) -> tuple[int, bool, list[tuple[str, Surface, int]]]:
    """The latest time that is a count, whether times may be spelled out, and surfaces with their bits by each word."""
    surfaces = {word: known_surface(word, source, []) for word in ("", *SURFACE_BITS, *source.surface_map)}
    surfaces[""] = source.surface  # whatever the map says: no word is none
    words = [(word, surface, SURFACE_BITS[surface]) for word, surface in surfaces.items() if surface not in _DECIDING]
    return 0 if source.time_unit == "rfc3339" else LATEST, source.time_unit in ("auto", "rfc3339"), words


@dataclass(frozen=True, slots=True)
class Lane:
    """The shortcut of a topic, and how it learns."""

    shortcut: Shortcut
    sighted_of: SightedOf

    def learn(self, message: Message, reading: Reading, facts: Sequence[LinkFacts], outcome: Outcome) -> None:
        """Let pass from now on what comes to the same: whatever carries the one link of this message and no more, else
        this text in its language and on its surface."""
        text, lang, surface, judged = message.text, message.lang, message.surface, outcome.judged
        if message.links or surface in _DECIDING:
            return
        if any(one.errors for one in judged) or len(judged) > _MOST_LINKS:
            return
        if sum(len(one.found.raw) for one in judged) > _LONGEST_LINKS:
            return
        clean = outcome.kind == "clean" and not outcome.shadow and not outcome.bounds_hit
        if clean and len(facts) == 1 and not reading.cues and self._learn_link(facts[0], judged[0]):
            return
        if clean and _apart(judged):
            links = [(one.found.start, one.found.end, self.sighted_of(one)) for one in judged]
            self.shortcut.learn_clean(text, lang, SURFACE_BITS[surface], judged, links)
        else:
            self.shortcut.learn_told(text, lang, SURFACE_BITS[surface], (reading, list(judged)))

    def _learn_link(self, facts: LinkFacts, one: Judged) -> bool:
        """Whether the link is learnt and was not before: it stands as it is written, and all that was found on it is
        its own. If it was known, it is the text that needed the line."""
        verdict, live, shadow = facts.weighed
        found, address = one.found, one.found.raw
        if facts.cues or one.live is not live or len(address) > LONGEST:
            return False
        if found != FoundLink(address, found.start, found.end, address):
            return False
        return self.shortcut.learn(address, (one.link, one.facts, verdict, live, shadow, one.vetoes))


def _apart(judged: Sequence[Judged]) -> bool:
    """Whether no two links share a part of the text."""
    places = sorted((one.found.start, one.found.end) for one in judged)
    return all(before[1] <= after[0] for before, after in pairwise(places))
