"""The whole line: what must hold whatever the records, the size of a chunk, or the state of a check."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.load import load
from config.rules import rules_from
from stream import pipeline
from stream.checks.load import Checks
from stream.checks.load import load as load_checks
from stream.cues import ALWAYS
from stream.encode import written
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.model import Finding, HostFacts, Link, ListHit, Lists, Message
from stream.outcome import Outcome
from stream.rules import Rules

TOPIC = "messages"
SUFFIXES = '["example", "test", "invalid", "shop.example", "top.example", "my-id.example", "vip.test"]'


class Given(msgspec.Struct, frozen=True):
    """A record as the line sees it."""

    value: bytes | None
    offset: int = 0
    topic: str = TOPIC
    partition: int = 0
    timestamp: int = 1_785_542_400_000
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


def records(values: Sequence[bytes | None]) -> list[Given]:
    return [Given(value, offset) for offset, value in enumerate(values)]


def event(text: str, name: str = "") -> bytes:
    return json.dumps({"id": name, "text": text} if name else {"text": text}).encode()


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_from(load(None, {"SARING_LINKS__EXTRA_SUFFIXES": SUFFIXES}).settings)


@pytest.fixture(scope="module")
def feed() -> list[Given]:
    folder = resources.files("config").joinpath("demo")
    odd = [json.loads(line)["raw"].encode() for line in folder.joinpath("odd.jsonl").read_text("utf-8").splitlines()]
    lines = folder.joinpath("feed.jsonl").read_text("utf-8").splitlines()
    return records([*(line.encode() for line in lines), *odd, None])


NO_LISTS = lists_from(())


def scanned(scan: pipeline.Scanner, given: Sequence[Given], size: int) -> list[Outcome]:
    return [outcome for at in range(0, len(given), size) for outcome in scan(given[at : at + size])]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_outcomes_do_not_depend_on_the_chunk(rules: Rules, feed: list[Given], size: int) -> None:
    whole = scanned(pipeline.scanner(rules, NO_LISTS), feed, len(feed))
    assert scanned(pipeline.scanner(rules, NO_LISTS), feed, size) == whole
    assert {outcome.kind for outcome in whole} == {"clean", "flagged", "skipped", "dead"}


def test_outcomes_do_not_depend_on_what_was_seen_before(rules: Rules, feed: list[Given]) -> None:
    warm = pipeline.scanner(rules, NO_LISTS)
    warm(feed)
    backwards = list(reversed(warm(list(reversed(feed)))))
    assert backwards == pipeline.scanner(rules, NO_LISTS)(feed)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.one_of(st.none(), st.binary(max_size=60), st.text(max_size=80).map(event)), max_size=6))
def test_every_record_ends_as_exactly_one_of_four(rules: Rules, values: list[bytes | None]) -> None:
    outcomes = pipeline.scanner(rules, NO_LISTS)(records(values))
    assert len(outcomes) == len(values)
    for outcome in outcomes:
        assert outcome.kind in ("clean", "flagged", "skipped", "dead")
        assert bool(outcome.alerts) == (outcome.kind == "flagged")
        assert bool(outcome.reason) == (outcome.kind in ("skipped", "dead"))


def broken(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    raise ValueError(message.text)


def test_a_check_that_raises_is_contained_and_named(rules: Rules, feed: list[Given]) -> None:
    loaded = load_checks()
    spoilt = Checks(loaded.host, loaded.link, (*loaded.message, ("broken", broken, ALWAYS)))
    expected = pipeline.scanner(rules, NO_LISTS)(feed)
    outcomes = pipeline.line(rules, spoilt)(NO_LISTS)(feed)
    assert [outcome.kind for outcome in outcomes] == [outcome.kind for outcome in expected]
    assert [outcome.alerts for outcome in outcomes] == [outcome.alerts for outcome in expected]
    errors = {name for outcome in outcomes for judged in outcome.judged for name in judged.errors}
    assert errors == {"broken"}


class Exploding:
    """Lists that fail on one link: a fault outside the checks."""

    snapshot, sequence, checked, stale, built_at = "", 0, 0, (), ""

    def find(self, link: Link) -> tuple[ListHit, ...]:
        if link.host == "boom.example":
            raise RuntimeError("a fault of ours")
        return ()


def test_a_fault_of_ours_costs_one_message_not_its_neighbours(rules: Rules) -> None:
    lists: Lists = Exploding()
    values = [event(f"tengok http://{'boom' if n == 5 else 'ok'}.example/{n}", str(n)) for n in range(20)]
    outcomes = pipeline.scanner(rules, lists)(records(values))
    assert [outcome.kind for outcome in outcomes] == ["dead" if n == 5 else "clean" for n in range(20)]
    assert outcomes[5] is pipeline.INTERNAL


def test_the_test_link_is_always_flagged_and_marked(rules: Rules) -> None:
    [outcome] = pipeline.scanner(rules, NO_LISTS)(records([event("cuba http://saring-test.invalid/abc")]))
    [alert] = outcome.alerts
    assert (alert.test, alert.severity, alert.tier) == (True, "low", "automatic")


def test_an_exact_list_entry_alone_is_an_automatic_alert_that_names_it(rules: Rules) -> None:
    entry = Entry("feed-a", "url", "rumah.example/x", listed_at="2026-11-20")
    [outcome] = pipeline.scanner(rules, lists_from([entry]))(records([event("tengok http://rumah.example/x")]))
    [alert] = outcome.alerts
    assert (alert.tier, alert.basis, alert.lists.hits) == ("automatic", "listed", 1)
    assert alert.findings[0].source
    assert alert.findings[0].source.name == "feed-a"


def test_a_flood_of_links_is_bounded_and_says_so(rules: Rules) -> None:
    [outcome] = pipeline.scanner(rules, NO_LISTS)(
        records([event(" ".join(f"http://a{n}.example" for n in range(9999)))])
    )
    assert len(outcome.judged) == rules.bounds.links
    assert "links" in outcome.bounds_hit


def test_one_link_written_twice_is_one_case(rules: Rules) -> None:
    twice = "http://saring-test.invalid/a dan hxxp://SARING-TEST[.]invalid/a"
    [outcome] = pipeline.scanner(rules, NO_LISTS)(records([event(twice)]))
    assert len(outcome.alerts) == 1


@pytest.mark.parametrize(
    "headers", [(), (("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),)]
)
def test_a_trace_goes_from_the_message_to_its_alerts(rules: Rules, headers: Sequence[tuple[str, bytes]]) -> None:
    record = Given(event("https://saring-test.invalid/trace"), headers=headers)
    outcomes = pipeline.scanner(rules, NO_LISTS)([record])
    [alert] = written([record], outcomes, "messages", "2026-01-01T00:00:00Z", "0")
    assert tuple(pair for pair in alert.headers if pair[0] == "traceparent") == headers
