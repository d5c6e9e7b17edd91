"""A text as it reads after tricks are undone, with the way back to every position of the text as it was written."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

Edit: TypeAlias = tuple[int, int, str, str]  # from, to, what it reads as, and the name of the trick


class View(Struct, frozen=True):
    """`starts` and `ends` say for each character where it stood in the original; `undone` is (start, end, trick)."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    undone: tuple[tuple[int, int, str], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of what stands here between two positions."""
        return self.starts[start], self.ends[end - 1]


def plain(text: str) -> View:
    """The view of a text nothing is done to yet."""
    return View(text, range(len(text)), range(1, len(text) + 1))


def edited(view: View, edits: Iterable[Edit]) -> View:
    """The view after some edits, given in order and without overlap; the same view when there are none."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    undone = list(view.undone)
    place = 0
    for start, end, text, trick in edits:
        pieces += (view.text[place:start], text)
        origin, until = view.starts[start], view.ends[end - 1]
        starts += view.starts[place:start]
        ends += view.ends[place:start]
        if len(text) == end - start:
            starts += view.starts[start:end]
            ends += view.ends[start:end]
        else:
            starts += [origin] * len(text)
            ends += [until] * len(text)
        undone.append((origin, until, trick))
        place = end
    if not place:
        return view
    pieces.append(view.text[place:])
    starts += view.starts[place:]
    ends += view.ends[place:]
    return View("".join(pieces), starts, ends, tuple(undone))


def tricks_within(undone: Sequence[tuple[int, int, str]], start: int, end: int) -> tuple[str, ...]:
    """The names of the tricks undone inside a span, each once, in order of place; `undone` is sorted."""
    first = bisect_left(undone, (start,))
    names: dict[str, None] = {}
    for place in range(first, len(undone)):
        begin, until, trick = undone[place]
        if begin >= end:
            break
        if until <= end:
            names[trick] = None
    return tuple(names)
