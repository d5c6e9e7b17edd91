"""What messages carry, and that what is remembered of a text is what reading it again would say."""

from __future__ import annotations

import pytest

from bench.speed_data import default_rules
from stream import reading
from stream.canonical import SETTLED
from stream.model import GivenLink, Message
from stream.reading import NOTHING, reader_for

RULES = default_rules()
TEXT = "see https://pay.shop.example/a now"


def test_a_copy_of_a_text_is_read_once() -> None:
    read = reader_for(RULES)
    first, other, copy = read([Message(TEXT), Message("https://other.example/"), Message(TEXT)])
    again = read([Message(TEXT, id="2", surface="sms")])[0]
    assert [link.host for _, link in first.pairs] == ["pay.shop.example"]
    assert copy == first
    assert again is copy
    assert other.pairs[0][1].host == "other.example"


def test_links_beside_a_text_belong_to_their_message_alone() -> None:
    read = reader_for(RULES)
    with_card = Message(TEXT, links=(GivenLink("https://card.example/", "a card"),))
    for message in (with_card, Message(TEXT), with_card):
        hosts = [link.host for _, link in read([message])[0].pairs]
        assert hosts == ["pay.shop.example", *["card.example"][: len(message.links)]]


def test_a_link_beside_a_text_is_not_remembered_with_the_text() -> None:
    read = reader_for(RULES)
    assert len(read([Message("version 1.2.3 of it", links=(GivenLink("https://card.example/"),))])[0].pairs) == 1
    assert read([Message("version 1.2.3 of it")]) == [NOTHING]


def test_what_looks_like_a_link_and_is_none_is_nothing_each_time() -> None:
    read = reader_for(RULES)
    for _ in range(2):
        assert read([Message("version 1.2.3 of it")]) == [NOTHING]


def test_texts_of_many_links_fill_no_memory() -> None:
    """Fifty links a text would be gigabytes."""
    read = reader_for(RULES)
    two = Message(f"{TEXT} https://other.example/")
    first, again = read([two])[0], read([two])[0]
    assert first == again
    assert first is not again


def test_the_memory_starts_over_at_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_TEXTS_KEPT", 2)
    read = reader_for(RULES)
    messages = [Message(f"see https://pay{number}.example/") for number in (1, 2, 3)]
    first, again = read(messages), read(messages[::-1])[::-1]  # the third threw the others out
    assert again == first
    assert [now is before for now, before in zip(again, first, strict=True)] == [False, False, True]


@pytest.mark.parametrize(
    "url", ["https://pay.a-b.example", "http://a.b.c.example/x/y.html?z=1#part", "https://a.example/?q"]
)
def test_common_addresses_are_known_by_one_pattern(url: str) -> None:
    """Python 3.11 up to 3.11.4 fails possessive groups around possessive groups: all links would go the careful way."""
    assert SETTLED.fullmatch(url) is not None
