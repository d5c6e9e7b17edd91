"""Host labels that no person would choose: very long, full of digits or hyphens, stretched, or random."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

_ODDITIES: Final = ("long", "digits", "hyphens", "stretched", "random", "many_labels")
_LONG: Final = 25
_DIGITS: Final = b"0123456789"
_STRETCHED: Final = re.compile(r"([a-z])\1\1")
_CONSONANTS: Final = bytes(99 if chr(code) in "bcdfghjklmnpqrstvwxz" else 32 for code in range(256))
_MOST_CONSONANTS: Final = b"c" * 6
_MIXED: Final = re.compile(r"(?:[a-z]\d|\d[a-z]){3}")
_HEXADECIMAL: Final = re.compile(r"[0-9a-f]{16}")


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding that counts the oddities of the chosen labels."""
    if host.is_ip or not host.registrable:
        return None
    labels = host.before.removeprefix("www.").split(".")
    name = max(labels, key=len) if len(labels) > 1 else labels[0]
    letters = name.encode()
    digits = len(letters) - len(letters.translate(None, _DIGITS))
    odd = (
        len(name) >= _LONG,
        digits >= 4 and digits * 4 >= len(name),
        name.count("-") >= 3,
        _STRETCHED.search(name) is not None,
        _MOST_CONSONANTS in letters.translate(_CONSONANTS)
        or (digits >= 3 and _MIXED.search(name) is not None)
        or (len(name) >= 16 and _HEXADECIMAL.search(name) is not None),
        len(labels) >= 4,
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
