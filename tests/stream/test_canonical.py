"""The one name of a link: a table of spellings, equal keys, expressions, and what holds for every string."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.canonical import canonicalize, expressions
from stream.escapes import escaped
from stream.model import Link

# spelling, key
KEYS = [
    ("https://Pay.Example/A?b=1#c", "pay.example/A?b=1"),
    ("pay.example", "pay.example/"),
    ("//pay.example/a", "pay.example/a"),
    ("http:pay.example/a", "pay.example/a"),
    ("http:///pay.example/a", "pay.example/a"),
    ("http:\\\\pay.example\\a", "pay.example/a"),
    ("http://pay.example:80/a", "pay.example/a"),
    ("http://u:p@pay.example:8080/a", "pay.example/a"),
    ("http://bank.example%2F@pay.example/a", "pay.example/a"),
    ("http://pay.example./a", "pay.example/a"),
    ("http://..pay..example../a", "pay.example/a"),
    ("http://%70ay.example/a", "pay.example/a"),
    ("http://ｐａｙ.example/a", "pay.example/a"),
    ("http://pay。example/a", "pay.example/a"),
    ("http://pa\u00ady.example/a", "pay.example/a"),
    ("http://pay.example/a/./b/../c", "pay.example/a/c"),
    ("http://pay.example/%2e%2e/a", "pay.example/a"),
    ("http://pay.example//a///b", "pay.example/a/b"),
    ("http://pay.example/%61", "pay.example/a"),
    ("http://pay.example/%2561", "pay.example/a"),
    ("http://pay.example/a b", "pay.example/a%20b"),
    ("http://pay.example/é", "pay.example/%C3%A9"),
    ("http://pay.example?a", "pay.example/?a"),
    ("http://pay.example/a?b\\c//d/../e", "pay.example/a?b\\c//d/../e"),
    ("http://pay.example/a%5Cb", "pay.example/a%5Cb"),
    ("http://0x7f.1/", "127.0.0.1/"),
    ("http://0177.0.0.01/", "127.0.0.1/"),
    ("http://2130706433", "127.0.0.1/"),
    ("http://[::FFFF:127.0.0.1]/", "[::ffff:7f00:1]/"),
    ("http://[2001:db8:0:0::7]:81/a", "[2001:db8::7]/a"),
    ("http://bücher.example/", "xn--bcher-kva.example/"),
    ("http://BÜCHER.example/", "xn--bcher-kva.example/"),
    ("http://xn--bcher-kva.example/", "xn--bcher-kva.example/"),
    ("ftp://pay.example/a", "pay.example/a"),
    ("tg://resolve?domain=abc", "tg:resolve?domain=abc"),
    ("TG:resolve?domain=abc", "tg:resolve?domain=abc"),
    ("market://details?id=x", "market:details?id=x"),
    ("intent://pay.example/a#Intent;scheme=https;end", "intent:pay.example/a%23Intent;scheme=https;end"),
]


@pytest.mark.parametrize(("url", "key"), KEYS)
def test_every_spelling_of_a_place_has_its_one_key(url: str, key: str) -> None:
    link = canonicalize(url)
    assert link is not None
    assert link.key == key


@pytest.mark.parametrize(
    "url", ["", "http://", "http:///", "https://?", "/a", "#", "mailto:a@b.example", "javascript:a"]
)
def test_what_names_no_place_has_no_link(url: str) -> None:
    assert canonicalize(url) is None


def test_a_link_says_what_each_part_is() -> None:
    assert canonicalize("HTTPS://user:pw@Shop.GitHub.io:8443/a/b?c=d?#e") == Link(
        key="shop.github.io/a/b?c=d?",
        url="https://shop.github.io/a/b?c=d?",
        scheme="https",
        host="shop.github.io",
        host_unicode="shop.github.io",
        registrable="shop.github.io",
        icann_registrable="github.io",
        suffix="github.io",
        port=8443,
        path="/a/b",
        query="c=d?",
        has_query=True,
        userinfo="user:pw",
        fragment="e",
    )


# address, host a browser opens, registrable domain, suffix, Unicode form
HOSTS = [
    ("http://a.pay.com.my/", "a.pay.com.my", "pay.com.my", "com.my", "a.pay.com.my"),
    ("http://xn--bcher-kva.example/", "xn--bcher-kva.example", "xn--bcher-kva.example", "example", "bücher.example"),
    ("http://203.0.113.7/", "203.0.113.7", "", "", "203.0.113.7"),
    ("http://[::1]/", "[::1]", "", "", "[::1]"),
    ("http://pay.example%00/", None, "pay.example%00", "example%00", "pay.example%00"),
    ("http://a b.example/", None, "a%20b.example", "example", "a%20b.example"),
    ("http://localhost/", "localhost", "", "localhost", "localhost"),
    ("http://pay.example:99999/", None, "pay.example", "example", "pay.example"),
]


@pytest.mark.parametrize(("url", "host", "registrable", "suffix", "unicode"), HOSTS)
def test_the_host_is_what_a_browser_opens(
    url: str, host: str | None, registrable: str, suffix: str, unicode: str
) -> None:
    link = canonicalize(url)
    assert link is not None
    assert (link.host, link.registrable, link.suffix, link.host_unicode) == (host, registrable, suffix, unicode)


def test_an_ip_host_has_one_host_expression() -> None:
    link = canonicalize("http://203.0.113.7/a/b?c")
    assert link is not None
    assert expressions(link) == ("203.0.113.7/a/b?c", "203.0.113.7/a/b", "203.0.113.7/", "203.0.113.7/a/")


def test_a_deep_address_has_at_most_thirty_expressions() -> None:
    link = canonicalize("http://a.b.c.d.e.f.g.h.example/1/2/3/4/5/6?q")
    assert link is not None
    assert len(expressions(link)) == 30
    assert expressions(link)[0] == link.key


@pytest.mark.parametrize("more", [b"", b"\\"])
def test_what_is_long_is_escaped_as_what_is_short(more: bytes) -> None:
    every = bytes(range(256))
    assert escaped(every * 3, more) == "".join(escaped(every[at : at + 1], more) for at in range(256)) * 3


def test_deep_escapes_cost_linear_time() -> None:
    link = canonicalize("http://pay.example/%" + "25" * 20_000)
    assert link is not None
    assert link.path == "/%25"


ADDRESS_LIKE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "http://",
                "https:",
                "//",
                "/",
                "\\",
                ".",
                "..",
                "@",
                ":",
                "?",
                "#",
                "%",
                "%2",
                "%25",
                "%2e",
                "%2f",
                "%5c",
                "80",
                "pay",
                "example",
                "com",
                "xn--",
                "xn--bcher-kva",
                "é",
                "。",
                "ß",
                "\u200d",
                "0x7f",
                "1",
                "[::1]",
                " ",
                "\t",
                "\x80",
            ]
        ),
        st.text(max_size=3),
    ),
    max_size=14,
).map("".join)


@settings(max_examples=1500, deadline=None)
@given(ADDRESS_LIKE)
def test_canonicalizing_never_raises_and_is_idempotent(url: str) -> None:
    link = canonicalize(url)
    if link is None:
        return
    again = canonicalize(link.url)
    assert again is not None
    assert (again.key, again.url, again.path, again.query) == (link.key, link.url, link.path, link.query)
    assert link.key.isascii()
    assert expressions(link)


@settings(max_examples=300, deadline=None)
@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?\.(example|com\.my|test)", fullmatch=True),
    st.from_regex(r"(/[a-z0-9]{1,6}){0,3}/?(\?[a-z]=[0-9]{1,3})?", fullmatch=True),
)
def test_equivalent_spellings_share_a_key(host: str, rest: str) -> None:
    spellings = [
        f"https://{host}{rest}",
        f"{host}{rest}",
        f"HTTP://{host.upper()}{rest}",
        f"http://{host}:8080{rest}",
        f"http://a:b@{host}.{rest}#x",
        f"  http://{host}{rest}\t",
        f"http://%{ord(host[0]):02x}{host[1:]}{rest}",
        f"http://{host}{rest.replace('/', '//')}" if "?" not in rest else f"http://{host}{rest}",
        "http://" + "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in host) + rest,
    ]
    assert len({link.key for link in map(canonicalize, spellings) if link is not None}) == 1
    assert all(canonicalize(spelling) for spelling in spellings)
