"""Every list format: what its entries become, and which lines are bad."""

from __future__ import annotations

from pathlib import Path

import pytest

from stream.canonical import canonicalizer
from stream.links import find_links
from stream.lists.formats import FORMATS, ParseOptions, UnreadableError, parse, sniff
from stream.lists.memory import lists_from
from stream.suffixes import bundled

canonicalize = canonicalizer(bundled())
Rows = list[tuple[str, str]]

SAMPLES = Path(__file__).parent / "samples"

# format, sample, entries as (kind, key), number of bad lines
CASES: list[tuple[str, str, Rows, int]] = [
    (
        "plain",
        "plain.txt",
        [
            ("domain", "a.test"),
            ("url", "b.test/pay"),
            ("domain", "c.test"),
            ("domain", "d.test"),
            ("prefix", "e.test/x/"),
            ("url", "f.test/y"),
            ("host", "203.0.113.9"),
            ("host", "g.test"),
        ],
        2,
    ),
    ("hosts", "hosts.txt", [("host", "a.test"), ("host", "b.test")], 1),
    ("tsv", "tsv.tsv", [("url", "a.test/1"), ("domain", "b.test")], 1),
    (
        "adblock",
        "adblock.txt",
        [
            ("domain", "a.test"),
            ("prefix", "b.test/pay"),
            ("url", "c.test/x"),
            ("domain", "d.test"),
            ("domain", "i.test"),
        ],
        4,
    ),
    ("rpz", "rpz.txt", [("host", "a.test"), ("domain", "b.test"), ("host", "c.test")], 1),
    ("csv", "csv.csv", [("url", "a.test/x,y"), ("domain", "b.test")], 1),
    ("json", "json.json", [("url", "a.test/x"), ("domain", "b.test")], 1),
    ("misp", "misp.json", [("domain", "a.test"), ("domain", "b.test")], 0),
    ("misp", "misp2.json", [], 1),
    (
        "stix",
        "stix.json",
        [("url", "a.test/x?y='1"), ("domain", "b.test"), ("host", "203.0.113.7"), ("url", "c.test/z")],
        1,
    ),
    ("urlhaus", "urlhaus.csv", [("url", "a.test/x.apk")], 1),
    ("urlhaus", "urlhaus2.json", [("url", "a.test/x")], 0),
    ("certpl", "certpl.json", [("domain", "a.test")], 1),
    ("bank_negara", "bank_negara.json", [("host", "a.test"), ("url", "t.me/group1"), ("domain", "b.test")], 0),
    (
        "securities_commission",
        "securities_commission.html",
        [("host", "isl.test"), ("url", "t.me/Fake%20Group"), ("domain", "two.test"), ("domain", "three.test")],
        0,
    ),
]


def _sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


@pytest.mark.parametrize(("format", "sample", "entries", "bad"), CASES)
def test_entries_and_bad_lines(format: str, sample: str, entries: Rows, bad: int) -> None:
    parsed = parse(format, _sample(sample), ParseOptions(canonicalize))
    assert [(entry.kind, entry.key) for entry in parsed.entries] == entries
    assert parsed.bad_count == bad == len(parsed.bad_lines)


def test_every_format_has_a_case() -> None:
    assert {case[0] for case in CASES} == set(FORMATS)


@pytest.mark.parametrize(("format", "sample"), [(case[0], case[1]) for case in CASES if case[2]])
def test_a_file_given_by_hand_is_recognised(format: str, sample: str) -> None:
    assert sniff(_sample(sample)) == format


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"securities_commission"}))
def test_a_web_page_is_no_list(format: str) -> None:
    with pytest.raises(UnreadableError):
        parse(format, b"<!doctype html><html><title>Sign in</title></html>", ParseOptions(canonicalize))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "content", [b"", b"\0" * 100, b"\xff\xfe\xfd\n" * 5, b"{", b'{"list": 5, "objects": 5, "data": 5}', b"[" * 5000]
)
def test_nonsense_is_refused_or_counted(format: str, content: bytes) -> None:
    try:
        entries = parse(format, content, ParseOptions(canonicalize)).entries
    except UnreadableError:
        entries = []
    assert not entries


