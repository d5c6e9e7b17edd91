"""One suite over both: lists in a dict say what the mapped index must answer, layer upon layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stream.canonical import canonicalize
from stream.lists.compile import compiled
from stream.lists.entries import Entry
from stream.lists.index import IndexedLists
from stream.lists.layer import BrokenError, Layer
from stream.lists.memory import lists_from
from stream.model import Link, Lists

Made = Callable[[Sequence[Entry]], Lists]


def _indexed(entries: Sequence[Entry]) -> Lists:
    return IndexedLists((Layer(compiled(lambda: entries)),), "indexed")


def _layered(entries: Sequence[Entry]) -> Lists:
    """The first half as base, the rest in a delta that also takes back what the base held too much."""
    half = len(entries) // 2
    too_much = [Entry("f0", "domain", "example.test"), Entry("f1", "url", "a.example.test/pay")]
    extra = [entry for entry in too_much if not _has(entries, entry)]
    removed = [Entry(entry.feed, entry.kind, entry.key, "removed") for entry in extra]
    base, delta = [*entries[:half], *extra], [*removed, *entries[half:]]
    return IndexedLists((Layer(compiled(lambda: base)), Layer(compiled(lambda: delta, 1))), "layered")


def _has(entries: Sequence[Entry], wanted: Entry) -> bool:
    return any((each.feed, each.kind, each.key) == (wanted.feed, wanted.kind, wanted.key) for each in entries)


MAKERS: dict[str, Made] = {"memory": lists_from, "indexed": _indexed, "layered": _layered}

ENTRIES = [
    Entry("f0", "domain", "d.test"),
    Entry("f0", "host", "h.test"),
    Entry("f0", "url", "u.test/pay"),
    Entry("f1", "url", "u.test/pay"),
    Entry("f0", "url", "u.test/q?a=1"),
    Entry("f0", "prefix", "p.test/x"),
    Entry("f0", "prefix", "p.test/dir/"),
    Entry("f0", "domain", "203.0.113.9"),
    Entry("f0", "url", "deep.u.test/"),
    Entry("own", "host", "ok.d.test", "allow"),
    Entry("f0", "prefix", "d.test/a"),
]

# link, and which entries cover it, longest first
COVERED: list[tuple[str, list[str]]] = [
    ("d.test", ["d.test"]),
    ("http://D.test:8080/any?x#y", ["d.test"]),
    ("a.b.d.test", ["d.test"]),
    ("nod.test", []),
    ("d.test.other", []),
    ("ok.d.test/z", ["ok.d.test", "d.test"]),
    ("h.test/x", ["h.test"]),
    ("www.h.test", ["h.test"]),
    ("a.h.test", []),
    ("u.test/pay", ["u.test/pay", "u.test/pay"]),
    ("www.u.test/%70ay?utm=1", ["u.test/pay", "u.test/pay"]),
    ("u.test/pay/", ["u.test/pay", "u.test/pay"]),
    ("u.test/payment", []),
    ("u.test/pay/more", []),
    ("a.u.test/pay", []),
    ("u.test/PAY", []),
    ("u.test/q?a=1", ["u.test/q?a=1"]),
    ("u.test/q?a=12", []),
    ("u.test/q", []),
    ("u.test", []),
    ("p.test/x", ["p.test/x"]),
    ("p.test/x/y", ["p.test/x"]),
    ("p.test/xy", []),
    ("sub.p.test/x?y", ["p.test/x"]),
    ("p.test/dir/y", ["p.test/dir/"]),
    ("p.test/dir", []),
    ("203.0.113.9/x", ["203.0.113.9"]),
    ("a.d.test/a/b", ["d.test/a", "d.test"]),
    ("deep.u.test", ["deep.u.test/"]),
    ("deep.u.test/x", []),
]


def _link(url: str) -> Link:
    link = canonicalize(url)
    assert link is not None
    return link


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(("url", "keys"), COVERED)
def test_what_an_entry_covers(name: str, url: str, keys: list[str]) -> None:
    assert [hit.entry for hit in MAKERS[name](ENTRIES).find(_link(url))] == keys


_HOSTS = st.sampled_from(["example.test", "a.example.test", "b.a.example.test", "www.example.test", "other.test"])
_PATHS = st.sampled_from(["/", "/pay", "/pay/", "/pay/x", "/payment", "/pay?x=1", "/?x", "/pay?x=1&y=2"])


@st.composite
def _entry(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(["url", "prefix", "host", "domain"]))
    key = draw(_HOSTS) + (draw(_PATHS) if kind in ("url", "prefix") else "")
    action = draw(st.sampled_from(["block", "block", "allow"]))
    return Entry(draw(st.sampled_from(["f0", "f1"])), kind, key, action)  # type: ignore[arg-type]  # sampled literals


@given(st.lists(_entry(), max_size=12, unique_by=lambda each: (each.feed, each.kind, each.key)), _HOSTS, _PATHS)
@example(
    [Entry("f0", "prefix", "example.test/pay/"), Entry("f0", "prefix", "b.a.example.test/")],
    "b.a.example.test",
    "/pay/",
)  # as long as each other
@settings(max_examples=300, deadline=None)
def test_the_index_answers_as_the_dict(entries: list[Entry], host: str, path: str) -> None:
    link = _link(f"http://{host}{path}")
    expected = lists_from(entries).find(link)
    assert _indexed(entries).find(link) == expected
    assert _layered(entries).find(link) == expected


_LABELS = st.lists(st.sampled_from(["a", "b", "my", "", "com", "9", "é"]), min_size=1, max_size=6)


@given(_LABELS, st.integers(0, 5))
@example(["localhost"], 0)
@example(["a", "b", "com", "my"], 3)
def test_no_host_at_or_below_a_listed_one_is_passed_over(labels: list[str], above: int) -> None:
    listed = ".".join(labels[min(above, len(labels) - 1) :])
    layer = Layer(compiled(lambda: [Entry("f", "domain", listed), Entry("f", "host", "other.test")]))
    assert not layer.passes_over(".".join(labels))


def test_a_set_that_an_earlier_version_compiled_is_asked_about_every_host() -> None:
    made = compiled(lambda: ENTRIES).replace(b'"hosts"', b'"hostz"')
    assert not Layer(made).passes_over("unlisted.invalid")
    assert [hit.entry for hit in IndexedLists((Layer(made),)).find(_link("a.b.d.test"))] == ["d.test"]


def test_hosts_that_nothing_covers_are_told_without_the_trie() -> None:
    layer = Layer(compiled(lambda: ENTRIES))
    passed = [layer.passes_over(f"w{number}.kedai{number}.invalid") for number in range(1_000)]
    assert sum(passed) > 700


def test_a_paused_feed_covers_nothing() -> None:
    lists = IndexedLists((Layer(compiled(lambda: ENTRIES)),), paused=frozenset({"f0"}))
    assert [hit.feed for hit in lists.find(_link("u.test/pay"))] == ["f1"]


@pytest.mark.parametrize("cut", [0, 1, 15, 16, 100, -1, -8, -20])
def test_a_file_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(BrokenError):
        Layer(compiled(lambda: ENTRIES)[:cut])


def test_times_come_back() -> None:
    entries = [Entry("f", "url", "a.test/x", listed_at="2026-01-02T03:04:05Z"), Entry("f", "domain", "b.test")]
    by_day, by_second = (IndexedLists((Layer(compiled(lambda: entries, unit)),)) for unit in (86_400, 1))
    assert by_day.find(_link("a.test/x"))[0].listed_at == "2026-01-02"
    assert by_second.find(_link("a.test/x"))[0].listed_at == "2026-01-02T03:04:05Z"
    assert by_day.find(_link("b.test"))[0].listed_at == ""


def test_many_threats_and_feeds_are_kept_apart() -> None:
    entries = [Entry(f"feed{number}", "domain", "a.test", threat=f"t{number}") for number in range(200)]
    hits = _indexed(entries).find(_link("a.test"))
    assert {(hit.feed, hit.threat) for hit in hits} == {(entry.feed, entry.threat) for entry in entries}
