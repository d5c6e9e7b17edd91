"""Sightings: what is kept, what is not readable any more, and that verdicts can be made again from it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from agents.kafka.spans import Kept
from config.load import load
from config.rules import rules_from
from stream import alert
from stream.encode import Written
from stream.lists.memory import NO_LISTS
from stream.pipeline import Scanner, scanner
from stream.rules import Rules
from stream.sighting import Block, Sighting, domain_hash, domain_of, hidden, unpack
from stream.sightings import Pack, packer
from stream.told import HOUR_MS, SINGLY, Told
from stream.verdict import judge

KEY = "0123456789abcdef"
LURE = "Tahniah! Anda terpilih menerima hadiah RM500. Sahkan akaun dalam 24 jam di "


@pytest.fixture(scope="module")
def rules() -> Rules:
    environment = {"SARING_PRIVACY__USER_KEY": KEY, "SARING_PRIVACY__USER_KEY_NAME": "k1"}
    return rules_from(load(environment=environment).settings)


@pytest.fixture(scope="module")
def scan(rules: Rules) -> Scanner:
    return scanner(rules, NO_LISTS)


@pytest.fixture
def pack(rules: Rules) -> Pack:
    return packer(rules)


def records(*texts: str, first: int = 100, **fields: str) -> list[Kept]:
    values = [json.dumps({"text": text, "id": f"m{n}", "user": f"u{n}", **fields}) for n, text in enumerate(texts)]
    return [
        Kept("messages", 3, first + n, 1_800_000_000_000 + n, None, value.encode()) for n, value in enumerate(values)
    ]


def seen(written: Sequence[Written]) -> list[tuple[Block, Sighting]]:
    blocks = [block for each in written if (block := unpack(each.value))]
    return [(block, row) for block in blocks for row in block.rows()]


def test_a_sighting_knows_its_case_and_place(scan: Scanner, pack: Pack) -> None:
    batch = records("tengok http://a.kedai.test/x", "dan http://b.kedai.test/y?nama=zulkifli", "tiada pautan")
    found = seen(pack(batch, scan(batch), 7))
    assert sorted(row.key.partition("?")[0] for _, row in found) == ["a.kedai.test/x", "b.kedai.test/y"]
    for block, row in found:
        place = 0 if row.key.startswith("a.") else 1
        link = "a.kedai.test/x" if place == 0 else "b.kedai.test/y?nama=zulkifli"
        assert (block.sequence, block.topic, block.partition, block.offset + row.at) == (7, "messages", 3, 100 + place)
        assert block.case_of(row) == alert.case_id("messages", f"id:m{place}", link)
        assert block.time + row.after == 1_800_000_000_000 + place
    assert len({block.domains for block, _ in found}) == 1, "hosts of one domain are found by the same hash"


def test_a_message_without_an_id_has_its_place_as_identity(scan: Scanner, pack: Pack) -> None:
    batch = [Kept("messages", 3, 5, 1_800_000_000_000, None, b'{"text":"http://kedai.test/x"}')]
    [(block, row)] = seen(pack(batch, scan(batch), 0))
    assert block.case_of(row) == alert.case_id("messages", "at:messages/3/5@1800000000000", "kedai.test/x")


def test_nothing_readable_of_queries_users_and_texts(scan: Scanner, pack: Pack) -> None:
    batch = records(LURE + "http://kedai.test/x?email=zulkifli@surat.example", user="aminah-77", channel="bilik-9")
    [written] = pack(batch, scan(batch), 0)
    [(block, row)] = seen([written])
    told = repr((block, row, written.key))
    for secret in ("zulkifli", "surat", "aminah", "bilik", "Tahniah", "email"):
        assert secret not in told
    assert len(row.user) == 16


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("http://kedai.test/", True),
        ("https://www.maybank2u.com.my/login", False),  # a brand's own
        ("https://en.wikipedia.org/wiki/Url", False),  # a site that very many people use
        ("https://bit.ly/abc", True),  # a listed short link is worth looking back for
        ("http://saring-test.invalid/x", False),
    ],
)
def test_what_nobody_could_list_is_not_kept(text: str, kept: bool, scan: Scanner, pack: Pack) -> None:
    batch = records(text)
    assert bool(pack(batch, scan(batch), 0)) == kept


def test_the_verdict_can_be_made_again(rules: Rules, scan: Scanner, pack: Pack) -> None:
    batch = records(
        LURE + "http://maybank2u-sahkan.test/login", "http://kwsp-tuntut.test/", LURE + "http://kedai.test/a"
    )
    outcomes = scan(batch)
    totals = {judged.link.key: judged.verdict.total for o in outcomes for judged in o.judged if judged.verdict}
    tiers = {judged.link.key: judged.verdict.tier for o in outcomes for judged in o.judged if judged.verdict}
    assert "automatic" in tiers.values()
    for block, row in seen(pack(batch, outcomes, 0)):
        facts = next(j.facts for o in outcomes for j in o.judged if j.link.key == row.key)
        again = judge(tuple(block.findings(row)), facts, rules, ())
        assert again.total == pytest.approx(totals[row.key], abs=0.05)
        assert (again.tier, row.tier) == (tiers[row.key], tiers[row.key])


def test_told_once_then_counted(scan: Scanner, pack: Pack) -> None:
    batch = records(*["http://kedai.test/x"] * 300)
    rows = [row for _, row in seen(pack(batch, scan(batch), 0))]
    assert SINGLY <= len(rows) <= SINGLY + 4, "different users are told singly, and then at powers of two"
    assert 256 <= sum(row.count for row in rows) <= 300
    same = records(*["http://kedai.test/z"] * 300, first=1000, user="u1")
    rows = [row for _, row in seen(pack(same, scan(same), 0))]
    assert len(rows) == 9, "one user: 1, 2, 4 … 256"
    assert sum(row.count for row in rows) == 256


def test_what_was_not_delivered_is_told_again(scan: Scanner, pack: Pack) -> None:
    batch = records("http://kedai.test/x", "http://lain.test/y")
    outcomes = scan(batch)
    first = pack(batch, outcomes, 0)
    assert pack(batch, outcomes, 0) == first


TOLD = [
    # (hours, keys and speakers) → which are told of
    ([0, 0], [("k", "a"), ("k", "b")], [1, 1]),
    ([0, 0, 0], [("k", "a"), ("k", "a"), ("k", "a")], [1, 1, 0]),
    ([0, 1], [("k", "a"), ("k", "a")], [1, 1]),
    ([1, 0], [("k", "a"), ("k", "a")], [1, 1]),
    ([0, 0, 0, 0], [("k", "a"), ("k", "a"), ("k", "a"), ("k", "a")], [1, 1, 0, 2]),
]


@pytest.mark.parametrize(("hours", "seen_ones", "expected"), TOLD)
def test_told(hours: list[int], seen_ones: list[tuple[str, str]], expected: list[int]) -> None:
    told, counts = Told(), []
    for offset, (hour, (key, speaker)) in enumerate(zip(hours, seen_ones, strict=True)):
        told.begin("t", 0, offset, offset, hour * HOUR_MS)
        counts.append(told.count(key, speaker))
    assert counts == expected


def test_links_that_very_many_share_are_forgotten_before_they_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stream.told.MOST_PAIRS", 100)
    told, counts = Told(), []
    for offset in range(200):
        told.begin("t", 0, offset, offset, 0)
        counts.append(told.count(f"k{offset % 4}", f"u{offset}"))
    assert len(told._pairs) <= 101
    assert counts == [1] * 200, "told again after that, never held back"


DOMAINS = [
    (("a.kedai.test/x", "kedai.test", ""), "kedai.test"),
    (("203.0.113.7/x", "", ""), "203.0.113.7"),
    (("bit.ly/abc?x=1", "bit.ly", "shortener"), "bit.ly/abc"),
    (("www.bit.ly/abc/d", "bit.ly", "shortener"), "bit.ly/abc"),
]


@pytest.mark.parametrize(("given", "expected"), DOMAINS)
def test_what_a_sighting_is_found_by(given: tuple[str, str, str], expected: str) -> None:
    assert domain_of(*given) == expected


HIDDEN = [("a.test/x", False), ("a.test/x?", False), ("a.test/x?a=1", True), ("a.test/?a=1?b=2", True)]


@pytest.mark.parametrize(("key", "changes"), HIDDEN)
def test_hidden(key: str, changes: bool) -> None:
    once = hidden(key, b"secret")
    assert (once != key) == changes
    assert once == hidden(key, b"secret")
    assert (once != hidden(key, b"other")) == changes


@pytest.mark.parametrize("value", [None, b"", b"\xc1", b"[]", b"\x9b" + b"\x01" * 11])
def test_what_is_no_block_is_none(value: bytes | None) -> None:
    assert unpack(value) is None


def test_hashes_are_the_same_everywhere() -> None:
    assert domain_hash("kedai.test").hex() == "269dc26e571211ac"
