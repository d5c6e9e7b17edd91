"""What is remembered of links: the same answer as the first time, and never one link's facts for another."""

from __future__ import annotations

from config.load import load
from config.rules import rules_from
from stream import link_facts
from stream.canonical import canonicalizer
from stream.checks.load import Checks
from stream.checks.load import load as load_checks
from stream.hosts import facts_cache as host_facts_cache
from stream.lists.memory import NO_LISTS
from stream.model import HostFacts, Link
from stream.rules import Rules

RULES = rules_from(load(environment={}).settings)


def counting() -> tuple[Checks, list[str]]:
    """The checks, one of which writes down the links that it was asked about."""
    asked: list[str] = []

    def check(link: Link, facts: HostFacts, rules: Rules) -> None:
        asked.append(link.url)

    loaded = load_checks()
    return Checks(loaded.host, (*loaded.link, ("counted", check)), loaded.message), asked


def links(*urls: str) -> list[Link]:
    named = [canonicalizer(RULES.suffixes)(url) for url in urls]
    return [link for link in named if link is not None]


def test_a_link_is_looked_at_once() -> None:
    checks, asked = counting()
    know = link_facts.facts_cache(RULES, checks, NO_LISTS, host_facts_cache(RULES, checks))
    first = know(links("http://a.example/x", "http://b.example/y"))
    again = know(links("http://b.example/y", "http://c.example/z", "http://a.example/x"))
    assert [again[2], again[0]] == first
    assert asked == ["http://a.example/x", "http://b.example/y", "http://c.example/z"]


def test_links_with_one_name_but_another_port_or_user_are_told_apart() -> None:
    checks = load_checks()
    know = link_facts.facts_cache(RULES, checks, NO_LISTS, host_facts_cache(RULES, checks))
    urls = ("http://a.example/x", "http://a.example:8081/x", "http://bank.example@a.example/x")
    found = [{finding.check for finding in know(links(url))[0].findings} for url in (*urls, *urls)]
    assert found[:3] == found[3:]
    assert "odd_port" in found[1] - found[0]
    assert "userinfo_host" in found[2] - found[0]


def test_long_links_are_not_kept() -> None:
    checks, asked = counting()
    know = link_facts.facts_cache(RULES, checks, NO_LISTS, host_facts_cache(RULES, checks))
    long = links("http://a.example/" + "x" * link_facts.LONGEST)
    assert know(long) == know(long)
    assert len(asked) == 2
