"""Finding words of a pack in a text, against looking for each one everywhere."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from stream.lure import _ADDRESS, _blanked
from stream.words import finder

WORDS = ("pay", "pay now", "pay-now", "now", "no", "50", "%", "/day", "奖", "奖金", "é", "pay é", "a/c")
TEXTS = st.lists(
    st.sampled_from([*WORDS, " ", "  ", "\n", "-", "_", "x", "é", "ß", "金", "😀", ".", "://"]), max_size=9
)
ADDRESSES = st.lists(
    st.sampled_from([" ", "\n", ".", ". ", "..", "://", "www.", "a", "b4n", "é", "-", "/", "[.]", "(.)", "p.xy", "~"]),
    max_size=9,
)  # fmt: skip


def plainly(text: str) -> list[tuple[int, int, str]]:
    """Each word wherever it stands, but for those led by an ASCII letter or digit inside another word."""
    found = [(at, at + len(word), word) for word in WORDS for at in range(len(text)) if text.startswith(word, at)]
    alone = [each for each in found if not (_is_led(each[2]) and each[0] and _is_led(text[each[0] - 1]))]
    return sorted(alone, key=lambda each: (each[1], each[0]))


def _is_led(text: str) -> bool:
    return text.isascii() and text[0].isalnum()


@given(TEXTS.map("".join))
def test_words_are_found_as_by_looking_for_each(text: str) -> None:
    assert finder({word: word for word in WORDS})(text) == plainly(text)


def test_a_pack_without_words_finds_none() -> None:
    assert finder(dict[str, str]())("pay now 奖") == []


@given(ADDRESSES.map("".join))
@example("www.")
@example("http://pay")
@example("a.b\tc.d e.")
def test_addresses_become_blanks_as_by_the_rule_alone(text: str) -> None:
    assert _blanked(text) == _ADDRESS.sub(lambda match: " " * len(match[0]), text)
