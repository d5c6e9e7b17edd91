"""With the native form every record ends as without it, and most of those seen before never enter the line."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any, TypeAlias

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.speed_data import DEMO, Row, default_rules, read_records
from stream import pipeline, report, shortcut, wire
from stream.bounds import Bounds
from stream.checks.load import Checks, load
from stream.cues import ALWAYS, LURE, SERVICE, TEST_HOST
from stream.lists.entries import Entry
from stream.lists.memory import NO_LISTS, lists_from
from stream.mapping import SURFACES, Decoded, Fields, SourceSpec
from stream.model import Finding, HostFacts, Link, Lists, Message, Record
from stream.native import is_there
from stream.outcome import CLEAN, Outcome
from stream.rules import Rules

Scan: TypeAlias = "Callable[[Sequence[Record]], list[Outcome]]"

pytestmark = pytest.mark.skipif(not is_there(), reason="saring_native is not installed")

LINK = "https://pay.example/a"
USUAL = {"text": f"see {LINK} now", "id": "1", "user": "u", "channel": "c", "time": 1_785_542_400_000}


def event(**parts: object) -> bytes:
    """A usual event but for these parts; an Ellipsis leaves one out."""
    return json.dumps({name: part for name, part in (USUAL | parts).items() if part is not ...}).encode()


def raw(more: str, value: bytes = event()) -> bytes:
    """A usual event with more fields as they are written."""
    return value[:-1] + f", {more}}}".encode("utf-8", "surrogatepass")


def rows(values: Sequence[bytes | None]) -> list[Row]:
    return [Row(value, offset) for offset, value in enumerate(values)]  # type: ignore[arg-type]  # None, as Kafka's can be


def line(native: bool, rules: Rules | None = None, checks: Checks | None = None) -> pipeline.Line:
    """The line with or without the native form."""
    with pytest.MonkeyPatch.context() as patch:
        if not native:
            patch.setattr(pipeline, "look_for", lambda rules: None)
        return pipeline.line(rules or default_rules(), checks)


@cache
def shared_line(native: bool) -> pipeline.Line:
    return line(native)


def both(rules: Rules | None = None) -> tuple[Scan, Scan]:
    """New scanners with and without it: what a shortcut learns belongs to one."""
    native, plain = (line(form, rules) if rules else shared_line(form) for form in (True, False))
    return native(NO_LISTS), plain(NO_LISTS)


def same(scans: tuple[Scan, Scan], records: Sequence[Record]) -> list[Outcome]:
    """The outcomes of records, which are alike with and without the native form, each time they come."""
    native, plain = scans
    for _ in range(3):
        found, right = native(records), plain(records)
        assert found == right
        assert msgspec.msgpack.encode(found) == msgspec.msgpack.encode(right)  # True is not 1
    return found


class Entered:
    """Counts the records that enter the line."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        patch.setattr(pipeline, "decoder", self.decoder)

    def decoder(self, source: SourceSpec, bounds: Bounds) -> wire.Decoder:
        decode = wire.decoder(source, bounds)

        def counting(records: Sequence[Record]) -> list[Decoded]:
            self.count += len(records)
            return decode(records)

        return counting

    def by(self, scan: Scan, *values: bytes) -> int:
        """How many of these records do when they come one by one."""
        before = self.count
        for value in values:
            scan(rows([value]))
        return self.count - before


@pytest.fixture
def entered(monkeypatch: pytest.MonkeyPatch) -> Entered:
    return Entered(monkeypatch)


def test_the_demo_ends_as_it_does_without() -> None:
    records = read_records(DEMO)
    outcomes = same(both(), records)
    assert {outcome.kind for outcome in outcomes} >= {"clean", "flagged"}
    scans = both()
    for record in records[:300]:
        same(scans, [record])


def test_what_was_seen_before_does_not_enter_the_line(entered: Entered) -> None:
    scan = line(True)(NO_LISTS)
    assert entered.by(scan, event(text="selamat pagi")) == 0
    assert scan(rows([event(text="selamat pagi")])) == [CLEAN]
    assert entered.by(scan, event(), event(), event(text=f"lihat {LINK} ya", id="2")) == 1
    assert entered.by(scan, event(text="x" * 1_000), event(text="x" * 1_001)) == 1


