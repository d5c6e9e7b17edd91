"""What an alert may show: links cannot be clicked, personal numbers cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stream.model import FoundLink
from stream.redact import _MASKS, _MAY_MASK, EXCERPT, defang, excerpt, keyed_hash, mask

DEFANGED = [
    ("http://a.example/", "hxxp://a[.]example/"),
    ("https://a.b.example/x.y?z=1.2", "hxxps://a[.]b[.]example/x.y?z=1.2"),
    ("a.example?q", "a[.]example?q"),
    ("http://[::1]/", "hxxp://[[:][:]1]/"),
    ("http://1.2.3.4:80/", "hxxp://1[.]2[.]3[.]4:80/"),
    ("tg://resolve?domain=x", "tg://resolve?domain=x"),
    ("ftp://a.example", "fxp://a[.]example"),
]
MASKED = [
    ("hubungi 012-345 6789 segera", "hubungi [phone …789] segera"),
    ("call +60 12 345 6789", "call [phone …789]"),
    ("telefon 0123456789", "telefon [phone …789]"),
    ("IC 900101-14-5678", "IC [id card …678]"),
    ("akaun 5641 2233 4455 667", "akaun [account …667]"),
    ("tulis ke ali.b+x@mel.example ya", "tulis ke [email] ya"),
    ("RM500 dalam 24 jam", "RM500 dalam 24 jam"),
    ("pada 2026-11-23 pukul 10", "pada 2026-11-23 pukul 10"),
    ("dapat 3022 mata", "dapat 3022 mata"),
]


@pytest.mark.parametrize(("url", "expected"), DEFANGED)
def test_defang(url: str, expected: str) -> None:
    assert defang(url) == expected


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_mask(text: str, expected: str) -> None:
    assert mask(text) == expected


@given(st.text("0159 -+@a.x", max_size=30))
@example("01 234567")
@example("+1 2 345678")
def test_the_first_look_passes_over_nothing_that_is_masked(text: str) -> None:
    assert _MAY_MASK.search(text) or not any(pattern.search(text) for _, pattern in _MASKS)


def found(text: str, raw: str, url: str = "") -> FoundLink:
    start = text.index(raw)
    return FoundLink(raw, start, start + len(raw), url or raw)


def test_excerpt_shows_the_text_round_the_link() -> None:
    text = "Sahkan akaun 0123456789 di tng[.]claim.example/e atau http://lain.example"
    links = [found(text, "tng[.]claim.example/e", "http://tng.claim.example/e"), found(text, "http://lain.example")]
    expected = "Sahkan akaun [phone …789] di hxxp://tng[.]claim[.]example/e atau hxxp://lain[.]example"
    assert excerpt(text, links[0], links) == expected


def test_excerpt_of_a_long_text_keeps_the_link() -> None:
    text = "kata " * 200 + "http://a.example/x " + "kata " * 200
    shown = excerpt(text, found(text, "http://a.example/x"), [found(text, "http://a.example/x")])
    assert "hxxp://a[.]example/x" in shown
    assert len(shown) == EXCERPT
    assert (shown[0], shown[-1]) == ("…", "…")


@given(st.text(max_size=400), st.text(max_size=400))
def test_excerpt_is_bounded_and_never_shows_a_live_link(before: str, after: str) -> None:
    raw = "http://a.example/x"
    text = before + raw + after
    link = FoundLink(raw, len(before), len(before) + len(raw), raw)
    shown = excerpt(text, link, [link])
    assert len(shown) <= EXCERPT
    assert raw not in shown


def test_hashes_need_a_key_and_depend_on_it() -> None:
    assert keyed_hash(b"", "u1") is None
    assert keyed_hash(b"k" * 16, "") is None
    one, other = keyed_hash(b"k" * 16, "u1"), keyed_hash(b"l" * 16, "u1")
    assert one
    assert len(one) == 32
    assert one != other
