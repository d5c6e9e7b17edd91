"""What a list wants to block against what our own users share."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.cli.check import Line
from agents.feeds.traffic import HALF_MS, Traffic, save, seen_in
from config.load import load
from config.rules import rules_from
from stream.lists.admission import Known, Limits, objection
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.model import Lists
from stream.pipeline import line
from stream.platforms import Platforms
from stream.rules import Rules
from stream.sighting import Block, unpack
from stream.sightings import packer

HOUR_MS = 3_600_000


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_from(load(environment={"SARING_LINKS__EXTRA_SUFFIXES": '["test"]'}).settings)


def _blocks(rules: Rules, texts: list[str], at: int = HOUR_MS, lists: Lists | None = None) -> list[Block]:
    """The sightings of messages, each by a user of its own."""
    topic = next(iter(rules.sources))
    records = [
        Line(b'{"text":"%s","user":"u%d"}' % (text.encode(), n), n, topic, 0, at) for n, text in enumerate(texts)
    ]
    outcomes = line(rules)(lists or lists_from([]))(records)
    blocks = [unpack(written.value) for written in packer(rules)(records, outcomes, 1)]
    return [block for block in blocks if block]


def _objection(traffic: Traffic, folder: Path, entry: Entry) -> str:
    path = folder / "traffic"
    save(traffic.summary(), path)
    known = Known(Platforms(), lambda host: "", lambda host: False, seen_in(path))
    return objection(entry, known, Limits())


MANY = [f"jom ke https://kedai.test/menu/{n % 3}" for n in range(250)]
FEW = [f"tengok https://blog.test/{n}" for n in range(15)]
REST = [f"esok https://x{n}.test/" for n in range(600)]

# what is listed, and whether our own traffic speaks against it
ENTRIES: list[tuple[Entry, bool]] = [
    (Entry("feed", "domain", "kedai.test"), True),
    (Entry("feed", "host", "kedai.test"), True),
    (Entry("feed", "prefix", "kedai.test/menu"), True),
    (Entry("feed", "url", "kedai.test/menu/1"), True),
    (Entry("feed", "url", "kedai.test/pay"), False),
    (Entry("feed", "domain", "pay.kedai.test"), False),
    (Entry("feed", "domain", "blog.test"), False),
    (Entry("feed", "domain", "x7.test"), False),
    (Entry("feed", "domain", "unseen.test"), False),
]


@pytest.mark.parametrize(("entry", "spoken"), ENTRIES)
def test_what_many_of_our_own_users_share_is_cut_out(entry: Entry, spoken: bool, rules: Rules, tmp_path: Path) -> None:
    traffic = Traffic()
    for block in _blocks(rules, MANY + FEW + REST):
        traffic.add(block)
    assert ("of our own recent links" in _objection(traffic, tmp_path, entry)) == spoken


def test_links_that_were_flagged_do_not_speak_for_themselves(rules: Rules, tmp_path: Path) -> None:
    traffic = Traffic()
    for block in _blocks(rules, MANY, lists=lists_from([Entry("other", "domain", "kedai.test")])):
        traffic.add(block)
    assert not _objection(traffic, tmp_path, Entry("feed", "domain", "kedai.test"))


def test_what_is_a_day_old_is_forgotten(rules: Rules, tmp_path: Path) -> None:
    traffic, entry = Traffic(), Entry("feed", "domain", "kedai.test")
    for block in _blocks(rules, MANY):
        traffic.add(block)
    for half, spoken in ((1, True), (2, False)):
        for block in _blocks(rules, FEW, HOUR_MS + half * HALF_MS):
            traffic.add(block)
        assert bool(_objection(traffic, tmp_path, entry)) == spoken


def test_without_sightings_nothing_is_objected_to(tmp_path: Path) -> None:
    assert seen_in(None)(Entry("feed", "domain", "kedai.test")) is None
    assert seen_in(tmp_path / "none")(Entry("feed", "domain", "kedai.test")) is None