def test_a_message_has_its_own_words_and_its_link_what_was_learnt() -> None:
    scan = line(True)(NO_LISTS)
    first, other = (
        scan(rows([value]))[0]
        for value in (event(), event(text=f"😀 é {LINK}\nya", id="é", lang="ms", permalink="p", time=..., ts=5))
    )
    assert other.message == Message(f"😀 é {LINK}\nya", "é", 5, "u", "c", lang="ms", permalink="p")
    assert (other.judged[0].found.start, other.judged[0].found.end) == (4, 4 + len(LINK))
    assert other.judged[0].facts is first.judged[0].facts


@pytest.mark.parametrize(
    "value",
    [
        event(id=1),
        event(user=5),
        event(id=True),
        event(id=None),
        event(id=...),
        event(text=...),
        event(text=None),
        event(text=""),
        event(text=5),
        event(channel=...),
        event(time=0),
        event(time=0, ts=7),
        event(time=0, ts=0),
        event(time=None, ts=0),
        event(time=-1),
        event(time=9_999_999_999_999),
        event(time=10_000_000_000_000),
        event(time=2**63 - 1),
        event(time=2**64),
        event(time=1.5),
        event(time=True),
        event(time=...)[:-1] + b', "time": ' + b"1" * 100_000 + b"e-100000}",
        event(time="2026-08-01T00:00:00Z"),
        event(time="x"),
        event(time=...),
        event(time=..., timestamp=5),
        event(time=..., ts=5),
        event(timestamp=5),
        event(timestamp=None),
        event(surface=""),
        event(surface="sms"),
        event(surface="private_chat"),
        event(surface="post"),
        event(surface="public_channel"),
        event(surface="Post"),
        event(surface="post "),
        event(surface="odd"),
        event(surface=None),
        event(surface=5),
        event(surface=["post"]),
        event(surface="post", links=["https://card.example/"]),
        event(surface="post", time=-1),
        event(surface="post", text=f"akaun anda akan digantung {LINK}"),
        event(surface="post", text="see https://maybank-login.example/"),
        event(surface="private_chat", text="see https://maybank-login.example/"),
        event(surface="odd", text="a"),
        event(surface="sms", text="a"),
        event(surface="private_chat", text="a"),
        event(surface="private_chat", text=""),
        event(tenant="t"),
        event(tenant=""),
        event(tenant=None),
        event(links=[]),
        event(links=["https://card.example/"]),
        event(links=[{"url": "https://card.example/", "label": "a card"}]),
        event(links="https://card.example/"),
        event(links=None),
        event(lang=None, permalink=None),
        event(lang=5),
        event(text=f"see {LINK}#a"),
        event(text=f"see {LINK}#b"),
        event(text=f"see {LINK} {LINK}"),
        event(text=f"see {LINK} https://other.example/"),
        event(text=f"akaun anda akan digantung {LINK}"),
        event(text=f"sahkan OTP di {LINK}"),
        event(text=f"see http://{TEST_HOST}/a"),
        event(text="see https://maybank-login.example/"),
        event(text=f"see [{LINK}](https://other.example/)"),
        event(text="see https://pay[.]example/a"),
        event(text="see pay.example/a"),
        event(text="pay. \xa0 com"),
        event(text="line\none"),
        raw('"id": "2"'),
        raw('"text": "b"'),
        raw('"x": 1, "x": 2'),
        raw('"ts": 5, "ts": 6'),
        raw(r'"x": "\ud83d\ude00"'),
        raw(r'"x": "\ud800"'),
        raw(r'"x": "\udc00", "y": 1E400'),
        raw(r'"x": "\\ud800", "y": 1E400'),
        raw(r'"x": "\ud83d\ud83d\ude00", "y": 1E400'),
        raw(r'"\ud800": 1'),
        raw(r'"x": "\q"'),
        raw('"x": 1E400'),
        raw('"x": 01'),
        raw('"x": NaN'),
        raw('"x": "\x01"'),
        raw('"x": "\ud800"'),
        raw(r'"\u0074s": 5'),
        raw(r'"surface": "\u0070ost"'),
        raw(r'"surface": "\u0000"'),
        raw('"surface": "post", "surface": "ad"'),
        raw('"x": ' + "[" * 10 + "]" * 10),
        raw('"x": ' + "[" * 1_000 + "]" * 1_000),
        raw('"x": ' + "[" * 10_000 + "]" * 10_000),
        raw('"x": ' + '{"a":' * 10_000 + "1" + "}" * 10_000),
        raw('"x": "' + "[" * 10_000 + '"'),
        raw(f'"x": "{"a" * 1_048_576}"'),
        event(text=r"a\ud800"),
        event().replace(b"see ", rb"a\n\u00e9\ud83d\ude00 "),
        event().replace(b"see ", rb"\ud800 "),
        event().replace(b'"text"', rb'"\u0074ext"'),
        event().replace(b"see", b"\xff"),
        event() + b"x",
        event() + b" \n",
        event() + b"\0",
        event() + b"{}",
        b"\n" + event(),
        b"\xef\xbb\xbf" + event(),
        event()[:-1],
        json.dumps(["a", "1", "u", "c", 5, *[None] * 7]).encode(),
        json.dumps(["a", "1", "u", "c", 5, None, None, None, None, [], None, None]).encode(),
        b" [" + event() + b"]",
        b"{}",
        b"[]",
        b'"a"',
        b"",
        None,
    ],
    ids=lambda value: ascii(value)[-70:],
)
def test_an_event_ends_as_it_does_without(value: bytes | None) -> None:
    scans = both()
    same(scans, rows([value]))
    same(scans, rows([event(), value, event(text="a")]))
    same(scans, rows([value, event()]))


