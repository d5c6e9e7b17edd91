"""From a link to everything that it says by itself, whoever sends it: computed once per link, cached, free of message.

Three of five links of a day were seen before, and most texts beside them say nothing: then the verdict is known, too.
Other lists change what lists say of a link, and nothing else that is known of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

from stream import cues as cue
from stream.checks.load import Checks
from stream.lists import match
from stream.model import Finding, Guard, HostFacts, Link, Lists
from stream.score import score
from stream.weighing import Weighed, weighing

if TYPE_CHECKING:
    from stream.rules import Rules

CACHED_LINKS: Final = 50_000  # 61 % of the links of a day of chat, at 0.4 kB each
LONGEST: Final = 200  # characters of an address that is remembered: long ones are seldom seen twice, and fill memory

KnowHost: TypeAlias = Callable[[Link], HostFacts]
KnowLinks: TypeAlias = "Callable[[Sequence[Link]], list[LinkFacts]]"


class LinkFacts(Struct, frozen=True, gc=False):
    """What is known of a link under these rules and lists.

    What lists say stands last among the findings; `vetoes` are the guards that they raise. `errors` names checks that
    failed; `weighed` is what the findings come to where the message adds none; `asked` marks the lists; `cues` are
    those that the link gives to checks of the message.
    """

    link: Link
    host: HostFacts
    findings: tuple[Finding, ...]
    vetoes: tuple[Guard, ...]
    errors: tuple[str, ...]
    weighed: Weighed
    asked: object
    cues: int


Kept: TypeAlias = dict[str, LinkFacts]  # by address
WithLists: TypeAlias = "Callable[[Link, HostFacts, tuple[Finding, ...], tuple[str, ...]], LinkFacts]"


def facts_cache(rules: Rules, checks: Checks, lists: Lists, know_host: KnowHost, kept: Kept | None = None) -> KnowLinks:
    """A function from links to their facts, in order, over a bounded cache; holds for one snapshot of lists.

    What was `kept` under the same rules and other lists is taken over when its link comes again, with what these say.
    """
    cached: Kept = {} if kept is None else kept
    asked, with_lists = _with_lists(rules, lists)
    learn = _learner(rules, checks, know_host, with_lists)

    def remember(learnt: Sequence[LinkFacts]) -> None:
        if len(cached) + len(learnt) > CACHED_LINKS:
            cached.clear()
        cached.update((facts.link.url, facts) for facts in learnt if len(facts.link.url) <= LONGEST)

    def facts_of(links: Sequence[Link]) -> list[LinkFacts]:
        known = [cached.get(link.url) for link in links]
        places: list[int] = []
        for at, facts in enumerate(known):
            if facts is None or (facts.link is not (link := links[at]) and facts.link != link):
                places.append(at)  # links with another port or user under the same name are others
            elif facts.asked is not asked:
                again = with_lists(facts.link, facts.host, _unlisted(facts.findings), facts.errors)
                known[at] = cached[facts.link.url] = again
        if places:
            learnt = learn([links[at] for at in places])
            remember(learnt)
            for at, facts in zip(places, learnt, strict=True):
                known[at] = facts
        return [facts for facts in known if facts is not None]

    return facts_of


def _unlisted(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return findings[:-1] if findings and findings[-1].check == match.CHECK else findings


def _with_lists(rules: Rules, lists: Lists) -> tuple[object, WithLists]:
    """A mark for these lists, and a function that adds what they say to what a link says by itself."""
    asked, weighed = object(), weighing(rules)

    def facts(link: Link, host: HostFacts, own: tuple[Finding, ...], errors: tuple[str, ...]) -> LinkFacts:
        listed = match.findings(link, host, rules, lists)
        findings = (*own, *listed.findings) if listed.findings else own
        outcome = weighed(findings, host, listed.guards)
        return LinkFacts(link, host, findings, listed.guards, errors, outcome, asked, _cues(link, host))

    return asked, facts


def _learner(rules: Rules, checks: Checks, know_host: KnowHost, with_lists: WithLists) -> KnowLinks:
    """The function without its memory; the score is the one part that is dear unless many links are asked about."""
    asked = cue.asked((each for each in checks.link if rules.mode(each[0]) != "off"), cue.OF_LINKS)

    def learnt(link: Link, host: HostFacts, scored: Finding | None) -> LinkFacts:
        findings, errors = host.findings, host.errors
        for name, check in asked[_shown(link, host)]:
            try:
                finding = check(link, host, rules)
            except Exception:  # noqa: BLE001  # a broken check is contained: the others still run
                errors = (*errors, name)
                continue
            if finding is not None:
                findings = (*findings, finding)
        return with_lists(link, host, findings if scored is None else (*findings, scored), errors)

    def learn(links: Sequence[Link]) -> list[LinkFacts]:
        hosts = [know_host(link) for link in links]
        return list(map(learnt, links, hosts, score(links, hosts, rules.model)))

    return learn


def _shown(link: Link, host: HostFacts) -> int:
    """The cues for checks of the link by itself."""
    seen = cue.PATH if len(link.path) >= cue.SHORTEST_PATH else 0
    if link.has_query:
        seen |= cue.QUERY
    if host.opaque:
        seen |= cue.SHARED
    if link.port is not None:
        seen |= cue.PORT
    return seen | cue.USER if link.userinfo else seen


def _cues(link: Link, host: HostFacts) -> int:
    """The cues that it gives to checks of the link in its message."""
    if link.host == cue.TEST_HOST:
        return cue.TEST
    for finding in host.findings:
        if finding.family == "brand":
            return cue.BRAND
    return 0
