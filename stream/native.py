"""The hot path in its native form, where `native/` is installed: the same outcomes, much sooner.

Most texts hold no link, and most links stand between blanks in canonical form: of these it says all there is to know.
It is told by the modules that say what is right what they look for, and where it can't be sure, they are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from stream.chains import cut_off_names
from stream.cues import LURE, SERVICE
from stream.gate import LETTER_LIKE, TOUCHING, Seen, gate
from stream.glance import WIDE_BLANKS
from stream.links import longest_seen
from stream.sieve import HEARD, folded, foreign_letters, spellings

if TYPE_CHECKING:
    from stream.rules import Rules

try:
    from saring_native import Look, Memory, Records, Rows, Shortcut
except ImportError:  # not built here
    Look = Memory = Records = Rows = Shortcut = None  # type: ignore[assignment,misc]

__all__ = ["Look", "Memory", "Records", "Rows", "Shortcut", "first_look", "form", "is_there", "letters", "look_for"]

Settled: TypeAlias = tuple[int, ...]  # the cues in what stands beside the addresses; where each begins and ends
FirstLook: TypeAlias = "Callable[[Sequence[str]], Sequence[Seen | Settled]]"

_RANGE: Final = re.compile(r"(.)-(.)|(.)", re.DOTALL)
_LAST_CASED: Final = 0x20000  # beyond, letters are neither small nor capital
_LAST_PLAIN: Final = 0x250  # beyond, no letter folds to an ASCII one that is not asked about


def is_there() -> bool:
    """Whether the native form is installed, and so at work."""
    return Look is not None


def form() -> Literal["native", "python"]:
    """The form that is at work, as logs and metrics name it."""
    return "native" if is_there() else "python"


def look_for(rules: Rules) -> Look | None:
    """What all texts under these rules are looked at with; None where it is not installed."""
    if not is_there():
        return None
    suffixes, bounds, lures = rules.suffixes, rules.bounds, rules.lures
    return Look(
        odd=(letters(TOUCHING), letters(LETTER_LIKE), letters(WIDE_BLANKS)),
        cut_off=cut_off_names(suffixes),
        tops=suffixes.tops,
        words=[
            (word, bool(cue), [[sorted(heads) for heads in others] for others in anchored])
            for word, (cue, anchored) in spellings(lures).items()
        ],
        plain="".join(folded(chr(code)) for code in range(0x80, _LAST_PLAIN)),
        foreign="".join(_capitals(foreign_letters(lures)) | foreign_letters(lures)),
        bounds=(min(longest_seen(bounds), HEARD), bounds.links, bounds.link),
        cues=(LURE, SERVICE),
    )


def first_look(look: Look, rules: Rules) -> FirstLook:
    """A function from texts to what each holds: what the gate says of it, or what is settled."""
    asked, most = gate(rules.suffixes), longest_seen(rules.bounds)

    def seen(texts: Sequence[str]) -> Sequence[Seen | Settled]:
        found = look(texts)
        if None in found:
            for at, text in enumerate(texts):
                if found[at] is None:
                    found[at] = asked(text) if len(text) <= most else "tricky"
        return found  # type: ignore[return-value]  # none is None now

    return seen


def letters(ranges: str) -> str:
    """The letters of a set as regular expressions spell it."""
    spelled = _RANGE.findall(ranges)
    return "".join(one or "".join(map(chr, range(ord(first), ord(last) + 1))) for first, last, one in spelled)


@cache
def _capitals(small: frozenset[str]) -> frozenset[str]:
    """The letters outside ASCII that fold to these: Д to д."""
    return frozenset(letter for letter in map(chr, range(0x80, _LAST_CASED)) if folded(letter) in small)