NUMBERS = [
    "0", "-0", "7", "-7", "007", "+7", "1.0", "-0.0", "1e3", "1E-400", "1E400", "0x7", "true", "false", "null", "[]",
    "{}", *map(str, (2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30, -(2**63), -(2**63) - 1)),
]  # fmt: skip


@pytest.mark.parametrize("number", [*NUMBERS, '""', '"7"', r'"\u0037"', r'"\u0000"'])
@pytest.mark.parametrize("field", ["id", "user", "channel", "tenant", "lang", "permalink", "surface"])
def test_a_name_of_any_type_is_spelled_as_it_is_without(field: str, number: str) -> None:
    value = raw(f'"{field}": {number}', event(**{field: ...}))
    same(both(), rows([value, event(), value]))


TIMES = [
    "2026-11-23T05:04:06.902Z", "2026-11-23T05:04:06Z", "2026-11-23T05:04:06", "2026-11-23 05:04:06", "2026-11-23",
    "2026-11-23T05:04:06.123456789Z", "2026-11-23T05:04:06.Z", "2026-11-23T05:04:06,5Z", "2026-11-23T05:04Z",
    "2026-11-23T05:04:06+08:00", "2026-11-23T05:04:06-0330", "2026-11-23T05:04:06+08", "2026-11-23T05:04:06.5+08:00",
    "2026-11-23T05:04:06+23:59", "2026-11-23T05:04:06-24:00", "2026-11-23T05:04:06+08:60", "2026-11-23T05:04:06+8:00",
    "2026-11-23T05:04:06-00:00", "2026-11-23T05:04:06 Z", "2026-11-23T05:04:06z", "2026-11-23t05:04:06Z",
    "2026-11-23T05:04:06ZZ", "2026-11-23T05:04:06Z+08:00", "2026-11-23T05:04:06+08:00Z", "2026-11-23T05:04:06+-8:00",
    "2026-11-23T24:00:00Z", "2026-11-23T05:60:00Z", "2026-11-23T05:04:60Z", "2026-11-23T5:04:06Z", "26-11-23T05:04:06Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-32T00:00:00Z",
    "2026-1-1T00:00:00Z", "2026-02-28T00:00:00Z", "2026-02-29T00:00:00Z", "2028-02-29T00:00:00Z",
    "2026-12-00T00:00:00Z", "20261123T050406Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59-01:00", "0002-01-01T00:00:00+01:00", "+026-11-23T05:04:06Z", "2026-11-23T05:04:+6Z",
    "2026-11-23T05:04:06.+5Z", "٢٠٢٦-11-23T05:04:06Z", "2026-11-2٣T05:04:06Z", "2026-11-23T05:04:06é",
    "Mon Nov 23 05:04:06 +0000 2026", "1785542400", "1785542400.000005", "x", " ", "",
]  # fmt: skip
COUNTS = [
    "1785542400.25",
    "1785542955.518554019",
    "0.1",
    "1785542400123.456789012345",
    "5e-324",
    "9999999999999.0",
    "9999999999999.1",
    "-1.5",
]


