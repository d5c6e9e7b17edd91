"""Where the words of a pack stand in a text; those that begin inside another word are passed over, as most would be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias, TypeVar

import ahocorasick

Value = TypeVar("Value")
Finder: TypeAlias = "Callable[[str], list[tuple[int, int, Value]]]"

# From an octet to what is left of it where only words count: a small letter, a digit, or a blank.
SPACED: Final = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256))


def finder(words: Mapping[str, Value]) -> Finder[Value]:
    """A function from a text in small letters to the words in it, by where they end, the longer first: start, end, and
    what is said of the word. One that begins with an ASCII letter or digit is found only where none stands before it.
    """
    led = {word: value for word, value in words.items() if word.isascii() and word[:1].isalnum()}
    look = _iterator(_alike(led))
    odd = _plain_finder({word: words[word] for word in words.keys() - led.keys() if word.isascii()})
    foreign = _plain_finder({word: words[word] for word in words if not word.isascii()})

    def find(text: str) -> list[tuple[int, int, Value]]:
        found: list[tuple[int, int, Value]] = []
        for last, spelled in look(_spaced(text)):
            for length, word, value in spelled:
                if not word or text.startswith(word, last - length):
                    found.append((last - length, last, value))
        if others := odd(text) if text.isascii() else [*odd(text), *foreign(text)]:
            return sorted([*found, *others], key=_place)
        return found

    return find


def _spaced(text: str) -> str:
    """Its words in small letters, led by a blank and with blanks between."""
    return f" {text.encode('ascii', 'replace').translate(SPACED).decode()}"


def _place(found: tuple[int, int, object]) -> tuple[int, int]:
    return found[1], found[0]


def _alike(words: Mapping[str, Value]) -> dict[str, list[tuple[int, str, Value]]]:
    """Words as they look between blanks, led by one: few letters of a text lead away from the root of an automaton of
    these, and what costs is to look at a root with many branches. Some look alike there and are told apart later."""
    alike: dict[str, list[tuple[int, str, Value]]] = {}
    for word, value in words.items():
        exact = "" if word.isalnum() else word
        alike.setdefault(_spaced(word), []).append((len(word), exact, value))
    return alike


def _plain_finder(words: Mapping[str, Value]) -> Finder[Value]:
    """Words wherever they stand, looked for in the few texts that hold a character of each."""
    if not words:
        return lambda text: []
    letters = {next((letter for letter in word if not letter.isascii()), word[0]) for word in words}
    some = re.compile(f"[{re.escape(''.join(sorted(letters)))}]").search
    look = _iterator({word: (len(word), value) for word, value in words.items()})

    def find(text: str) -> list[tuple[int, int, Value]]:
        if some(text) is None:
            return []
        return [(last + 1 - length, last + 1, value) for last, (length, value) in look(text)]

    return find


def _iterator(words: Mapping[str, Value]) -> Callable[[str], Iterable[tuple[int, Value]]]:
    if not words:
        return lambda text: ()
    automaton = ahocorasick.Automaton()
    for word, value in words.items():
        automaton.add_word(word, value)
    automaton.make_automaton()
    found: Callable[[str], Iterable[tuple[int, Value]]] = automaton.iter
    return found
