"""Host labels that no person would choose: very long, full of digits or hyphens, stretched, or random."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

_ODDITIES: Final = ("long", "digits", "hyphens", "stretched", "random", "many_labels")
_LONG: Final = 25
_MANY_LABELS: Final = 4
_DIGITS: Final = b"0123456789"
_STRETCHED: Final = re.compile(r"([a-z])\1\1")
_CONSONANTS: Final = re.compile(r"[bcdfghjklmnpqrstvwxz]{6}")
_MIXED: Final = re.compile(r"(?:[a-z]\d|\d[a-z]){3}")
_SHORTEST_HEXADECIMAL: Final = 16
_HEXADECIMAL: Final = re.compile(rf"[0-9a-f]{{{_SHORTEST_HEXADECIMAL}}}")
_ODD_WORD: Final = re.compile(f"{_STRETCHED.pattern}|{_CONSONANTS.pattern}")


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding that counts the oddities of the chosen labels."""
    if host.is_ip or not host.registrable:
        return None
    labels = host.before.removeprefix("www.").split(".")
    name = max(labels, key=len) if len(labels) > 1 else labels[0]
    if (
        name.isalpha()
        and len(name) < _SHORTEST_HEXADECIMAL
        and len(labels) < _MANY_LABELS
        and not _ODD_WORD.search(name)
    ):
        return None  # a word, as most are: the rest asks for digits, hyphens or length
    digits = len(name) - len(name.encode().translate(None, _DIGITS))
    odd = (
        len(name) >= _LONG,
        digits >= 4 and digits * 4 >= len(name),
        name.count("-") >= 3,
        _STRETCHED.search(name) is not None,
        _CONSONANTS.search(name) is not None
        or (digits >= 3 and _MIXED.search(name) is not None)
        or (len(name) >= _SHORTEST_HEXADECIMAL and _HEXADECIMAL.search(name) is not None),
        len(labels) >= _MANY_LABELS,
    )
    if True not in odd or name.startswith("xn--"):
        return None
    if rules.platforms.tenant(host.name)[0] in rules.platforms.machine_named:
        return None
    seen = [what for what, is_so in zip(_ODDITIES, odd, strict=True) if is_so]
    shown = ", ".join(what.replace("_", " ") for what in seen)
    return Finding(
        "odd_labels", "url", 0.4 * min(3, len(seen)), f"The host name is unusual: {shown}.", {"labels": seen}
    )