@pytest.mark.parametrize("time", [*map(json.dumps, TIMES), r'"2026-11-23T05:04:06\u005a"', *COUNTS, *NUMBERS])
def test_a_time_of_any_kind_is_that_which_it_is_without(time: str) -> None:
    without = event(time=...)
    fields = [f'"time": {time}', f'"timestamp": {time}', f'"time": 0.0, "ts": {time}', f'"ts": 7, "timestamp": {time}']
    same(both(), rows([event(), *(raw(field, without) for field in fields)]))


@pytest.mark.parametrize(
    "parts",
    [
        {"id": 88213907, "user": 42, "channel": -1001234567890},
        {"id": 2**64 - 1, "user": -(2**63), "channel": 0},
        {"id": ..., "user": None, "channel": ...},
        {"time": ...},
        {"time": None, "timestamp": 1_785_542_400},
        {"time": 0, "ts": 0.0, "timestamp": 7},
        {"time": "2026-11-23T05:04:06.902Z"},
        {"time": "2026-11-30 23:59:59.123456+0800"},
        {"time": "2026-02-28T00:00:00", "ts": 1},
        {"time": 1_785_542_400.25},
        {"tenant": "t"},
        {"tenant": 5},
        {"surface": "other"},
        {"surface": "public_channel", "time": "2026-11-23T05:04:06.902Z", "lang": "ms"},
        {"surface": None},
        {"links": [], "lang": None, "permalink": None, "more": {"at": "]"}},
        {"entities": [{"indices": [1, 2]}] * 50},
        {"entities": '"' + "[" * 500 + "\\"},
    ],
    ids=str,
)
def test_what_feeds_often_say_does_not_enter_the_line_again(parts: dict[str, object], entered: Entered) -> None:
    assert entered.by(line(True)(NO_LISTS), event(**parts), event(**parts), event(**parts, text="selamat pagi")) == 1


def test_what_is_flagged_says_who_and_when_as_it_does_without() -> None:
    text = "Akaun Maybank anda akan digantung, sahkan segera di https://maybank-login.example/"
    shapes: list[dict[str, object]] = [
        {"id": 5, "user": -6, "channel": 2**63, "tenant": "t"},
        {"id": ..., "user": None, "channel": ..., "time": ..., "tenant": 7},
        {"time": "2026-11-23T05:04:06.902+08:00", "surface": "other"},
        {"time": 0.0, "ts": 1_785_542_955.518554019},
        {"surface": "public_channel"},
        {"surface": "ad", "lang": "ms"},
    ]
    outcomes = same(both(), rows([event(text=text, **parts) for parts in shapes]))
    assert [alert.message.surface for outcome in outcomes for alert in outcome.alerts] == [
        *["other"] * 4,
        "public_channel",
        "ad",
    ]


@pytest.mark.parametrize("surface", sorted(SURFACES - {"sms", "private_chat"}))
def test_a_link_that_was_learnt_passes_wherever_it_is_seen(surface: str, entered: Entered) -> None:
    for first, then in (("", surface), (surface, "")):
        scan = line(True)(NO_LISTS)
        assert entered.by(scan, event(surface=first), event(surface=then), event(surface=then, text="hai")) == 1
        (outcome,) = scan(rows([event(surface=then)]))
        assert outcome.message is not None
        assert outcome.message.surface == (then or "other")


