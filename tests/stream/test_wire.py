"""Records to messages: every kind of garbage ends as design says, names the field, and leaves its neighbours alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.bounds import Bounds
from stream.mapping import Fields, LinkPointer, Only, SourceSpec, of_milliseconds, pointer, rfc3339
from stream.model import GivenLink, Malformed, Message, Skipped
from stream.wire import decoder

BOUNDS = Bounds()
PLAIN = SourceSpec("kawan", "messages")


class Given(msgspec.Struct, frozen=True):
    """A record with just what decoding looks at."""

    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    topic: str = "messages"
    partition: int = 0
    offset: int = 7
    timestamp: int = 1_785_542_400_000
    key: bytes | None = None


DEAD = [
    (b"", "value is not JSON", "value"),
    (b"hello", "value is not JSON", "value"),
    (b"{", "value is not JSON", "value"),
    (b"\xff\xfe", "value is not UTF-8", "value"),
    (b'{"text":"caf\xe9"}', "value is not UTF-8", "value"),
    (b"[1]", "value is not a JSON object", "value"),
    (b'"text"', "value is not a JSON object", "value"),
    (b'{"text":5}', "text is not a string", "/text"),
    (b'{"text":["a"]}', "text is not a string", "/text"),
    (b'{"text":true}', "text is not a string", "/text"),
    (b'{"text":"a"}\n{"text":"b"}', "value is not JSON", "value"),
    (b"[" * 10_000, "value is nested too deep", "value"),
    (b'{"text":"a","x":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "value is nested too deep", "value"),
    (b'{"text":"' + b"a" * 2_000_000 + b'"}', "value is larger than the limit", "value"),
]
SKIPPED = [
    (None, "null_value"),
    (b"{}", "no_text"),
    (b'{"text":null}', "no_text"),
    (b'{"text":""}', "no_text"),
    (b'{"text":"a","surface":"private_chat"}', "private_chat"),
]
READ = [
    (b'{"text":"a"}', Message("a")),
    (b'{"text":"a","id":5}', Message("a", id="5")),
    (b'{"text":"a","id":-123456789012345678901234567890}', Message("a", id="-123456789012345678901234567890")),
    (b'{"text":"a","id":1.5}', Message("a", ignored=("id",))),
    (b'{"text":"a","id":true}', Message("a", ignored=("id",))),
    (b'{"text":"a","user":[1],"channel":9}', Message("a", channel="9", ignored=("user",))),
    (b'{"text":"a","surface":"moon"}', Message("a", ignored=("surface",))),
    (b'{"text":"a","surface":"sms","lang":"ms"}', Message("a", surface="sms", lang="ms")),
    (b'{"text":"a","ts":1785542400}', Message("a", time=1785542400)),
    (b'{"text":"a","time":"2026-08-01T00:00:00Z"}', Message("a", time="2026-08-01T00:00:00Z")),
    (b'{"text":"a","time":"yesterday"}', Message("a", ignored=("time",))),
    (b'{"text":"a","time":"9999-12-31T23:59:59Z"}', Message("a", time="9999-12-31T23:59:59Z")),
    (b'{"text":"a","time":"9999-12-31T23:59:59-08:00"}', Message("a", ignored=("time",))),
    (b'{"text":"a","time":"0001-01-01T00:00:00+08:00"}', Message("a", ignored=("time",))),
    (b'{"text":"a","ts":1e300}', Message("a", ignored=("time",))),
    (b'{"text":"a","ts":true}', Message("a", ignored=("time",))),
    (b'{"links":["x.example"]}', Message("", links=(GivenLink("x.example"),))),
    (
        b'{"text":"a","links":[{"url":"u","label":"l"},3]}',
        Message("a", links=(GivenLink("u", "l"),), ignored=("links",)),
    ),
    (b'{"text":"cut \\ud83d"}', Message("cut �")),
    (b'{"text":"kept \\ud83d\\ude00"}', Message("kept 😀")),
    (b'{"text":"a\\u0000b"}', Message("a\x00b")),
    (b'  {"text":"a"}  ', Message("a")),
]  # fmt: skip


@pytest.mark.parametrize(("value", "reason", "field"), DEAD)
def test_unreadable_values_are_dead_and_name_the_field(value: bytes, reason: str, field: str) -> None:
    assert decoder(PLAIN, BOUNDS)([Given(value)]) == [Malformed(reason, field)]


@pytest.mark.parametrize(("value", "reason"), SKIPPED)
def test_values_that_are_not_ours_are_skipped(value: bytes | None, reason: str) -> None:
    assert decoder(PLAIN, BOUNDS)([Given(value)]) == [Skipped(reason)]


@pytest.mark.parametrize(("value", "message"), READ)
def test_readable_values(value: bytes, message: Message) -> None:
    assert decoder(PLAIN, BOUNDS)([Given(value)]) == [message]


@pytest.mark.parametrize("value", [row[0] for row in [*DEAD, *SKIPPED, *READ]])
def test_neighbours_are_unaffected(value: bytes | None) -> None:
    decode = decoder(PLAIN, BOUNDS)
    before, middle, after = decode([Given(b'{"text":"b","id":"1"}'), Given(value), Given(b'{"text":"c","id":"2"}')])
    assert (before, after) == (Message("b", id="1"), Message("c", id="2"))
    assert [middle] == decode([Given(value)])


def test_no_reason_quotes_content() -> None:
    for value, *_ in DEAD:
        [result] = decoder(PLAIN, BOUNDS)([Given(value + b"geheim" if len(value) < 100 else value)])
        assert "geheim" not in str(result)


VALUES = st.one_of(
    st.none(), st.binary(max_size=30), st.sampled_from([row[0] for row in DEAD + READ if len(row[0]) < 99])
)


@given(st.lists(VALUES, max_size=8))
def test_a_chunk_reads_as_its_records_do_one_by_one(values: list[bytes | None]) -> None:
    decode = decoder(PLAIN, BOUNDS)
    assert decode([Given(value) for value in values]) == [decode([Given(value)])[0] for value in values]


USUAL = {"text": "a", "id": "1", "user": "u", "channel": "c", "ts": 5}
PARTS = [
    ({}, Message("a", "1", 5, "u", "c")),
    ({"lang": "ms", "permalink": "p"}, Message("a", "1", 5, "u", "c", lang="ms", permalink="p")),
    ({"time": 6}, Message("a", "1", 6, "u", "c")),
    ({"ts": None, "timestamp": 7}, Message("a", "1", 7, "u", "c")),
    ({"ts": 0}, Message("a", "1", "", "u", "c")),
    ({"ts": -1}, Message("a", "1", "", "u", "c", ignored=("time",))),
    ({"time": "x"}, Message("a", "1", "", "u", "c", ignored=("time",))),
    ({"id": None, "user": 8}, Message("a", "", 5, "8", "c")),
    ({"tenant": 0}, Message("a", "1", 5, "u", "c", tenant="0")),
    ({"surface": "sms"}, Message("a", "1", 5, "u", "c", surface="sms")),
    ({"surface": "", "links": []}, Message("a", "1", 5, "u", "c")),
    ({"text": "", "links": ["x.example"]}, Message("", "1", 5, "u", "c", links=(GivenLink("x.example"),))),
    ({"text": ""}, Skipped("no_text")),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "expected"), PARTS)
def test_an_event_as_most_are_with_one_part_changed(parts: dict[str, object], expected: Message | Skipped) -> None:
    value = json.dumps(USUAL | parts).encode()
    assert decoder(PLAIN, BOUNDS)([Given(value), Given(value)]) == [expected, expected]


def test_an_event_as_most_are_takes_what_the_source_says() -> None:
    value = Given(json.dumps(USUAL).encode())
    source = SourceSpec("kawan", "messages", surface="sms", lang="ta", tenant="t")
    assert decoder(source, BOUNDS)([value]) == [Message("a", "1", 5, "u", "c", "sms", "ta", tenant="t")]
    assert decoder(replace(source, surface="private_chat"), BOUNDS)([value]) == [Skipped("private_chat")]
    spelled = replace(source, time_unit="rfc3339")
    assert decoder(spelled, BOUNDS)([value]) == [
        Message("a", "1", "", "u", "c", "sms", "ta", tenant="t", ignored=("time",))
    ]


NESTED = SourceSpec(
    "pasar",
    "listings",
    fields=Fields(
        text=(pointer("/post/title"), pointer("/post/body")),
        id=(pointer("/post/uuid"),),
        links=(LinkPointer(pointer("/card/url"), pointer("/card/text")),),
        only=Only(pointer("/type"), frozenset({"listing"})),
    ),
    surface="listing",
    surface_map={"dm": "private_chat"},
)
MAPPED = [
    ({"type": "listing", "post": {"title": "A", "body": "B", "uuid": 4}}, Message("A\nB", id="4", surface="listing")),
    ({"type": "listing", "post": {"title": "A", "body": 5}}, Malformed("text is not a string", "/post/body")),
    ({"type": "like", "post": {"title": "A"}}, Skipped("not_in_only")),
    ({"type": "listing", "surface": "dm", "post": {"title": "A"}}, Skipped("private_chat")),
    ({"type": "listing"}, Skipped("no_text")),
    (
        {"type": "listing", "card": {"url": "u", "text": "t"}},
        Message("", surface="listing", links=(GivenLink("u", "t"),)),
    ),
]


@pytest.mark.parametrize(("document", "expected"), MAPPED)
def test_mapping(document: object, expected: object) -> None:
    assert decoder(NESTED, BOUNDS)([Given(json.dumps(document).encode())]) == [expected]


def test_plain_text_values() -> None:
    source = SourceSpec("sms", "sms", format="text", surface="sms")
    decode = decoder(source, BOUNDS)
    assert decode([Given(b"hi"), Given(b"\xff"), Given(b"")]) == [
        Message("hi", surface="sms"), Malformed("value is not UTF-8", "value"), Skipped("no_text"),
    ]  # fmt: skip


def test_cloudevents_take_id_and_time_from_the_headers() -> None:
    source = SourceSpec("ce", "ce", format="cloudevents")
    headers = [("ce_id", b"e-1"), ("ce_time", b"2026-08-01T00:00:00Z")]
    expected = Message("a", id="e-1", time="2026-08-01T00:00:00Z")
    assert decoder(source, BOUNDS)([Given(b'{"text":"a"}', headers)]) == [expected]
    plain = [*headers, ("content-type", b"text/plain")]
    assert decoder(source, BOUNDS)([Given(b"a", plain)]) == [expected]


TIMES = [
    (1785542400, "auto", "2026-08-01T00:00:00.000Z"),
    (1785542400123, "auto", "2026-08-01T00:00:00.123Z"),
    (1785542400, "ms", "1970-01-21T15:59:02.400Z"),
    ("2026-08-01T08:00:00+08:00", "auto", "2026-08-01T00:00:00.000Z"),
    ("2026-08-01T00:00:00", "rfc3339", "2026-08-01T00:00:00.000Z"),
]


@given(st.integers(0, 4_102_444_800_000))  # to the year 2100
def test_counts_are_spelled_to_the_millisecond(count: int) -> None:
    spelled = datetime.fromtimestamp(count / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert rfc3339(count, "ms") == of_milliseconds(count) == spelled
    assert rfc3339(count // 1000, "s") == spelled[:-4] + "000Z"


@pytest.mark.parametrize(("value", "unit", "expected"), TIMES)
def test_times(value: str | int, unit: str, expected: str) -> None:
    assert rfc3339(value, unit) == expected  # type: ignore[arg-type]  # the table's units are plain strings
