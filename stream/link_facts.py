"""From a link to everything that it says by itself, whoever sends it: computed once per link, cached, free of message.

Three of five links of a day were seen before, and most texts beside them say nothing: then the verdict is known, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct

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

    `vetoes` are the guards that lists raise, `errors` names checks that failed; `weighed` is what the findings come to
    where the message adds none.
    """

    link: Link
    host: HostFacts
    findings: tuple[Finding, ...]
    vetoes: tuple[Guard, ...]
    errors: tuple[str, ...]
    weighed: Weighed


def facts_cache(rules: Rules, checks: Checks, lists: Lists, know_host: KnowHost) -> KnowLinks:
    """A function from links to their facts, in order, over a bounded cache; holds for one snapshot of lists."""
    learn = _learner(rules, checks, lists, know_host)
    cached: dict[str, LinkFacts] = {}

    def recalled(link: Link) -> LinkFacts | None:
        facts = cached.get(link.url)
        # Links with another port or user under the same name are others.
        return facts if facts is None or facts.link is link or facts.link == link else None

    def facts_of(links: Sequence[Link]) -> list[LinkFacts]:
        known = [recalled(link) for link in links]
        new = [link for link, facts in zip(links, known, strict=True) if facts is None]
        learnt = learn(new) if new else []
        if len(cached) + len(new) > CACHED_LINKS:
            cached.clear()
        cached.update((facts.link.url, facts) for facts in learnt if len(facts.link.url) <= LONGEST)
        rest = iter(learnt)
        return [next(rest) if facts is None else facts for facts in known]

    return facts_of


def _learner(rules: Rules, checks: Checks, lists: Lists, know_host: KnowHost) -> KnowLinks:
    """The function without its memory; the score is the one part that is dear unless many links are asked about."""
    link_checks = tuple((name, check) for name, check in checks.link if rules.mode(name) != "off")
    weighed = weighing(rules)

    def learnt(link: Link, host: HostFacts, scored: Finding | None) -> LinkFacts:
        findings, errors = list(host.findings), host.errors
        for name, check in link_checks:
            try:
                finding = check(link, host, rules)
            except Exception:  # noqa: BLE001  # a broken check is contained: the others still run
                errors = (*errors, name)
                continue
            if finding is not None:
                findings.append(finding)
        if scored is not None:
            findings.append(scored)
        listed = match.findings(link, host, rules, lists)
        findings += listed.findings
        return LinkFacts(link, host, tuple(findings), listed.guards, errors, weighed(findings, host, listed.guards))

    def learn(links: Sequence[Link]) -> list[LinkFacts]:
        hosts = [know_host(link) for link in links]
        return list(map(learnt, links, hosts, score(links, hosts, rules.model)))

    return learn
