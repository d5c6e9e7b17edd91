"""What is remembered of links: the same answer as the first time, and never one link's facts for another."""

from __future__ import annotations

from config.load import load
from config.rules import rules_from
from stream import link_facts
from stream.canonical import canonicalizer
from stream.checks.load import Checks
from stream.checks.load import load as load_checks
from stream.cues import ALWAYS
from stream.hosts import facts_cache as host_facts_cache
from stream.lists import match
from stream.lists.entries import Entry
from stream.lists.memory import NO_LISTS, lists_from
from stream.model import HostFacts, Link
from stream.rules import Rules

RULES = rules_from(load(environment={}).settings)


def counting() -> tuple[Checks, list[str]]:
    """The checks, one of which writes down the links that it was asked about."""
    asked: list[str] = []

    def check(link: Link, facts: HostFacts, rules: Rules) -> None:
        asked.append(link.url)

    loaded = load_checks()
    return Checks(loaded.host, (*loaded.link, ("counted", check, ALWAYS)), loaded.message), asked


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


def test_other_lists_change_what_lists_say_and_nothing_is_looked_at_again() -> None:
    checks, asked = counting()
    know_host, kept = host_facts_cache(RULES, checks), dict[str, link_facts.LinkFacts]()
    urls = (
        "http://a.example/x",
        "http://bank.example@b.example/y",
        "http://allowed.example/",
    )
    block = [Entry("feed", "domain", "a.example"), Entry("feed", "host", "b.example")]
    allow = [Entry(match.LOCAL, "host", "b.example", "allow"), Entry(match.LOCAL, "host", "allowed.example", "allow")]
    sets = [NO_LISTS, lists_from(block), lists_from([*block, *allow], "other"), NO_LISTS, lists_from(block)]
    for lists in sets:
        found = link_facts.facts_cache(RULES, checks, lists, know_host, kept)(links(*urls))
        fresh = link_facts.facts_cache(RULES, load_checks(), lists, know_host)(links(*urls))
        assert [(each.findings, each.vetoes, each.weighed) for each in found] == [
            (each.findings, each.vetoes, each.weighed) for each in fresh
        ]
    assert len(asked) == len(urls)


def test_the_lists_before_are_asked_by_who_still_holds_them() -> None:
    checks = load_checks()
    know_host, kept = host_facts_cache(RULES, checks), dict[str, link_facts.LinkFacts]()
    listed = lists_from([Entry("feed", "domain", "a.example")])
    before = link_facts.facts_cache(RULES, checks, NO_LISTS, know_host, kept)
    after = link_facts.facts_cache(RULES, checks, listed, know_host, kept)
    link = links("http://a.example/x")
    found = [any(one.check == match.CHECK for one in know(link)[0].findings) for know in (before, after, before, after)]
    assert found == [False, True, False, True]