@pytest.mark.parametrize(
    ("kinds", "line", "kind", "key"),
    [
        ("domain", "https://a.test/x", "domain", "a.test"),
        ("host", "a.test", "host", "a.test"),
        ("prefix", "https://a.test/x", "prefix", "a.test/x"),
        ("url", "https://a.test/x", "url", "a.test/x"),
        ("url", "https://a.test/", "host", "a.test"),
        ("url", "https://a.test/?a=1&amp;b=2", "url", "a.test/?a=1&b=2"),
        ("url", "https://a.test/?q=1", "url", "a.test/?q=1"),
        ("domain", "203.0.113.5", "host", "203.0.113.5"),
        ("auto", "www.gov.my", "domain", "www.gov.my"),
        ("auto", "http://[2001:db8::1]/x", "url", "[2001:db8::1]/x"),
        ("auto", "http://xn--bcher-kva.test/", "host", "xn--bcher-kva.test"),
    ],
)
def test_what_a_line_stands_for(kinds: str, line: str, kind: str, key: str) -> None:
    [entry] = parse("plain", line.encode(), ParseOptions(canonicalize, kinds=kinds)).entries  # type: ignore[arg-type]  # a table of literals
    assert (entry.kind, entry.key) == (kind, key)


@pytest.mark.parametrize(
    ("format", "content", "times"),
    [
        ("tsv", b"x\t2026-01-02\ta.test", ["2026-01-02"]),
        ("urlhaus", _sample("urlhaus.csv"), ["2026-01-02T03:04:05"]),
        ("stix", _sample("stix.json"), ["2026-01-01T00:00:00Z", "", "", ""]),
        (
            "securities_commission",
            _sample("securities_commission.html"),
            ["2022-09-29", "2022-09-29", "2023-04-05", "2023-04-05"],
        ),
        ("bank_negara", b'{"data": [{"websites": "a.test", "date": "2022/09/0029 Sep 2022"}]}', ["2022-09-29"]),
    ],
)
def test_when_it_was_listed(format: str, content: bytes, times: list[str]) -> None:
    assert [entry.listed_at for entry in parse(format, content, ParseOptions(canonicalize)).entries] == times


def test_exceptions_allow() -> None:
    parsed = parse("adblock", b"@@||a.test^\n", ParseOptions(canonicalize))
    assert [entry.action for entry in parsed.entries] == ["allow"]


# a line of a list, what it is kept as, and links as texts have them that it must cover
PUNCTUATED: list[tuple[str, str, list[str]]] = [
    ("http://a.test/x)", "a.test/x", ["http://a.test/x", "http://a.test/x)#top"]),
    ("http://a.test/c?u=f...", "a.test/c?u=f", ["http://a.test/c?u=f", "http://a.test/c?u=f...#top"]),
    ("http://a.test/gra/:down:", "a.test/gra/:down", ["http://a.test/gra/:down", "http://a.test/gra/:down:#x"]),
    ("http://a.test/wiki/A_(b)", "a.test/wiki/A_(b)", ["http://a.test/wiki/A_(b)"]),
    ("http://a.test/...", "a.test/", ["http://a.test/...", "http://a.test/", "http://a.test/?x=1"]),
    ("http://a.test/?", "a.test/", ["http://a.test/?", "http://a.test"]),
    ("http://a.test/.../*", "a.test/.../", []),
    ("http://a.test/x}", "a.test/x", ["http://a.test/x"]),
    ("http://a-dot-b.r.test/x", "a-dot-b.r.test/x", ["http://a-dot-b.r.test/x"]),  # a service on a shared platform
]


@pytest.mark.parametrize(("written", "key", "links"), PUNCTUATED)
def test_a_page_is_kept_as_far_as_links_go_in_a_text(written: str, key: str, links: list[str]) -> None:
    [entry] = parse("plain", written.encode(), ParseOptions(canonicalize)).entries
    assert entry.key == key
    for url in links:
        [found] = find_links(f"tengok {url} ok")
        link = canonicalize(found.url)
        assert link is not None
        assert lists_from([entry]).find(link), url
