"""Look-alikes of brands in hosts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bench.speed_data import default_rules
from stream.canonical import canonicalizer
from stream.checks.host.brand_lookalike import _disguised, check
from stream.checks.load import load
from stream.hosts import facts_cache, host_of
from stream.lookalike import heads_of, is_near, near_tokens, tails_of

FLAGGED = [
    "https://maybank2u-login.example/m2u",
    "https://rnaybank2u.shop.example/",
    "https://mayb4nk-semak.top.example",
    "https://maybank2u.com.my.secure-login.example/",
    "https://may-bank2u.example/otp",
    "https://wwwmaybank2u.example/",
    "https://touchngoo.example/ekyc",
    "https://pos-laju-track.example/reschedule",
    "https://mаybank2u.example/",
    "https://cimbclicks.my-6749.vip.test/",
    "https://maybank.hosgratis.example/",
    "https://shoppee.vip.test/",
    "https://steamcornmunity.vip.test/trade",
    "https://maybenk2u.example/",
]
CLEAN = [
    "https://www.maybank2u.com.my/home/m2u",
    "https://apple-orchard.example/",
    "https://bookings.example/",
    "https://thebigboost.example/",
    "https://taxis.example/",
    "https://kedaibukulama.example/",
    "https://notes.hosgratis.example/",
    "https://github.com/maybank",
    "http://203.0.113.9/maybank",
]


def test_a_misspelling_of_the_pack_is_held_against_the_brand_and_not_against_itself() -> None:
    rules = default_rules()
    link = canonicalizer(rules.suffixes)("https://steamcornmunity.com/trade")
    assert link
    finding = check(host_of(link), rules)
    assert finding
    assert finding.reason == "The host writes steamcornmunity, which is nearly Steam, and is not a Steam domain."


@given(st.text("abcd", min_size=6, max_size=9), st.integers(1, 8), st.sampled_from("abcdx"))
def test_a_name_that_is_near_is_never_passed_over(name: str, at: int, letter: str) -> None:
    at = min(at, len(name) - 1)
    head, tail = name[:at], name[at:]
    for other in (
        head + tail[1:],
        head + letter + tail,
        head + letter + tail[1:],
        head + tail[1:2] + tail[0] + tail[2:],
    ):
        if len(other) >= 6 and is_near(other, name):
            assert near_tokens(other, heads_of(name), tails_of(name)) == [other]


KEYWORDS = sorted(default_rules().brands.keywords)
WORDS = sorted(default_rules().brands.words.keys())
PARTS = st.one_of(
    st.sampled_from(KEYWORDS), st.sampled_from(WORDS), st.sampled_from([".", "-", "my", "1", "0", "rn", "vv", "é", "q"])
)
DISGUISES = ["", "o0", "l1", "i1", "a4", "e3", "q9", "s5"]


@given(st.lists(PARTS, min_size=1, max_size=6), st.sampled_from(DISGUISES), st.integers(0, 30))
def test_the_first_look_passes_over_no_keyword_and_no_word(parts: list[str], disguise: str, hyphen: int) -> None:
    name, pack = "".join(parts), default_rules().brands
    name = name.replace(disguise[0], disguise[1]) if disguise else name
    for each in (name, f"{name[:hyphen]}-{name[hyphen:]}", name.replace("m", "rn"), name.replace("w", "vv")):
        assert pack.may_hold(each) or not (_disguised(each, pack) or any(pack.words.iter(each)))


def test_the_line_asks_about_every_host_that_the_check_flags() -> None:
    rules = default_rules()
    canonicalize, know = canonicalizer(rules.suffixes), facts_cache(rules, load())
    for url in FLAGGED:
        link = canonicalize(url)
        assert link is not None
        assert "brand_lookalike" in [finding.check for finding in know(link).findings], url


def test_a_host_knows_the_names_above_it() -> None:
    link = canonicalizer(default_rules().suffixes)("https://pay.shop.github.io/")
    assert link
    host = host_of(link)
    assert (host.before, host.suffix) == ("pay.shop", "github.io")
    assert host.names == ("pay.shop.github.io", "shop.github.io", "github.io", "io")
