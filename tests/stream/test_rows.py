"""What the native shortcut tells and counts of links is what the line would tell and count."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kafka.spans import Kept
from agents.meter import Tally
from config.load import load
from config.rules import rules_from
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.native import Memory, is_there
from stream.pipeline import scanner
from stream.rules import Rules
from stream.sighting import unpack
from stream.sightings import opener
from stream.told import HOUR_MS, Told

pytestmark = pytest.mark.skipif(not is_there(), reason="saring_native is not installed")

ADDRESSES = [f"https://kedai{n % 7}.test/barang/{n}" for n in range(12)] + [
    "http://toko.example", "https://go.example/?kepada=ali", "https://sub.host.invalid:8080/a", "https://bit.ly/3abCdE",
    "https://tersenarai.example/lama", "http://akaun-anda.kedai3.test/log-masuk?id=7", "kedai[.]test/x",
]  # fmt: skip
WHO = {"user": "ali", "channel": "c", "time": 1_800_000_000_000}
LISTS = lists_from([Entry("feed-a", "domain", "tersenarai.example", listed_at="2020-01-01")], stale=("feed-a",))
FRAMES = (
    "tengok {} ya",
    "{}",
    "😀 lihat {} 2026",
    "Beli 2 percuma 1 {}",
    "lokasi: {} . jumpa",
    "tiada pautan",
    "é {}",
    "lihat akaun {}",
    "{} dan https://kedua.test/?q=é lagi",
    "akaun Maybank anda digantung, sahkan TAC segera di {}",
    "menang RM500 " + "ya " * 200 + "{}",
    "buka https://go.example/?u=https%3A%2F%2Fb.example%2Fx lagi",  # one link inside the other
)


@pytest.fixture(
    scope="module",
    params=[("", "other", {}), ("0123456789abcdef", "comment", dict.fromkeys(("listed_link", "lure_words"), "shadow"))],
    ids=["no key", "key and shadow"],
)
def rules(request: pytest.FixtureRequest) -> Rules:
    key, surface, modes = request.param
    environment = {"SARING_PRIVACY__USER_KEY": key, "SARING_PRIVACY__USER_KEY_NAME": "k1"} if key else {}
    made = rules_from(load(environment=environment).settings)
    made = replace(made, modes={**made.modes, **modes})
    return replace(made, sources={topic: replace(source, surface=surface) for topic, source in made.sources.items()})


def feed(size: int) -> list[Kept]:
    chance = random.Random(7)
    rows = []
    for offset in range(size):
        event = {
            "text": chance.choice(FRAMES).format(chance.choice(ADDRESSES)),
            "id": chance.choice(["", f"m{offset}"]),
            "time": 1_800_000_000_000 + offset,
            "user": chance.choice(["", "ali", "siti", f"u{offset}"]),
            "channel": chance.choice(["", "c1", "c2"]),
            "surface": chance.choice(["", "", "post", "comment", "group_chat", "sms", "private_chat", "odd"]),
        }
        rows.append(Kept("messages", 2, offset, 1_800_000_000_000 + 31_000 * offset, None, json.dumps(event).encode()))
    return rows


def spoken_by(record: Kept, user: str) -> Kept:
    event = {**json.loads(record.value or b""), "user": user}
    return Kept(record.topic, record.partition, record.offset, record.timestamp, None, json.dumps(event).encode())


def told(rules: Rules, batches: Sequence[Sequence[Kept]]) -> tuple[list[tuple[object, ...]], Tally, int]:
    """All sightings by batch, what was counted, and how many links passed."""
    scan, opened, tally, passed = scanner(rules, LISTS), opener(rules), Tally(), 0
    rows: list[tuple[object, ...]] = []
    for batch in batches:
        sheet = opened()
        taker = sheet.begin(batch)
        tales = [(batch[at], outcome) for at, outcome in scan.tell(batch, taker)]
        tally.add(batch, [outcome for _, outcome in tales])
        sheet.add([record for record, _ in tales], [outcome for _, outcome in tales])
        if taker is not None:
            tally.add_passed(taker)
            passed += taker.links
        for written in sheet.written(7):
            block = unpack(written.value)
            assert block is not None
            domains = [block.domains[at : at + 8] for at in range(0, len(block.domains), 8)]
            for domain, row in zip(domains, block.rows(), strict=True):
                found = [(each.check, each.family, each.weight) for each in block.findings(row)]
                case, people = block.case_of(row), (row.user, row.channel, row.surface)
                said = (*found, *sorted(block.tried(row)))
                rows.append((written.key, domain, row.url, row.tier, case, people, row.template, row.count, said))
    return rows, tally, passed


@pytest.mark.parametrize("size", [1, 40])
def test_what_passes_is_told_and_counted_as_what_is_judged(
    rules: Rules, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = feed(1200)
    if size > 1:  # within a chunk what passes is told first: alike where nobody says anything twice
        records = [spoken_by(each, f"u{n}") for n, each in enumerate(records[:600])]
    batches = [records[at : at + size] for at in range(0, len(records), size)]
    rows, tally, passed = told(rules, batches)
    monkeypatch.setattr("stream.pipeline.look_for", lambda rules: None)
    monkeypatch.setattr("stream.sightings.is_there", lambda: False)
    judged, counted, none = told(rules, batches)
    assert passed > 200
    assert none == 0
    assert Counter(map(repr, rows)) == Counter(map(repr, judged))
    for counts in ("links", "live", "shadow", "lists", "kinds"):
        assert getattr(tally, counts) == getattr(counted, counts)
    assert [(each.kind, each.shadow, each.alerts) for each in tally.loud] == [
        (each.kind, each.shadow, each.alerts) for each in counted.loud
    ]


def test_rows_say_where_each_message_was_seen(rules: Rules) -> None:
    own = rules.sources["messages"].surface
    for text in ("tengok https://kedai1.test/", "lihat akaun https://kedai1.test/a"):  # a known link, a known text
        surfaces = ["", "ad", "live_chat", "", "ad", "live_chat", "sms", "other"]
        batches = []
        for at, surface in enumerate(surfaces):
            event = {"text": text, "id": str(at), **WHO, "user": f"u{at}", "surface": surface}
            batches.append([Kept("messages", 0, at, 1_800_000_000_000, None, json.dumps(event).encode())])
        rows, _, passed = told(rules, batches)
        assert passed == 7
        assert [row[5][2] for row in rows] == [surface or own for surface in surfaces]  # type: ignore[index]  # people


def test_what_was_just_learnt_is_left_to_the_rows(rules: Rules) -> None:
    flagged = "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log.example/"
    texts = ["tengok https://kedai1.test/", "tiada", flagged, "tengok https://kedai1.test/", "hai https://kedai2.test/"]
    batch = [
        Kept("messages", 0, at, 1_800_000_000_000, None, json.dumps({"text": text, "id": str(at), **WHO}).encode())
        for at, text in enumerate(texts)
    ]
    scan = scanner(rules, LISTS)
    for _ in range(2):
        taker = opener(rules)().begin(batch)
        assert taker is not None
        told = scan.tell(batch, taker)
        assert [(at, outcome.kind) for at, outcome in told] == [(2, "flagged")]
        assert taker.links == 3


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(0, 2)), max_size=300))
def test_the_native_memory_counts_as_the_other(seen: list[tuple[str, str, int]]) -> None:
    told, memory = Told(), Memory(lambda name: b"", lambda name: 0)
    for offset, (key, speaker, hour) in enumerate(seen):
        for each in (told, memory):
            each.begin("t", 0, offset, offset, hour * HOUR_MS)
        assert memory.count(key, speaker) == told.count(key, speaker)