@pytest.mark.parametrize("surface", ["sms", "private_chat", "odd", "Post", "post "])
def test_where_more_depends_on_the_surface_the_line_is_asked(surface: str, entered: Entered) -> None:
    scan = line(True)(NO_LISTS)
    values = [event(text=text, surface=surface) for text in ("hai", f"see {LINK}", f"lihat akaun {LINK}")]
    assert entered.by(scan, *values, *values) == 6
    learnt = surface not in {"sms", "private_chat"}  # where a surface isn't known, the message has the source's
    assert entered.by(scan, event()) == (not learnt)


def test_a_platform_s_own_words_pass_where_what_they_stand_for_does(entered: Entered) -> None:
    words = {"wall": "post", "dm": "private_chat", "text": "sms", "ad": "private_chat", "sms": "comment", "": "ad"}
    source = SourceSpec("s", "messages", surface="listing", surface_map=words)  # type: ignore[arg-type]  # they are
    rules = replace(default_rules(), sources={"messages": source})
    scan = line(True, rules)(NO_LISTS)
    assert entered.by(scan, event()) == 1
    named = {word: entered.by(scan, event(surface=word)) for word in (*words, "post", "listing", "odd")}
    assert [word for word, count in named.items() if count] == ["dm", "text", "ad", "odd"]
    outcomes = same(both(rules), rows([event(surface=word) for word in named]))
    surfaces = [outcome.message.surface if outcome.message else outcome.reason for outcome in outcomes]
    private = "private_chat"
    assert surfaces == ["post", private, "sms", private, "comment", "listing", "post", "listing", "listing"]


def test_a_number_is_the_name_that_its_digits_are() -> None:
    scan = line(True)(NO_LISTS)
    _, outcome = (scan(rows([event(id=5, user=-6, channel=2**63, time="2026-11-23T05:04:06Z")]))[0] for _ in range(2))
    assert outcome.message == Message(f"see {LINK} now", "5", "2026-11-23T05:04:06Z", "-6", "9223372036854775808")


PLACES = ["", "other", "post", "comment", "sms", "private_chat", "odd"]
NAMES = [*(field.name for field in msgspec.structs.fields(wire.Event)), "x", "Text", ""]
TEXTS = st.lists(
    st.sampled_from([LINK, f"{LINK}#b", f"http://{TEST_HOST}/", "http://b.example/", "see", "akaun", "OTP", "é", "\n"]),
    max_size=4,
).map(" ".join)
ANY = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["sms", "post", "ms"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
).map(json.dumps)
WHOLE = st.integers(-(2**65), 2**65).map(str)
SPELLED = st.builds(
    lambda time, zone, at, sign: json.dumps((whole := time.isoformat() + zone)[:at] + sign + whole[at + len(sign) :]),
    st.datetimes(),
    st.sampled_from(["", "Z", "+08:00", "-0330"]),
    st.integers(0, 40),
    st.sampled_from(["", "", *"0369", "-", " ", "T", "Z"]),
)
USUALLY = st.fixed_dictionaries(
    {
        "text": TEXTS.map(json.dumps),
        **{name: st.sampled_from(['"1"', '"é"', '""', "5", "null"]) | WHOLE for name in ("id", "user", "channel")},
    },
    optional={
        "time": st.sampled_from(["1785542400000", "5", "0", "null"]) | SPELLED,
        "ts": st.sampled_from(["1785542400", "0", "null"]),
        "lang": st.sampled_from(['"ms"', '""', "null"]),
        "surface": st.sampled_from([*map(json.dumps, PLACES), "null"]),
    },
)
EVENTS = st.builds(
    lambda usual, others: "{" + ",".join(f'"{name}":{part}' for name, part in [*usual.items(), *others]) + "}",
    USUALLY,
    st.lists(st.tuples(st.sampled_from(NAMES), ANY), max_size=2),
)
BENT = st.builds(lambda text, at, sign: text[:at] + sign + text[at:], EVENTS, st.integers(0, 300), st.characters())
VALUES = st.lists((EVENTS | EVENTS | EVENTS | BENT).map(lambda text: text.encode("utf-8", "surrogatepass")), max_size=5)


