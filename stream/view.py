"""A text as it reads after tricks are undone, with the way back to every position of the text as it was written."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

Edit: TypeAlias = tuple[int, int, str, str]  # from, to, what it reads as, and the name of the trick


class Layer(Struct, frozen=True, gc=False):
    """What one round of edits did: for each edit where it stands now, where it stood, and whether letter for letter."""

    starts: list[int]
    ends: list[int]
    old_starts: list[int]
    old_ends: list[int]

    def start(self, place: int) -> int:
        """Where the character at a place began before this round."""
        at = bisect_right(self.starts, place) - 1
        if at < 0:
            return place
        if place >= self.ends[at]:
            return place - self.ends[at] + self.old_ends[at]
        return self.old_starts[at] + (place - self.starts[at] if self._is_even(at) else 0)

    def end(self, place: int) -> int:
        """Where the character before a place ended before this round."""
        at = bisect_right(self.starts, place - 1) - 1
        if at < 0:
            return place
        if place > self.ends[at]:
            return place - self.ends[at] + self.old_ends[at]
        return self.old_starts[at] + place - self.starts[at] if self._is_even(at) else self.old_ends[at]

    def _is_even(self, at: int) -> bool:
        return self.ends[at] - self.starts[at] == self.old_ends[at] - self.old_starts[at]


class View(Struct, frozen=True):
    """A text after some rounds of edits; `undone` is (start, end, trick) in the text as it was written."""

    text: str
    layers: tuple[Layer, ...] = ()  # the last round first
    undone: tuple[tuple[int, int, str], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of what stands here between two positions."""
        for layer in self.layers:
            start, end = layer.start(start), layer.end(end)
        return start, end


def plain(text: str) -> View:
    """The view of a text nothing is done to yet."""
    return View(text)


def edited(view: View, edits: Iterable[Edit], begun: View | None = None) -> View:
    """The view after some edits, given in order and without overlap; the same view when there are none.

    What was `begun` with the first of them goes on with the others.
    """
    pieces: list[str] = []
    layer = Layer([], [], [], [])
    undone = list(view.undone)
    place = now = 0
    if begun is not None:
        last, undone = begun.layers[0], list(begun.undone)
        layer = Layer([*last.starts], [*last.ends], [*last.old_starts], [*last.old_ends])
        place, now = layer.old_ends[-1], layer.ends[-1]
        pieces.append(begun.text[: len(begun.text) - len(view.text[place:])])
    for start, end, text, trick in edits:
        pieces += (view.text[place:start], text)
        now += start - place
        layer.starts.append(now)
        now += len(text)
        layer.ends.append(now)
        layer.old_starts.append(start)
        layer.old_ends.append(end)
        undone.append((*view.span(start, end), trick) if view.layers else (start, end, trick))
        place = end
    if not place:
        return view
    pieces.append(view.text[place:])
    return View("".join(pieces), (layer, *view.layers), tuple(undone))


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
