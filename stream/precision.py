"""How well a shadow check would do: what it would have raised, joined with what was raised, listed or said since."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from stream.feedback import Feedback, covers

_Z: Final = 1.96  # 95 %


class Case(Struct, frozen=True):
    """A link of a message, as shadow alerts and alerts name it; `listed` once a list spoke of it."""

    case_id: str
    key: str
    listed: bool = False


class Measured(Struct, frozen=True):
    """One shadow check: cases it would have raised, those raised or listed anyway, and people's words on the rest.

    `precision` is that of the sampled words alone, with the ends of its 95 % interval; None without any.
    """

    check: str
    would_raise: int
    raised_anyway: int
    listed_later: int
    judged: int = 0
    scams: int = 0
    precision: float | None = None
    low: float = 0.0
    high: float = 1.0


def measured(
    shadow: Mapping[str, Sequence[Case]], said: Iterable[Case], words: Iterable[Feedback]
) -> tuple[Measured, ...]:
    """Each shadow check by name. Words that nobody sampled say what people noticed, not how often a check is right."""
    raised: set[str] = set()
    listed: set[str] = set()
    for case in said:
        raised.add(case.case_id)
        if case.listed:
            listed.add(case.case_id)
    sampled = [word for word in words if word.sampled and word.verdict != "unsure"]
    return tuple(_one(check, cases, raised, listed, sampled) for check, cases in sorted(shadow.items()))


def _one(check: str, cases: Sequence[Case], raised: set[str], listed: set[str], words: Sequence[Feedback]) -> Measured:
    distinct = {case.case_id: case for case in cases}
    told = [word.verdict != "false" for case in distinct.values() if (word := _last(case, words))]
    low, high = interval(sum(told), len(told))
    return Measured(
        check,
        len(distinct),
        len(distinct.keys() & raised),
        len(distinct.keys() & listed),
        len(told),
        sum(told),
        sum(told) / len(told) if told else None,
        low,
        high,
    )


def _last(case: Case, words: Sequence[Feedback]) -> Feedback | None:
    about = [word for word in words if word.case_id == case.case_id or covers(word, case.key)]
    return max(about, key=lambda word: word.at, default=None)


def interval(hits: int, trials: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; all that is possible without any trial."""
    if not trials:
        return 0.0, 1.0
    share, spread = hits / trials, _Z * _Z / trials
    middle = share + spread / 2
    half = _Z * math.sqrt(share * (1 - share) / trials + spread / trials / 4)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))