@settings(max_examples=250, deadline=None)
@given(VALUES)
def test_events_of_any_shape_end_as_they_do_without(values: list[bytes]) -> None:
    scans = both()
    same(scans, rows(values))
    for value in values:
        same(scans, rows([value]))


@pytest.mark.parametrize(
    "source",
    [
        SourceSpec("s", "messages", surface="sms", lang="ms"),
        SourceSpec("s", "messages", surface="private_chat"),
        SourceSpec("s", "messages", surface="private_chat", private_chat=True),
        SourceSpec("s", "messages", surface="post", lang="ms", tenant="t"),
        SourceSpec("s", "messages", time_unit="rfc3339"),
        SourceSpec("s", "messages", time_unit="s"),
        SourceSpec("s", "messages", format="text"),
        SourceSpec("s", "messages", fields=Fields(text=(("body",),))),
        SourceSpec("s", "messages", surface_map={"x": "sms"}),
        SourceSpec("s", "messages", surface_map={"x": "private_chat"}),
        SourceSpec("s", "messages", surface_map={"x": "private_chat"}, private_chat=True),
        SourceSpec("s", "messages", surface_map={"x": "ad", "": "post", "sms": "post", "comment": "private_chat"}),
        SourceSpec("s", "messages", surface="post", surface_map={"x": "post", "post": "comment", "ad": "sms"}),
    ],
    ids=str,
)
def test_what_holds_of_a_source_holds_of_its_events(source: SourceSpec) -> None:
    scans = both(replace(default_rules(), sources={"messages": source}))
    values = [
        event(),
        event(surface="x"),
        event(surface="post"),
        event(surface="comment"),
        event(surface="ad"),
        event(surface="sms"),
        event(surface="odd"),
        event(surface=""),
        event(surface="private_chat"),
        event(surface="private_chat", text=f"lihat akaun {LINK}"),
        event(surface="x", text=f"lihat akaun {LINK}"),
        event(text=f"lihat akaun {LINK}"),
        event(text="a"),
        event(text=LINK, lang="en"),
        event(text=LINK, tenant="u"),
        event(time="2026-08-01T00:00:00Z"),
        event(time=..., ts=1.5),
        event(time=...),
    ]
    same(scans, rows(values))


@pytest.mark.parametrize(
    "bounds", [Bounds(value=150), Bounds(text=20), Bounds(links=1), Bounds(link=20), Bounds(signs=9)]
)
def test_what_is_beyond_a_bound_is_beyond_it(bounds: Bounds) -> None:
    values = [event(), event(text=f"{LINK} {LINK}b"), event(text=LINK), event(text="a" * 60), event(text="a")]
    same(both(replace(default_rules(), bounds=bounds)), rows(values))


def test_what_an_sms_adds_to_a_link_is_not_known_of_it() -> None:
    scans = both()
    first, then = (same(scans, rows([event(surface=surface, lang="ms")])) for surface in ("sms", ""))
    assert len(first[0].judged[0].live) == len(then[0].judged[0].live) + 1


def test_a_link_that_poses_as_a_brand_is_asked_about_beside_each_text() -> None:
    link = "https://www.google-hosting.example/tylos/"
    scans = both()
    first, then = (same(scans, rows([event(text=text)])) for text in (f"lihat {link}", f"Google lihat {link}"))
    checks = [{finding.check for finding in outcome.judged[0].live} for outcome in (*first, *then)]
    assert ["brand_in_text" in found for found in checks] == [False, True]


def test_a_link_that_a_new_list_names_is_flagged_though_it_was_learnt_clean() -> None:
    native, plain = line(True), line(False)
    listed = lists_from([Entry("feed-a", "url", "pay.example/a")])
    for lists, kind in ((NO_LISTS, "clean"), (listed, "flagged"), (NO_LISTS, "clean")):
        (outcome,) = same((native(lists), plain(lists)), rows([event()]))
        assert outcome.kind == kind


def test_checks_that_are_off_say_nothing_and_speak_again_when_they_are_on() -> None:
    native, plain = line(True), line(False)
    modes = default_rules().modes
    for off in (frozenset[str](), frozenset(modes), frozenset({"url_model"}), frozenset[str]()):
        same((native(NO_LISTS, off), plain(NO_LISTS, off)), rows([event(), event(text=f"akaun digantung {LINK}")]))


