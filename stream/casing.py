"""Letters of a host that browsers fold and the URL parser does not yet: its tables are of Unicode 15."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from idna import IDNAError, uts46_remap

_ESCAPED_LETTERS: Final = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")


def folded(host: str) -> str:
    """The host with each letter beyond ASCII as UTS 46 maps it: Georgian capitals and `ẞ` since Unicode 16.

    What maps to nothing goes; what maps to ASCII stays for the parser, which knows it and must still see that a
    full-width slash is no delimiter.
    """
    if "%" in host:
        host = _ESCAPED_LETTERS.sub(_decoded, host)
    return _FOREIGN.sub(_mapped, host)


def _decoded(escapes: re.Match[str]) -> str:
    try:
        return bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]


def _mapped(char: re.Match[str]) -> str:
    return _letter(char[0])


@lru_cache(maxsize=4096)
def _letter(char: str) -> str:
    try:
        mapped = uts46_remap(char, std3_rules=False)
    except IDNAError:
        return char
    return char if mapped and mapped.isascii() else mapped
