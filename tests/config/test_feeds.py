"""The shipped feeds and the pack of shared hosts."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from config.feeds import FeedSettings, default_feeds
from config.platforms import load_platforms

FEEDS = {name: FeedSettings.model_validate(table) for name, table in default_feeds().items()}


@pytest.mark.parametrize("name", FEEDS)
def test_a_shipped_feed_says_what_an_operator_must_know(name: str) -> None:
    feed = FEEDS[name]
    assert feed.licence
    assert feed.terms
    assert feed.url.startswith("https://")
    assert feed.stale_after_seconds > feed.interval_seconds
    assert "{key}" not in feed.url or not feed.enabled


def test_feeds_for_non_commercial_use_are_off() -> None:
    restricted = [feed for feed in FEEDS.values() if "NC" in feed.licence or "non-commercial" in feed.licence]
    assert restricted
    assert not any(feed.enabled for feed in restricted)


def test_the_regulators_are_first_class() -> None:
    assert FEEDS["bank_negara"].enabled
    assert FEEDS["securities_commission"].enabled


@pytest.mark.parametrize(
    ("table", "what"),
    [
        ({"url": "gopher://a.example"}, "must begin with"),
        ({"url": "https://a.example", "interval_seconds": 60}, "at least 300"),
        ({"url": "https://a.example", "format": "xlsx"}, "format"),
        ({"url": "https://a.example", "shrink": 1}, "shrink"),
        ({"url": "https://a.example", "threat": "Bad Words"}, "threat"),
    ],
)
def test_mistakes_in_a_feed_are_told(table: dict[str, object], what: str) -> None:
    with pytest.raises(ValidationError, match=what):
        FeedSettings.model_validate(table)


@pytest.mark.parametrize(
    ("host", "opaque", "tenant"),
    [
        ("www.google.com", "popular", ("", "")),
        ("bit.ly", "shortener", ("", "")),
        ("t.me", "messenger", ("", "")),
        ("docs.google.com", "platform", ("docs.google.com", "")),
        ("weebly.com", "platform", ("weebly.com", "")),
        ("www.weebly.com", "platform", ("weebly.com", "")),
        ("shop.weebly.com", "", ("weebly.com", "shop.weebly.com")),
        ("a.shop.weebly.com", "", ("weebly.com", "shop.weebly.com")),
        ("notweebly.com", "", ("", "")),
        ("scam.example", "", ("", "")),
        ("", "", ("", "")),
    ],
)
def test_shared_hosts(host: str, opaque: str, tenant: tuple[str, str]) -> None:
    platforms = load_platforms()
    assert platforms.opaque(host) == opaque
    assert platforms.tenant(host) == tenant
