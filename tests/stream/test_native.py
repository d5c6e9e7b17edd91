"""What the native first look says of a text is what the Python form says; where it can't be sure, that is asked."""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.fuzz_links import SHORT, mutated
from bench.native_form import Wrong, teller
from bench.speed_data import DEMO, default_rules, read_records
from stream.bounds import Bounds
from stream.gate import LETTER_LIKE, TOUCHING, Seen
from stream.native import Settled, first_look, is_there, letters, look_for
from stream.rules import Rules
from stream.sieve import folded, spellings
from tests.stream.test_glance import SIGNS
from tests.stream.test_sieve import GLUE, pack, service_words, words

if TYPE_CHECKING:
    from saring_native import Look

pytestmark = pytest.mark.skipif(not is_there(), reason="saring_native is not installed")

LINK: Final = "https://pay.example/a"
LINKS: Final = (
    *(LINK, f"{LINK}#b", f"{LINK}?x=1.2", f"{LINK}.", "http://t.co/a1", "https://t.co/a-b", "HTTPS://pay.example"),
    *("https://pay.example:80/", "https://xn--pay-abc.example/", "http://192.0.2.1/", "https://a@pay.example/"),
    "pay.example/a",
)
NARROW: Final = Bounds(text=60, links=2, link=24)


def look(rules: Rules) -> Look:
    found = look_for(rules)
    assert found is not None
    return found


@cache
def told(bounds: Bounds | None = None) -> Callable[[Sequence[str]], list[Wrong]]:
    """What is said wrong of texts."""
    rules = default_rules() if bounds is None else replace(default_rules(), bounds=bounds)
    return teller(look(rules), rules)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from([*SIGNS, *LINKS, " ", " "]), max_size=12).map("".join), max_size=30))
def test_of_signs_and_links_it_says_what_the_python_form_says(texts: list[str]) -> None:
    assert told()(texts) == told(NARROW)(texts) == []


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=6), st.sampled_from([*SIGNS, *LINKS, "\ud800"])), max_size=6))
def test_of_any_letters_it_says_what_the_python_form_says(pieces: list[tuple[str, str]]) -> None:
    text = "".join(letters + piece for letters, piece in pieces)
    assert told()([text, f"{text} {LINK}", f"{LINK} {text}"]) == []


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_of_mutated_texts_it_says_what_the_python_form_says(source: random.Random) -> None:
    texts = [mutated(source, SHORT // 4) for _ in range(20)]
    assert told()([*texts, *(f"{text} {LINK} {text}" for text in texts)]) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.deferred(lambda: st.sampled_from([*words(), *service_words()])), GLUE), max_size=6),
    st.sampled_from([str, str.upper, str.title]),
)
def test_of_words_that_lure_it_says_what_the_sieve_says(
    chosen: list[tuple[str, str]], spelled: Callable[[str], str]
) -> None:
    text = "".join(spelled(word) + glue for word, glue in chosen)
    assert told()([f"{LINK} {text}", f"{text} {LINK}"]) == []


@pytest.mark.parametrize(
    "text",
    [
        "pay. \u3000 com/a",
        "pay. \xa0 com",
        f"http: \xa0 //pay.example {LINK}",
        "(\xa0 dot)",
        f"an antidote, tıtik {LINK}",
        "an antidote: pay tıtik com",
        "an antidote: pay TİTİK com",
        f"tit\u0130k {LINK}",
        f"ВЫИГРАЛИ {LINK}",
        f"СРОЧНО {LINK}",
        f"é {LINK} 号 {LINK}",
        f"😀😀 {LINK}\n😀 {LINK}",
        f"{LINK} 1.2.3.4",
        f"{LINK} 1.2.3",
        f"{LINK} .com",
        f"a {LINK} .b",
        f"{LINK}\u2028a",
        f"{LINK}\x85",
        f"{LINK}\x1c",
        f"{LINK}\x00",
        f"\ud800 {LINK}",
        f"x{LINK}",
        f"{LINK} http",
        f"{LINK}http",
        f"{LINK}?u=https://a.example",
        f"{LINK}?u=a.example",
        f"{LINK}//b",
        f"{LINK}/.b",
        f"{LINK}/",
        f"{LINK}?",
        f"{LINK}#",
        "https://pay.example?",
        "https://pay.example?a#b",
        "https://pay-.example/",
        "https://pay..example/",
        "https://pay.example-",
        "https://pay.c0m/",
        "https://pay.c/",
        f"https://pay.{'a' * 24}/",
        f"https://pay.{'a' * 25}/",
        f"https://{'a' * 55}.example/",
        f"https://{'a' * 56}.example/",
        f"https://t.co/{'a' * 40}",
        f"https://t.co/{'a' * 41}",
        "https://t.co/a/",
        "https://t.co?a",
        "https://t.co/a#b",
        "see a.xn--p1ai now",
        "see a.xn-- now",
        "a.b1.c2.d3",
        "a.1.1.1.1",
        "a..com",
        "a.com",
        "a.COM b",
        "a%252ecom",
        "a:%2fb",
        "a%2fb",
        "&period; &#46 &a; & b",
        "w w w",
        "www . a",
        "Www. a",
        "s p a . c o m",
        "tg:a",
        "tg:a/",
        "DOTTED adot dots",
        "DOT",
        "TTK D0T",
        "点",
        "a.]b",
        "a.]",
        "[  dot]",
        "[   dot]",
        "=\r\na",
        f"{LINK} {LINK}#b {LINK}/",
        " ".join([LINK] * 45),
        " ".join(["http://a.example"] * 50),
        " ".join(["http://a.example"] * 51),
        f"{LINK} {'a' * 978}",
        f"{LINK} {'a' * 979}",
        f"{LINK} {'é' * 478}",
        f"{LINK} {'é' * 600}",
        "",
    ],
)
def test_what_is_nearly_something_else(text: str) -> None:
    assert told()([text]) == told(NARROW)([text]) == []