def always(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    return Finding("always", "url", 1.0, message.text)


def failing(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
    raise ValueError


@pytest.mark.parametrize("check", [always, failing])
def test_a_check_that_needs_no_cue_is_asked_about_every_message(check: Callable[..., Finding | None]) -> None:
    loaded = load()
    checks = Checks(loaded.host, loaded.link, (*loaded.message, ("always", check, ALWAYS)))
    scans = line(True, None, checks)(NO_LISTS), line(False, None, checks)(NO_LISTS)
    same(scans, rows([event(), event(text=f"other {LINK}")]))
    off = frozenset({"always"})
    scans = line(True, None, checks)(NO_LISTS, off), line(False, None, checks)(NO_LISTS, off)
    same(scans, rows([event()]))


def test_a_link_on_which_a_check_fails_is_asked_about_each_time() -> None:
    def of_link(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
        raise ValueError

    loaded = load()
    checks = Checks(loaded.host, (*loaded.link, ("of_link", of_link, ALWAYS)), loaded.message)
    (outcome,) = same((line(True, None, checks)(NO_LISTS), line(False, None, checks)(NO_LISTS)), rows([event()]))
    assert outcome.judged[0].errors == ("of_link",)


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        ("CACHED_LINKS", "https://pay{}.example/"),
        ("TEXTS_KEPT", f"lihat akaun nombor {{}} {LINK}"),
        ("TOLD_KEPT", "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log{}.example/"),
    ],
)
def test_what_is_learnt_is_bounded(bound: str, text: str, monkeypatch: pytest.MonkeyPatch, entered: Entered) -> None:
    monkeypatch.setattr(shortcut, bound, 2)
    scan = line(True)(NO_LISTS)
    first, second, third = (event(text=text.format(number)) for number in range(3))
    assert entered.by(scan, first, second, first, second) == 2
    assert entered.by(scan, third, third) == 1
    assert entered.by(scan, first) == 1  # the third threw the others out


@pytest.mark.parametrize(
    "text",
    [
        f"lihat akaun {LINK}",  # it gives a cue
        "jumpa di kedai.test esok",  # no scheme
        "kedai [.] test ya",
        f"{LINK} dan {LINK}/lain",
        f"é akaun {LINK}",
        "lain kali .tapi bukan esok",
        "baca README.md dulu",  # no link after all
        f"lihat akaun {LINK} " + "ya " * 20_000,
        "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log.example/",  # flagged
        f"http://{TEST_HOST}/",
    ],
)
def test_a_text_that_was_judged_passes_whoever_sends_it(text: str, entered: Entered) -> None:
    scan = line(True)(NO_LISTS)
    assert entered.by(scan, event(text=text), event(text=text, user="v", id="2", time=1_785_542_400_001)) <= 1
    assert entered.by(scan, event(text=text)) == 0
    values = [event(text=text, user=user, channel=user, id=user) for user in "abc"]
    same(both(), rows(values))


@pytest.mark.parametrize(
    "text",
    [f"lihat akaun {LINK}", "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log.example/"],
    ids=["clean", "flagged"],
)
def test_a_text_is_judged_anew_in_another_language_or_on_another_surface(text: str, entered: Entered) -> None:
    scan = line(True)(NO_LISTS)
    spoken: list[dict[str, object]] = [
        {},
        {"lang": "ta"},
        {"surface": "post"},
        {"surface": "ad"},
        {"surface": "sms"},
    ]
    values = [event(text=text, **more) for more in spoken]
    assert entered.by(scan, *values) == 5
    assert entered.by(scan, *values, event(text=text, surface="other")) == 1  # the SMS
    same(both(), rows([*values, event(text=text, lang="ms")]))


@pytest.mark.parametrize("weight", [0.1, 20.0], ids=["clean", "flagged"])
def test_what_a_check_says_of_a_surface_is_said_on_no_other(weight: float) -> None:
    def of_ads(link: Link, message: Message, facts: HostFacts, rules: Rules) -> Finding | None:
        return Finding("of_ads", "lure", weight, message.surface) if message.surface in ("ad", "post") else None

    loaded, rules = load(), default_rules()
    checks = Checks(loaded.host, loaded.link, (*loaded.message, ("of_ads", of_ads, LURE | SERVICE)))
    rules = replace(rules, modes={**rules.modes, "of_ads": "live"})
    scans = line(True, rules, checks)(NO_LISTS), line(False, rules, checks)(NO_LISTS)
    values = [event(text=f"lihat akaun {LINK}", surface=surface) for surface in ("comment", "ad", "", "post")]
    outcomes = same(scans, rows(values))
    said = [[each.reason for each in outcome.judged[0].live if each.check == "of_ads"] for outcome in outcomes]
    assert said == [[], ["ad"], [], ["post"]]
    assert (outcomes[1].kind == "flagged") == (weight > 1)
    for value in values:
        same(scans, rows([value]))


def test_a_flagged_text_tells_of_each_message_that_holds_it() -> None:
    text = "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log.example/"
    senders = [event(text=text, user=user, id=user, permalink=f"p{user}", lang="ms") for user in "abc"]
    outcomes = same(both(), rows([event(), *senders, event(text="hai")]))
    assert [outcome.kind for outcome in outcomes] == ["clean", "flagged", "flagged", "flagged", "clean"]
    assert len({outcome.alerts[0].id for outcome in outcomes[1:4]}) == 3


def test_what_is_told_keeps_the_order_of_its_records() -> None:
    text = "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log{}.example/"
    scan = line(True)(NO_LISTS)
    scan(rows([event(text=text.format(1))]))
    texts = [text.format(2), text.format(1), "hai", text.format(3), text.format(1), f"lihat {LINK}"]
    told = scan.tell(rows([event(text=each, id=each) for each in texts]), None)
    assert [at for at, _ in told] == [0, 1, 3, 4, 5]
    assert [outcome.message and outcome.message.text for _, outcome in told] == [texts[at] for at, _ in told]


def test_a_remembered_text_whose_end_fails_is_dead_and_its_neighbours_live(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing_for(rules: Rules, lists: Lists) -> report.Ending:
        end = report.ending_for(rules, lists)

        def ending(record: Record, message: Message, *more: Any) -> Outcome:
            if message.id == "fails":
                raise ValueError
            return end(record, message, *more)

        return ending

    monkeypatch.setattr(pipeline, "ending_for", failing_for)
    text = "akaun Maybank anda digantung, sahkan TAC segera di https://maybank-log.example/"
    values = [event(text=text, id=name) for name in ("a", "fails", "b")]
    outcomes = same((line(True)(NO_LISTS), line(False)(NO_LISTS)), rows(values))
    assert [outcome.kind for outcome in outcomes] == ["flagged", "dead", "flagged"]


def test_long_addresses_are_remembered_with_their_text_alone(entered: Entered) -> None:
    address, scan = LINK + "/barang" * 30, line(True)(NO_LISTS)
    long, again = event(text=address), event(text="ya " + address)
    assert scan(rows([long]))[0].kind == "clean"
    assert entered.by(scan, long, long, again, again) == 1


@pytest.mark.parametrize("links", [" ".join(f"{LINK}{n}" for n in range(20)), f"akaun {LINK}{'b' * 900}"])
def test_texts_whose_links_would_fill_memory_are_not_remembered(links: str, entered: Entered) -> None:
    assert entered.by(line(True)(NO_LISTS), event(text=links), event(text=links)) == 2


def test_each_topic_has_its_own() -> None:
    posts, chats = (
        SourceSpec("p", "messages", surface="post"),
        SourceSpec("c", "chats", surface="group_chat", lang="ms"),
    )
    scans = both(replace(default_rules(), sources={"messages": posts, "chats": chats}))
    for topic, surface in (("messages", "post"), ("chats", "group_chat"), ("messages", "post")):
        (outcome,) = same(scans, [Row(event(), 0, topic)])
        assert outcome.message is not None
        assert outcome.message.surface == surface
