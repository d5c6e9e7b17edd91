"""Links in texts: the tables of hidden links and of texts without any, and every form a link is written in."""

import re
import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.bounds import Bounds
from stream.canonical import canonicalize
from stream.letters import DIGITS
from stream.links import EMPTY, Links, careful, find_links, finder, reader
from stream.suffixes import bundled, from_lines

TABLES = Path(__file__).resolve().parent.parent / "tables"
ESCAPED = re.compile(r"\\(u[0-9a-f]{4}|n|\\)")


def rows(name: str) -> list[str]:
    lines = (TABLES / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("# ")]


def plain(text: str) -> str:
    return ESCAPED.sub(lambda m: {"n": "\n", "\\": "\\"}.get(m[1]) or chr(int(m[1][1:], 16)), text)


HIDDEN = [tuple(row.split("\t")) for row in rows("obfuscated_links.tsv")]
NO_LINKS = [plain(row) for row in rows("non_links.txt")]


def test_the_tables_are_as_large_as_promised() -> None:
    assert len(HIDDEN) >= 150
    assert len(NO_LINKS) >= 150


@pytest.mark.parametrize(("text", "key", "tricks"), HIDDEN)
def test_a_hidden_link_is_found_and_its_tricks_are_named(text: str, key: str, tricks: str) -> None:
    text = plain(text)
    (found,) = find_links(text)
    link = canonicalize(found.url)
    host, _, rest = key.partition("/")
    assert link is not None
    assert link.key == f"{host.lower()}/{rest}"
    assert found.rewrites == tuple(tricks.split())
    assert found.raw == text[found.start : found.end]


@pytest.mark.parametrize("text", NO_LINKS)
def test_nothing_is_found_where_nobody_sees_a_link(text: str) -> None:
    assert find_links(text) == ()


