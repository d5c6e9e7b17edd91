"""A glance over many texts says of each what the gate says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.gate import Seen, gate
from stream.glance import glancer
from stream.suffixes import bundled

LONGEST = 60
GLANCE, LOOK = glancer(bundled(), LONGEST), gate(bundled())
FILLER = ["apa khabar", "see https://pay.example/a"] * 15  # few texts are not glanced at
SIGNS = [*" .,:;/\\[](){}<>%&#*`~|\"'=-\r\n\t\x0b\x1c\0wtdgoikTkDO0x2c3é\u200b\x85\u3000\u212aİ中。點"]
SIGNS += ["://", "www. ", "ttk", "d0t", "com", "%2e", "ดอท", "titik", "tg:", "&#46;"]


def said(text: str) -> Seen:
    """What one text must be called."""
    return LOOK(text) if len(text) <= LONGEST else "tricky"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(SIGNS), max_size=9).map("".join), min_size=1, max_size=30))
def test_it_says_of_each_text_what_the_gate_says(texts: list[str]) -> None:
    assert GLANCE([*texts, *FILLER]) == [*map(said, texts), *map(said, FILLER)]
    assert GLANCE(texts) == [*map(said, texts)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("hari ini. esok lusa", ""),
        ("see pay.example/a", "plain"),
        ("see you. soon ... ok", ""),
        ("pay . com", "tricky"),
        ("pay[.]example", "tricky"),
        ("pay dot example", "tricky"),
        ("w w w . pay", "tricky"),
        ("www. pay .example", "tricky"),
        ("p a y . c o m", "tricky"),
        ("pay.exam-\nple", "tricky"),
        ("pay%2eexample", "tricky"),
        ("tg:resolve", "tricky"),
        ("pay．example", "tricky"),
        ("see 中文 pay.example", "plain"),
        ("pay.\u1680com", ""),
        ("see you.\x85", ""),
        ("中文 pay . com", "tricky"),
        ("(see the antidote) ttkk & tiki", ""),
        ("sdot.example/(a.)", "plain"),
        ("see pay.example/" + "a" * LONGEST, "tricky"),
        ("a.\0b", "plain"),
    ],
)
def test_what_it_says(text: str, expected: str) -> None:
    assert GLANCE([*FILLER, text])[-1] == expected == said(text)
