"""The sample feed is well formed, names no live scam host, and its list meets the scams that it should."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any, Final

DEMO: Final = Path(__file__).parents[2] / "config" / "demo"
NEEDED: Final = {"id", "time", "user", "channel", "surface", "lang", "text", "permalink"}
HOST: Final = re.compile(r"https?://([^\s/，。；：、）)?#\"]+)")
RESERVED: Final = {"example", "test", "invalid"}
OFFICIAL: Final = {"www.mytnb.com.my", "mytax.hasil.gov.my"}


def lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DEMO / name).read_text(encoding="utf-8").splitlines()]


def entries() -> list[tuple[str, str]]:
    rows = (DEMO / "lists.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [(feed, re.sub("^https?://", "", entry)) for feed, _, entry in (row.split("\t") for row in rows)]


def links_of(event: dict[str, Any]) -> str:
    return " ".join([event["text"].replace("[.]", "."), *(link["url"] for link in event.get("links", []))])


def test_events_are_complete_distinct_and_in_order() -> None:
    feed = lines("feed.jsonl")
    assert len(feed) >= 1500
    assert [event["id"] for event in feed if not event.keys() >= NEEDED] == []
    for field in ("id", "text", "permalink"):
        assert len({event[field] for event in feed}) == len(feed)
    assert [event["time"] for event in feed] == sorted(event["time"] for event in feed)


def test_scams_and_harmless_lookalikes_are_planted() -> None:
    planted = Counter(event.get("planted") for event in lines("feed.jsonl"))
    assert planted["scam"] >= 60
    assert planted["harmless"] >= 120
    assert set(planted) == {"scam", "harmless", None}


def test_hosts_are_reserved_or_official() -> None:
    found = {host.rstrip(".,") for event in lines("feed.jsonl") for host in HOST.findall(links_of(event))}
    assert sorted(host for host in found - OFFICIAL if host.rsplit(".", 1)[-1] not in RESERVED) == []


def test_the_list_meets_planted_scams_and_nothing_else() -> None:
    feed = lines("feed.jsonl")
    met = {(listed, event.get("planted")) for event in feed for listed in entries() if listed[1] in links_of(event)}
    assert {planted for _, planted in met} == {"scam"}
    by_feed = Counter(feed_name for (feed_name, _), _ in met)
    assert by_feed["late"] == 3
    assert by_feed.total() - by_feed["late"] >= 15


def test_odd_lines_say_what_is_odd() -> None:
    odd = lines("odd.jsonl")
    assert len(odd) >= 20
    assert all(isinstance(line["raw"], str) and line["note"] for line in odd)
