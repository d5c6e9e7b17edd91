"""A panic in the native form costs its record a look by Python, and no more."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from bench.speed_data import Row, default_rules
from stream.model import FoundLink, Message
from stream.native import look_for
from stream.outcome import Judged, Outcome

saring_native = pytest.importorskip("saring_native")
ADDRESS = "https://pay.shop.example/a"


def event(text: str) -> Row:
    return Row(json.dumps({"text": text, "id": "1", "user": "u", "channel": "c", "time": 1}).encode(), 0)


def shortcut(found: Any) -> Any:
    """One that knows an address, and makes its places with what is given."""
    made = (Message, found, Judged, Outcome)
    look, usual = look_for(default_rules()), (10, True, [("", "other", 0)])
    bounds = {"longest_value": 1_000, "most": (10, 10, 10)}
    known = saring_native.Shortcut(look, made=made, sighted_of=None, source=("", ""), usual=usual, **bounds)
    known.learn(ADDRESS, (None, None, None, (), (), ()))
    return known


def test_a_panic_is_to_ask() -> None:
    """One that Python hands back goes on as a panic, which is as near as a test can come."""

    def breaks(*_: object) -> None:
        raise kind("text of a message")

    kind: type[BaseException] = ValueError
    with pytest.raises(ValueError):  # from here on there is an exception that stands for a panic
        shortcut(breaks)([event(f"see {ADDRESS}")])
    told = list[object]()
    for kind in [each for each in BaseException.__subclasses__() if each.__name__ == "PanicException"]:
        with suppress(kind):  # those of other libraries are any exception to us
            told.append(shortcut(breaks)([event(f"see {ADDRESS}"), event("hai")]))
    assert told == [([0], [], [])]


def test_without_one_the_record_is_known() -> None:
    asked, ((at, outcome),), _ = shortcut(FoundLink)([event("hai"), event(f"see {ADDRESS}")])
    assert (asked, at, outcome.kind) == ([], 1, "clean")
