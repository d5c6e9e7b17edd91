"""What changed between two snapshots of lists: the entries that came and those that went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from stream.lists.entries import Entry
from stream.lists.layer import Layer, Statement, time_text, turned_key

Named = tuple[str, Layer]  # a layer under a name that stands for its content


class Change(NamedTuple):
    """An entry that came into force, or went; `Entry.action` is what it says or said."""

    came: bool
    entry: Entry


def changes(old: Sequence[Named], new: Sequence[Named]) -> Iterator[Change | None]:
    """Every entry that differs; None now and then, for whoever wants to do something else in between.

    Only layers that are not in both are read, so that a delta costs its own size; a new base is read through.
    """
    same = {name for name, _ in old} & {name for name, _ in new}
    before, after = [layer for _, layer in old], [layer for _, layer in new]
    told: set[tuple[str, str, str]] = set()
    for count, (key, statement) in enumerate(_stated(old, new, same)):
        if count % 500 == 499:
            yield None
        was, now = _effective(before, key, statement), _effective(after, key, statement)
        identity = (statement.feed, statement.kind, key)
        if _action(was) == _action(now) or identity in told:
            continue
        told.add(identity)
        found = now if now and _action(now) else was
        if found:
            yield Change(bool(_action(now)), _entry(key, *found))


def _stated(old: Sequence[Named], new: Sequence[Named], same: set[str]) -> Iterator[tuple[str, Statement]]:
    for name, layer in (*new, *old):
        if name not in same:
            for key, statement, _ in layer.entries():
                yield key, statement


Found = tuple[Statement, int, int]


def _effective(layers: Sequence[Layer], key: str, wanted: Statement) -> Found | None:
    """What the last layer that speaks of it says of this feed's entry, with its time; None when no layer does."""
    turned = turned_key(key)
    for layer in reversed(layers):
        number = layer.trie.get(turned)
        if number is None:
            continue
        for statement, seconds in layer.statements(number):
            if statement.feed == wanted.feed and statement.kind == wanted.kind:
                return statement, seconds, layer.header.unit_seconds
    return None


def _action(found: Found | None) -> str:
    """`block`, `allow`, or empty where the entry is not in force."""
    return "" if found is None or found[0].action == "removed" else found[0].action


def _entry(key: str, statement: Statement, seconds: int, unit_seconds: int) -> Entry:
    action: Literal["block", "allow"] = "allow" if statement.action == "allow" else "block"
    listed_at = time_text(seconds, unit_seconds)
    return Entry(statement.feed, statement.kind, key, action, statement.threat, listed_at)