# text, what is found in it
WRITTEN = [
    # schemes and names
    ("semak di https://pay.example/a?b=1#c ya", ["https://pay.example/a?b=1#c"]),
    ("HTTP://PAY.EXAMPLE/A", ["HTTP://PAY.EXAMPLE/A"]),
    ("ftp://files.example/a.apk", ["ftp://files.example/a.apk"]),
    ("pay.example dan shop.test", ["pay.example", "shop.test"]),
    ("www.pay.example", ["www.pay.example"]),
    ("//pay.example/a", ["//pay.example/a"]),
    ("http://localhost:8000/x", ["http://localhost:8000/x"]),
    ("pay.com.my pay.co.id pay.gov.my", ["pay.com.my", "pay.co.id", "pay.gov.my"]),
    ("mypay.my", ["mypay.my"]),
    ("github.io dan a.github.io", ["github.io", "a.github.io"]),
    # ports and users
    ("pay.example:8443/a", ["pay.example:8443/a"]),
    ("pay.example: klik", ["pay.example"]),
    ("http://pay.example:99999/", []),
    ("https://bank.com.my@203.0.113.7/m2u", ["https://bank.com.my@203.0.113.7/m2u"]),
    ("bank.com.my@203.0.113.7/m2u", ["bank.com.my@203.0.113.7/m2u"]),
    ("http://user:pass@pay.example/", ["http://user:pass@pay.example/"]),
    # a dot after the last label is the root of all names
    ("lihat http://pay.example./a ya", ["http://pay.example./a"]),
    ("http://pay.example.:8080/a", ["http://pay.example.:8080/a"]),
    ("pay.example./a", ["pay.example./a"]),
    ("pay.example.", ["pay.example"]),
    ("http://pay.example.#jom", ["http://pay.example"]),
    ("lihat http://pay.example./*a ya", ["http://pay.example./*a"]),
    ("http://pay.example./:x:/a", ["http://pay.example./:x:/a"]),
    # underscores in names, which browsers open
    ("http://_dmarc.pay.example/a", ["http://_dmarc.pay.example/a"]),
    ("http://pay_rasmi.example/a", ["http://pay_rasmi.example/a"]),
    # what looks like a trick inside a path is a part of it
    ("http://pay.example/?u=https:/a.test", ["http://pay.example/?u=https:/a.test", "https:/a.test"]),
    ("http://pay.example/a,https:/b", ["http://pay.example/a,https:/b"]),
    ("http://pay.example/a%20(.zip", ["http://pay.example/a%20(.zip"]),
    ("http://pay.example/a,hxxp://shop.example/b", ["http://pay.example/a", "hxxp://shop.example/b"]),
    # a bracket that closes nothing
    ("http://pay.example/a2).html", ["http://pay.example/a2).html"]),
    ("(http://pay.example/a2).html", ["http://pay.example/a2"]),
    # number addresses
    ("http://203.0.113.7/a", ["http://203.0.113.7/a"]),
    ("203.0.113.7/a", ["203.0.113.7/a"]),
    ("http://3405803783/a", ["http://3405803783/a"]),
    ("http://0xcb.0.113.7/a", ["http://0xcb.0.113.7/a"]),
    ("http://0313.0.113.7/a", ["http://0313.0.113.7/a"]),
    ("http://[2001:db8::7]:80/a", ["http://[2001:db8::7]:80/a"]),
    ("klik 203.0.113.7", ["203.0.113.7"]),
    # where a link ends
    ("(pay.example/a)", ["pay.example/a"]),
    ("(lihat pay.example/a_(b))", ["pay.example/a_(b)"]),
    ("[pay.example/a]", ["pay.example/a"]),
    ('"https://pay.example/a"', ["https://pay.example/a"]),
    ('{"url":"https://pay.example/a","x":1}', ["https://pay.example/a"]),
    ("https://pay.example/a, https://pay.example/b; https://pay.example/c.", None),
    ("https://pay.example/a,https://pay.example/b", ["https://pay.example/a", "https://pay.example/b"]),
    ("https://pay.example/a!!!", ["https://pay.example/a"]),
    ("https://pay.example/a...", ["https://pay.example/a"]),
    ("pay.example...jom", ["pay.example"]),
    ("jom...pay.example/a", ["pay.example/a"]),
    ("https://pay.example's page", ["https://pay.example"]),
    ("*https://pay.example/a*", ["https://pay.example/a"]),
    ("`https://pay.example/a`", ["https://pay.example/a"]),
    ("<https://pay.example/a>", ["https://pay.example/a"]),
    ("https://pay.example/a👍", ["https://pay.example/a"]),
    ("https://pay.example/👍", ["https://pay.example/👍"]),
    ("link:https://pay.example/a", ["https://pay.example/a"]),
    ("-pay.example", ["pay.example"]),
    ("https://pay.example/a👈cepat", ["https://pay.example/a"]),
    ("_https://pay.example/a_", ["https://pay.example/a"]),
    ('https://pay.example/a"onclick', ["https://pay.example/a"]),
    ("pay.example-nya bagus", ["pay.example"]),
    ("a.pay-me.example", ["a.pay-me.example"]),
    ("://pay.example/a", ["//pay.example/a"]),
    # text in other scripts around it
    ("请点击https://pay.example/a领取", ["https://pay.example/a"]),
    ("请点击pay.example领取", ["pay.example"]),
    ("网址：pay.example。谢谢", ["pay.example"]),
    ("（pay.example/a）", ["pay.example/a"]),
    ("คลิกที่pay.example/aเลย", ["pay.example/a"]),
    ("한국pay.example입니다", ["pay.example"]),
    ("இங்கே pay.example/a செல்லவும்", ["pay.example/a"]),
    ("https://pay.example/維基百科", ["https://pay.example/維基百科"]),
    ("https://pay.example/নাম", ["https://pay.example/নাম"]),
    # names in other scripts
    ("https://mаybank.example/", ["https://mаybank.example/"]),
    ("https://例子.example/a", ["https://例子.example/a"]),
    ("президент.рф", ["президент.рф"]),
    ("http://பரிசு.example/", ["http://பரிசு.example/"]),
    ("xn--80ak6aa92e.com", ["xn--80ak6aa92e.com"]),
    # app links
    ("tg://resolve?domain=abc", ["tg://resolve?domain=abc"]),
    ("tg:resolve?domain=abc", ["tg:resolve?domain=abc"]),
    ("tg:resolve?domain=abc/", ["tg:resolve?domain=abc/"]),
    ("market://details?id=my.example.app", ["market://details?id=my.example.app"]),
    ("whatsapp://send?phone=60120000000", ["whatsapp://send?phone=60120000000"]),
    # evidence by context for suffixes that are words or endings of files
    ("layari pay.so", ["pay.so"]),
    ("visit notes.zip", ["notes.zip"]),
    ("setup.sh/install", ["setup.sh/install"]),
    ("www.setup.sh", ["www.setup.sh"]),
    ("pay.live", ["pay.live"]),
    ("pay.today", ["pay.today"]),
    ("tuntut di my-pay.today sekarang", ["my-pay.today"]),
    ("sahkan di mbb2u.cash sekarang", ["mbb2u.cash"]),
    ("your parcel: posmy.delivery", ["posmy.delivery"]),
    ("klik 👉 pay.live", ["pay.live"]),
    ("claim.ml", ["claim.ml"]),
    ("Shop-Rasmi.Com", ["Shop-Rasmi.Com"]),
    ("saring-test.invalid/abc", ["saring-test.invalid/abc"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "links"), WRITTEN)
def test_a_link_is_found_however_it_is_written(text: str, links: list[str] | None) -> None:
    found = [link.raw for link in find_links(text)]
    assert found == (links if links is not None else [f"https://pay.example/{page}" for page in "abc"])


def test_a_position_is_that_of_the_text_as_written() -> None:
    text = "😀 klik \u200bhxxps://pay[.]exam\u00adple/a\u200b 谢谢"
    (found,) = find_links(text)
    assert (found.raw, found.url) == ("hxxps://pay[.]exam\u00adple/a", "https://pay.example/a")
    assert text[found.start : found.end] == found.raw


# text, address, kind of markup, label
LABELLED = [
    ("[Maybank](https://pay.example/a)", "https://pay.example/a", "markdown", "Maybank"),
    ("[https://pay.example/a](https://pay.example/a)", "https://pay.example/a", "markdown", ""),
    ("[**RM500**](https://pay.example/a)", "https://pay.example/a", "markdown", "RM500"),
    ('<a href="https://pay.example/a">Klik <b>sini</b></a>', "https://pay.example/a", "html", "Klik sini"),
    ("<a class=x href='https://pay.example/a'>sini</a>", "https://pay.example/a", "html", "sini"),
    ("<a href=https://pay.example/a>sini</a>", "https://pay.example/a", "html", "sini"),
    ("[url=https://pay.example/a]sini[/url]", "https://pay.example/a", "html", "sini"),
    ("<https://pay.example/a|sini>", "https://pay.example/a", "markdown", "sini"),
    ("https://pay.example/a", "https://pay.example/a", "", ""),
]


@pytest.mark.parametrize(("text", "url", "found_in", "label"), LABELLED)
def test_markup_says_what_is_shown_for_a_link(text: str, url: str, found_in: str, label: str) -> None:
    found = find_links(text)[-1]
    assert (found.url, found.found_in, found.label) == (url, found_in, label)


# a link, and the addresses inside it
NESTED = [
    ("https://go.example/r?u=https%3A%2F%2Fpay.example%2Fa&x=1", ["https://pay.example/a"]),
    ("https://go.example/r?u=https://pay.example/a&x=1", ["https://pay.example/a"]),
    ("https://go.example/r?u=https%253A%252F%252Fpay.example%252Fa", ["https://pay.example/a"]),
    ("https://go.example/web/2020/https://pay.example/a?b=1&c=2", ["https://pay.example/a?b=1&c=2"]),
    ("https://go.example/r?url=pay.example/a", ["http://pay.example/a"]),
    ("https://go.example/r?u=http%3A%2F%2Fb.example%2F%3Fu%3Dhttp%253A%252F%252Fpay.example", None),
    ("intent://pay.example/a#Intent;scheme=https;package=x;end", ["https://pay.example/a"]),
    ("https://go.example/r?u=abc&q=rm500", []),
]


@pytest.mark.parametrize(("link", "inside"), NESTED)
def test_links_inside_a_link_are_found_where_they_stand(link: str, inside: list[str] | None) -> None:
    text = f"klik {link} ya"
    found = [found for found in find_links(text) if found.found_in == "query"]
    expected = ["http://b.example/?u=http%3A%2F%2Fpay.example", "http://pay.example"] if inside is None else inside
    assert [inner.url for inner in found] == expected
    assert all(text[inner.start : inner.end] == inner.raw for inner in found)


@pytest.mark.parametrize(
    ("text", "links", "hit"),
    [
        ("a " * 40_000 + "pay.example", 0, ("text",)),
        (" ".join(f"pay{number}.example" for number in range(60)), 50, ("links",)),
        ("pay.example " * 1000, 200, ("links",)),
        ("https://pay.example/" + "a" * 5000, 1, ("link",)),
        ("https://" + "a." * 200 + "example/", 0, ("host",)),
        ("a\u034f" * 1_000 + " pay.example", 1, ()),
        ("a\u034f" * 1_500 + " pay.example", 1, ("signs",)),
        ("ａb" * 1_500 + " pay.example", 1, ("signs",)),
        ("a=\nb" * 1_500 + " pay.example", 1, ("signs",)),
        ("go to pay dot example slash a" + " slash a" * 1_500, 1, ("signs",)),
        ("pay.example", 1, ()),
    ],
)
def test_a_bound_that_was_hit_is_reported(text: str, links: int, hit: tuple[str, ...]) -> None:
    found = reader(bundled())(text)
    assert (len(found.pairs), found.bounds_hit) == (links, hit)


DISGUISED = "visit a dot b dot c dot d dot e dot f dot example/ " * 66  # one link, six tricks each time


def test_behind_many_disguised_hosts_the_next_is_found() -> None:
    pairs = find_links(DISGUISED + "visit g dot example/ " * 5 + "visit pay dot example/")
    assert [found.url for found in pairs][-1] == "http://pay.example/"


def test_a_label_is_read_whole_where_more_tricks_follow_than_are_needed() -> None:
    others = " ".join(f"https://pay{number}.example/" for number in range(48))
    label = "https://more.example/ pa dot example/ pb dot example/ pc dot example/ pd dot example/ pe dot my/ now"
    links = reader(bundled())(f'{DISGUISED}{others} <a href="https://last.example/">{label}</a>')
    assert links.bounds_hit == ("links",)
    assert links.pairs[-1][0].label == label.replace(" dot ", ".")


def test_digits_are_what_is_taken_for_digits() -> None:
    digits = {char for char in map(chr, range(0x110000)) if char.isdigit()}
    assert set(re.findall(f"[{DIGITS}]", "".join(map(chr, range(0x110000))))) == digits


def test_a_smaller_bound_is_kept() -> None:
    assert len(finder(bundled(), Bounds(links=3))("a.example b.example c.example d.example")) == 3


def test_texts_without_links_share_one_empty_value() -> None:
    read = reader(bundled())
    assert all(read(text) is EMPTY for text in ("", "apa khabar", "ok. bye", "e.g. this", "😀"))


def test_extra_suffixes_decide_what_a_bare_name_is() -> None:
    lines = ["com", "my", "com.my"]
    assert finder(from_lines(lines, ()))("pay.example") == ()
    assert len(finder(from_lines(lines, ("shop.example",)))("pay.shop.example")) == 1


PIECES = st.lists(
    st.one_of(
        st.sampled_from([text for text, _ in WRITTEN]),
        st.sampled_from([plain(row[0]) for row in HIDDEN]),
        st.sampled_from(NO_LINKS),
        st.sampled_from([*" .:/@%[]()-_\n\u200b。点'\"|", "://", " dot ", "www.", "h t t p", "\ud800"]),
        st.text(max_size=4),
    ),
    max_size=4,
).map("".join)
FAST, SLOW = reader(bundled()), careful(bundled())


def said(links: Links) -> tuple[object, ...]:
    """What both ways must agree on: the fast one tells prose from addresses besides."""
    return links.pairs, links.bounds_hit


@settings(max_examples=600, deadline=None)
@given(PIECES, st.integers(0, 60), st.integers(0, 60))
def test_any_text_is_read_alike_by_both_ways_and_its_links_stand_where_they_say(
    text: str, left: int, right: int
) -> None:
    text = text[left : len(text) - right] or text
    links = FAST(text)
    assert said(links) == said(SLOW(text))
    for found, link in links.pairs:
        assert found.raw == text[found.start : found.end]
        again = canonicalize(link.url)
        assert link.kind == "app" or (again is not None and again.key == link.key)


@pytest.mark.parametrize("text", [text for text, _ in WRITTEN] + [plain(row[0]) for row in HIDDEN] + NO_LINKS)
def test_the_fast_way_finds_what_the_careful_way_finds(text: str) -> None:
    assert said(reader(bundled())(text)) == said(careful(bundled())(text))


@pytest.mark.parametrize(
    "around", ["{}", "see {} now", "see {}\nnow", "({})", "see {}, now", "see {}.", "{}/more {}", "x{}"]
)
def test_a_remembered_link_is_read_as_at_first(around: str) -> None:
    link = "http://rumah.example/x"
    assert len(FAST(f"see {link} now").pairs) == 1
    text = around.replace("{}", link)
    assert said(FAST(text)) == said(SLOW(text))


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\u2060", "\u3002", "\uff0c"])
def test_what_cannot_be_seen_plays_a_trick_behind_any_sign(sign: str) -> None:
    for before in string.punctuation:
        text = f"see http://rumah.example/x{before}{sign}"
        assert said(FAST(text)) == said(SLOW(text))


@pytest.mark.parametrize("slash", ["%2F", "%2f", "%252F", "%25252f"])
def test_slashes_of_a_scheme_may_be_escaped_where_its_colon_is_not(slash: str) -> None:
    text = f"see http:{slash}{slash}rumah.example now"
    assert [link.host for _, link in FAST(text).pairs] == ["rumah.example"]
    assert said(FAST(text)) == said(SLOW(text))
