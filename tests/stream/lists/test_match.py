"""Which list entries count, and which guard holds the others back."""

from __future__ import annotations

import pytest

from config.load import load
from config.rules import rules_from
from stream.canonical import canonicalize
from stream.lists.entries import Entry
from stream.lists.match import EXACT_WEIGHT, HOST_WEIGHT, OLD_DISCOUNT, UNLISTED, findings
from stream.lists.memory import lists_from
from stream.model import Host, HostFacts
from stream.rules import Rules


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_from(load(environment={}).settings)


def _entry(kind: str, key: str, feed: str = "feed", action: str = "block") -> Entry:
    return Entry(feed, kind, key, action)  # type: ignore[arg-type]  # literals of the tables below


# what the entry is, the link, brand that owns the host, and what counts: the kind found, or the guard
CASES: list[tuple[Entry, str, str, str]] = [
    (_entry("domain", "scam.test"), "a.scam.test/x", "", "domain"),
    (_entry("url", "scam.test/pay"), "scam.test/pay", "", "url"),
    (_entry("domain", "com.my"), "shop.com.my/x", "", "public_suffix"),
    (_entry("domain", "github.io"), "someone.github.io/x", "", "public_suffix"),
    (_entry("domain", "someone.github.io"), "someone.github.io/x", "", "domain"),
    (_entry("domain", "weebly.com"), "shop.weebly.com", "", "shared_platform"),
    (_entry("domain", "shop.weebly.com"), "shop.weebly.com/x", "", "domain"),
    (_entry("host", "sites.google.com"), "sites.google.com/view/x", "", "shared_platform"),
    (_entry("prefix", "sites.google.com/view/x"), "sites.google.com/view/x/home", "", "prefix"),
    (_entry("domain", "google.com"), "www.google.com/search?q=x", "", "opaque_host"),
    (_entry("url", "google.com/url"), "www.google.com/url?q=http://x.test", "", "opaque_host"),
    (_entry("url", "docs.google.com/forms/d/e/1FAIpQLSabcdef123/viewform"),
     "https://docs.google.com/forms/d/e/1FAIpQLSabcdef123/viewform?usp=sf_link", "", "url"),
    (_entry("host", "bit.ly"), "bit.ly/abc", "", "opaque_host"),
    (_entry("url", "bit.ly/abc"), "bit.ly/abc", "", "url"),
    (_entry("domain", "t.me"), "t.me/group", "", "opaque_host"),
    (_entry("url", "t.me/group"), "t.me/group?start=1", "", "url"),
    (_entry("domain", "bank.test"), "bank.test/login", "bank", "official_domain"),
    (_entry("url", "bank.test/up/x.html"), "bank.test/up/x.html", "bank", "url"),
    (_entry("host", "bit.ly", "local"), "bit.ly/abc", "", "host"),
    (_entry("host", "203.0.113.7"), "203.0.113.7/x", "", "host"),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "url", "brand", "expected"), CASES)
def test_guards(entry: Entry, url: str, brand: str, expected: str, rules: Rules) -> None:
    link = canonicalize(url)
    assert link is not None
    platform, tenant = rules.platforms.tenant(link.host or "")
    facts = HostFacts(
        Host(link.host or "", link.host_unicode), brand, platform, tenant, rules.platforms.opaque(link.host or "")
    )
    matched = findings(link, facts, rules, lists_from([entry]))
    if expected in ("url", "prefix", "host", "domain"):
        [finding] = matched.findings
        assert finding.evidence["kind"] == expected
        assert finding.weight == (EXACT_WEIGHT if expected == "url" else HOST_WEIGHT)
        assert finding.source is not None
        assert finding.source.entry == entry.key
    else:
        assert not matched.findings
        assert [guard.guard for guard in matched.guards] == [expected]


ALLOW, BLOCK = "allow", "block"
# entries, and what is found of scam.test/pay: nothing but the veto, or the entry that counts
PRECEDENCE: list[tuple[list[Entry], str]] = [
    ([_entry("domain", "scam.test"), _entry("url", "scam.test/pay")], "scam.test/pay"),
    ([_entry("url", "scam.test/pay"), _entry("domain", "scam.test", "local", ALLOW)], ALLOW),
    ([_entry("domain", "scam.test"), _entry("domain", "scam.test", "local", ALLOW)], ALLOW),
    ([_entry("domain", "scam.test"), _entry("url", "scam.test/pay", "local", ALLOW)], ALLOW),
    ([_entry("url", "scam.test/pay", "local"), _entry("domain", "scam.test", "local", ALLOW)], "scam.test/pay"),
    ([_entry("domain", "scam.test", "local"), _entry("domain", "scam.test", "local", ALLOW)], ALLOW),
    ([_entry("domain", "scam.test"), _entry("url", "scam.test/other", "local", ALLOW)], "scam.test"),
]


@pytest.mark.parametrize(("entries", "expected"), PRECEDENCE)
def test_allow_beats_block_and_longer_beats_shorter(entries: list[Entry], expected: str, rules: Rules) -> None:
    link = canonicalize("scam.test/pay")
    assert link is not None
    matched = findings(link, HostFacts(Host("scam.test", "scam.test")), rules, lists_from(entries))
    if expected == ALLOW:
        assert not matched.findings
        assert [guard.guard for guard in matched.guards] == ["allow_entry"]
    else:
        assert [finding.source.entry for finding in matched.findings if finding.source] == [expected]


def test_a_stale_list_counts_less_and_an_unlisted_link_costs_nothing(rules: Rules) -> None:
    link, facts = canonicalize("scam.test/pay"), HostFacts(Host("scam.test", "scam.test"))
    assert link is not None
    entries = [_entry("domain", "scam.test")]
    [fresh] = findings(link, facts, rules, lists_from(entries)).findings
    [stale] = findings(link, facts, rules, lists_from(entries, stale=("feed",))).findings
    assert stale.weight < fresh.weight
    assert findings(link, facts, rules, lists_from([])) is UNLISTED


@pytest.mark.parametrize(
    ("kind", "feed", "listed_at", "discount"),
    [
        ("domain", "feed", "2024-12-30", OLD_DISCOUNT),
        ("host", "feed", "2021-11-19T00:00:00Z", OLD_DISCOUNT),
        ("domain", "feed", "2025-01-02", 0.0),
        ("domain", "feed", "", 0.0),
        ("domain", "local", "2021-01-01", 0.0),
        ("url", "feed", "2021-01-01", 0.0),
    ],
)
def test_an_entry_for_a_host_counts_less_after_a_year(
    kind: str, feed: str, listed_at: str, discount: float, rules: Rules
) -> None:
    key = "scam.test/pay" if kind == "url" else "scam.test"
    entry = Entry(feed, kind, key, listed_at=listed_at)  # type: ignore[arg-type]  # literals of the table above
    link, lists = canonicalize("scam.test/pay"), lists_from([entry], built_at="2025-12-31T00:00:00Z")
    assert link is not None
    [finding] = findings(link, HostFacts(Host("scam.test", "scam.test")), rules, lists).findings
    assert finding.weight == (EXACT_WEIGHT if kind == "url" else HOST_WEIGHT) - discount