FRAMES: Final = (
    *("see{}https://pay.example/a now", "see https://pay.example/a{}now", "a {} b https://pay.example/a", "{}"),
    *("pay{}example", "a{}.b", "a.{}b", "{}\u200b", "\u200b{}", "pay. {} com", ": {} /", "an antidote, t{}tik"),
    "akau{} {}kaun https://pay.example/a",
)
TOLD_APART: Final = frozenset(letters(TOUCHING) + letters(LETTER_LIKE))


def special(letter: str) -> bool:
    """Whether some expression may tell it from other letters."""
    return letter < "\u3100" or letter in TOLD_APART or letter.isspace() or folded(letter) != letter


def of_every_letter() -> Iterator[str]:
    """Each in one frame, in turn, and those that may be special in all."""
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code < 0xE000:
            letter = chr(code)
            for frame in FRAMES if special(letter) else (FRAMES[code % len(FRAMES)],):
                yield frame.replace("{}", letter)


def test_every_letter_there_is() -> None:
    assert told()(list(of_every_letter()))[:9] == []


DIGITS: Final = str.maketrans("oieastOIEAST", "013457" * 2)


def writings(word: str) -> Iterator[str]:
    """A word as people write it, and as a part of others."""
    for spelled in (
        word,
        word.upper(),
        word.title(),
        word.translate(DIGITS),
        word.upper().translate(str.maketrans("OIEAST", "013457")),
    ):
        yield from (
            f"{spelled} {LINK}",
            f"x{spelled} {LINK}",
            f"{LINK} {spelled}s",
            f"{LINK} {spelled}9",
            f"4{spelled}4 {LINK}",
        )
    for at, letter in enumerate(word):
        if letter in "oieast":
            yield f"a {word[:at]}{letter.translate(DIGITS)}{word[at + 1 :]}, {LINK}"


def test_every_word_of_the_packs_however_written() -> None:
    known = [word.strip() for word in spellings(pack())]
    texts = [text for word in {*known, *words(), *service_words()} for text in writings(word)]
    assert told()(texts)[:9] == []


def test_every_two_words_that_make_a_phrase() -> None:
    """An anchor beside heads of other words, apart and glued."""
    texts = [
        f"{anchor} {glue.join(min(part) for part in others)} {LINK}"
        for anchor, (_, phrases) in spellings(pack()).items()
        for others in phrases
        if all(others)
        for glue in (" ", "")
    ]
    assert told()(texts)[:9] == []


def test_it_is_sure_of_nearly_all_texts() -> None:
    texts = [json.loads(record.value).get("text") or "" for record in read_records(DEMO)]
    said = look(default_rules())(texts)
    assert said.count(None) < len(texts) / 10
    assert said.count("") > len(texts) / 5
    assert sum(isinstance(each, tuple) for each in said) > len(texts) / 20


def test_it_asks_about_what_it_does_not_know() -> None:
    rules = default_rules()
    unsure = ['pay"."example', "\ud800", "a" * 1_001, "é" * 501]
    assert look(rules)(unsure) == [None] * 4
    assert first_look(look(rules), rules)(unsure) == ["tricky", "", "tricky", ""]


@pytest.mark.parametrize("said", ["", "tricky", (0, 4, 24), (1, 4, 25), (0, 4, 25, 4, 25), (0,)])
def test_what_is_said_wrong_is_noticed(said: Seen | Settled) -> None:
    text = f"see {LINK}"

    def wrong(said: Seen | Settled) -> list[Wrong]:
        return teller(cast("Look", lambda texts: [said for _ in texts]), default_rules())([text])

    assert wrong(said) == [(text, said)]
    assert wrong("plain") == wrong((0, 4, 25)) == []


def test_places_are_counted_in_letters() -> None:
    assert look(default_rules())([f"😀é {LINK}"]) == [(0, 3, 3 + len(LINK))]


@pytest.mark.parametrize(
    "lines", ["verify ", "update x ", "gratis q1w ", "a. ", ". x", "%25", "http ", "1.1.", "& ", "x://"]
)
def test_the_longest_text_takes_no_longer_than_many_short_ones(lines: str) -> None:
    """Copies of a word that begins many phrases were each held against all other words."""
    seen, whole = look(default_rules()), (lines * 1_000)[:970]
    parts = [f"{whole[at : at + 10]} {LINK}" for at in range(0, 970, 10)]

    def seconds(texts: Sequence[str]) -> float:
        started = time.perf_counter()
        seen(texts)
        return time.perf_counter() - started

    once, many = (min(seconds(texts) for _ in range(9)) for texts in ([f"{whole} {LINK}"], parts))
    assert once < 2 * many
