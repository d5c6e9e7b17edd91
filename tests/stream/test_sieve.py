"""The first look at a text never overlooks a phrase that the close look finds."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.speed_data import default_rules
from stream import lure
from stream.checks.message.service_words import kinds
from stream.cues import LURE, SERVICE
from stream.lure import told
from stream.model import Message
from stream.packs import LurePack
from stream.reading import reader_for
from stream.sieve import HEARD, Sieve, sieve, with_letters, without_addresses

LINK = "https://pay.example/login"
read = reader_for(default_rules())


def speaks(text: str) -> bool:
    """What the close look says, without the first."""
    plain = with_letters(lure._blanked(lure.folded(text)))
    return bool(lure._phrases(plain, pack()))


@cache
def pack() -> LurePack:
    return default_rules().lures


@cache
def words() -> tuple[str, ...]:
    return tuple(pack().words)


@cache
def service_words() -> tuple[str, ...]:
    return (*pack().service_words, *pack().service_parts)


GLUE = st.sampled_from(
    [" ", "  ", ", ", "\n", "-", "_", "é", "ß", "号", "😀", "s ", f" {LINK} ", f"{LINK}\n", "'", "9", "4", "0n"]
)


@settings(deadline=None)
@given(st.lists(st.tuples(st.deferred(lambda: st.sampled_from(words())), GLUE), max_size=8), st.text(max_size=12))
def test_a_phrase_that_is_there_passes(chosen: list[tuple[str, str]], noise: str) -> None:
    text = noise + "".join(word + glue for word, glue in chosen)
    assert cues(text) & LURE or not speaks(text)
    (reading,) = read([Message(text)])
    assert not reading.pairs or reading.cues & LURE or not speaks(text)


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.deferred(lambda: st.sampled_from(service_words())), GLUE), max_size=4), st.text(max_size=9)
)
def test_a_service_word_that_is_there_passes(chosen: list[tuple[str, str]], noise: str) -> None:
    text = noise + " ".join(word.upper() + glue for word, glue in chosen)
    assert cues(text) & SERVICE or not kinds(text, pack())
    (reading,) = read([Message(f"{text} {LINK}")])
    assert reading.cues & SERVICE or not kinds(text, pack())


@cache
def sieve_of() -> Sieve:
    return sieve(pack())


def cues(text: str) -> int:
    """The cues of a text, which are the same between others."""
    (alone,) = sieve_of()([text])
    assert sieve_of()(["4kaun", text, "", text, "verify"])[1::2] == [alone, alone]
    return alone


@pytest.mark.parametrize(
    "word", ["akaun anda akan digantung", "Your account will be suspended, verify now", "恭喜您中奖"]
)
def test_known_lures_pass(word: str) -> None:
    assert cues(f"{word} {LINK}") & LURE


@pytest.mark.parametrize(
    "text", ["", "hello there", f"see {LINK}", "the meeting was moved to Tuesday", "早上好", "😀😀"]
)
def test_ordinary_talk_does_not(text: str) -> None:
    assert not cues(text)


def test_addresses_are_left_out_only_where_they_stand_between_blanks() -> None:
    assert without_addresses(f"a {LINK} b {LINK}") == "a   b  "
    assert without_addresses(f"a\n{LINK} b") == f"a\n{LINK} b"
    for text in (f"a {LINK} b {LINK}", f"a\n{LINK} b", f"{LINK}é {LINK}", "://", "a:// b", f"{LINK} "):
        filler = " a" * 1_000  # long texts go another way
        assert without_addresses(text + filler) == without_addresses(text) + filler


def test_a_long_text_is_listened_to_as_far_as_is_said() -> None:
    lure = "Your account will be suspended, verify now. "
    early, late = read([Message(text) for text in (lure + "a " * HEARD + LINK, LINK + " a" * HEARD + lure)])
    assert (early.cues & LURE, early.bounds_hit) == (LURE, ("words",))
    assert (late.cues & LURE, late.bounds_hit) == (0, ("words",))
    assert told(LINK + " a" * HEARD + lure, pack()).spans == ()
