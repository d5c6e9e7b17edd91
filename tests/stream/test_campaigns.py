"""Campaigns: what many users spread is told once, and what many share without harm is not told."""

from __future__ import annotations

import json

import pytest

from agents.kafka.spans import Kept
from config.load import load
from config.rules import rules_from
from stream.alert import Alert
from stream.campaigns import SAMPLE, Counter, Limits, alerts_of, raiser
from stream.canonical import canonicalizer
from stream.checks.load import load as load_checks
from stream.hosts import facts_cache
from stream.lists.entries import Entry
from stream.lists.memory import NO_LISTS, lists_from
from stream.model import Lists
from stream.pipeline import scanner
from stream.retro import Present
from stream.rules import Rules
from stream.sighting import unpack
from stream.sightings import packer

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_from(load(None, {"SARING_PRIVACY__USER_KEY": "a key of sixteen characters or more"}).settings)


def spread(rules: Rules, texts: list[tuple[int, str, str]], lists: Lists = NO_LISTS) -> list[Alert]:
    """The alerts of messages, each given by its time in milliseconds, its user and its text, counted one by one."""
    scan, pack, topic = scanner(rules, NO_LISTS), packer(rules), next(iter(rules.sources))
    facts, canonicalize = facts_cache(rules, load_checks()), canonicalizer(rules.suffixes)
    limits = Limits()
    counter, raised = Counter(limits), raiser(limits, lambda: Present(rules, lists, facts, canonicalize))
    found: list[Alert] = []
    for offset, (time, user, text) in enumerate(texts):
        value = json.dumps({"id": f"m{offset}", "user": user, "text": text}).encode()
        batch = [Kept(topic, 0, offset, time, None, value)]
        for written in pack(batch, scan(batch), 0):
            block = unpack(written.value)
            found += alerts_of(counter, [block], raised, time) if block else []
    return found


# Weights are tuned now and then: what is told here is far above any bar, what is not far below.
SCAM = "Akaun bank anda digantung, sahkan akaun sebelum malam ini di http://lembah-hijau{n}.test/s/41"
TOLD = [
    # text, users, minutes between → messages until the alert, 0 = none
    (SCAM, 1, 1, 0),
    (SCAM, 2, 1, 0),
    (SCAM, 3, 1, 3),
    (SCAM, 20, 1, 3),
    (SCAM, 20, 200, 0),  # too slow for the window
    ("SALE! Diskaun 70% hari ini sahaja + hadiah percuma untuk 100 orang pertama http://kedai{n}.test/promo", 50, 1, 0),
    ("Ibu bapa: sila isi borang lawatan sebelum Jumaat, yuran RM25 http://sk-tamanjaya{n}.test/borang", 50, 1, 0),
    ("BREAKING: banjir di Kelantan, 3 sungai melepasi paras bahaya http://berita-semasa{n}.test/banjir", 50, 1, 0),
]  # fmt: skip


@pytest.mark.parametrize(("text", "users", "minutes", "expected"), TOLD)
def test_told_once_and_when(rules: Rules, text: str, users: int, minutes: int, expected: int) -> None:
    messages = [(number * minutes * MINUTE, f"u{number}", text.format(n=1)) for number in range(users)]
    found = spread(rules, messages)
    assert [len(alert.campaign.sample) for alert in found if alert.campaign] == ([expected] if expected else [])


def test_what_an_alert_says(rules: Rules) -> None:
    [alert] = spread(rules, [(n * MINUTE, f"u{n}", SCAM.format(n=1)) for n in range(4)])
    assert alert.campaign is not None
    assert (alert.type, alert.tier, alert.basis) == ("campaign", "automatic", "inferred")
    assert (alert.campaign.users, alert.campaign.messages, alert.campaign.sample) == (3, 3, ("m0", "m1", "m2"))
    assert alert.explanation.startswith("Likely phishing: text ")
    assert "asks to verify an account" in alert.explanation
    assert "3 users posted links to it within 6 hours, and it was not seen before" in alert.explanation
    assert alert.explanation.endswith(". On no list; text not kept; page not fetched.")


def test_one_user_in_many_channels_and_one_message_repeated_are_no_campaign(rules: Rules) -> None:
    assert spread(rules, [(n * HOUR // 4, "u1", SCAM.format(n=1)) for n in range(20)]) == []


def test_a_listed_host_is_left_to_the_lists(rules: Rules) -> None:
    lists = lists_from([Entry("feed", "host", "lembah-hijau1.test")])
    assert spread(rules, [(n * MINUTE, f"u{n}", SCAM.format(n=1)) for n in range(9)], lists) == []


def test_what_was_known_for_days_raises_none(rules: Rules) -> None:
    first = [(0, "u0", "gambar semalam http://lembah-hijau1.test/a")]
    assert spread(rules, first + [(60 * HOUR + n * MINUTE, f"u{n}", SCAM.format(n=1)) for n in range(9)]) == []


def test_memory_is_bounded() -> None:
    limits = Limits(groups=100)
    counter = Counter(limits)
    rules = rules_from(load(None, {}).settings)
    scan, pack, topic = scanner(rules, NO_LISTS), packer(rules), next(iter(rules.sources))
    texts = [f"lihat http://kedai{n}.test/x" for n in range(400)]
    batch = [
        Kept(topic, 0, n, n, None, json.dumps({"text": text, "user": str(n)}).encode()) for n, text in enumerate(texts)
    ]
    for written in pack(batch, scan(batch), 0):
        if block := unpack(written.value):
            counter.count(block)
    assert len(counter) == 100
    lately = {domain for domain, group in counter.groups.items() if group.last >= 350}
    counter.forget(350)
    assert counter.groups.keys() == lately
    assert 0 < len(lately) < 100
    assert SAMPLE == 50
