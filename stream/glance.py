"""The gate for a whole chunk: one look at the bytes of all its texts settles most of them.

Which two or three characters stand side by side says of most texts what the gate would say, and of most others which
one of its expressions is still to be asked. It takes little more than a third of what asking the gate about each takes.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from stream.gate import ODD, SIGNS, SLASH_APART, Seen, apart_teller, gate, has_dot_word
from stream.suffixes import Suffixes

if TYPE_CHECKING:
    from numpy.typing import NDArray

Glance: TypeAlias = Callable[[Sequence[str]], list[Seen]]

_FEW: Final = 24  # below, arrays cost more than they save
_END: Final = "\0"  # between texts: stands in no row but those of every character
_ASKED: Final = "\v"  # in the place of a text that is not looked at here: the gate is asked
_BLANKS: Final = " \t\n\r"
_ODD_BLANKS: Final = "\v\f\x1c\x1d\x1e\x1f"
WIDE_BLANKS: Final = "\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_WIDE_BLANK: Final = re.compile(f"[{WIDE_BLANKS}]")
_EVERY: Final = "".join(map(chr, range(256)))
_INNER: Final = "".join(char for char in map(chr, range(1, 128)) if char not in _BLANKS + _ODD_BLANKS + ".")

# What is said of a text, as bits: a link as it stands, or what is to be looked at closely.
_PLAIN, _DOTS, _SLASHES, _SIGNS, _WORDS, _ASK = 1, 2, 4, 8, 16, 32
# What `stream/gate.py` looks for, by the two or three characters that it holds or begins or ends with. Every row is a
# bit: of an octet's value in the table of each place; only where the row holds is it left when these are joined.
_PAIRS: Final = (
    (_SIGNS, "[({<", _BLANKS + ".:;/\\-"),
    (_ASK, "*`~|\\\"'", "."),
    (_SIGNS, "%&", "23#" + string.ascii_letters),
    (_SIGNS, ".", "])}"),
    (_ASK, ":;=-", "\\\r\n"),
    (_ASK, _ODD_BLANKS, _EVERY),
    (_DOTS, _BLANKS, "."),
    (_SLASHES, _BLANKS, "/\\"),
)
_TRIPLES: Final = (
    (_PLAIN, ".", _INNER, _EVERY),
    (_PLAIN, "/:", "/", _EVERY),
    (_DOTS, ".", _BLANKS, _EVERY),
    (_ASK, "/", "\\", _EVERY),
    (_ASK, " ", "wW", " "),  # `w w w`
    (_WORDS, "dD", "oO0", "tT"),  # `dot`
    (_WORDS, "tT", "tTiIgG", "kK:"),  # `ttk`, `titik`, `tg:`
    (_SIGNS, "[({<", "dDtTpPsS", "oO0iItTkKuUlL"),  # `(dot)`, `(titik)`, `(punto)`, `(slash)`
)


def glancer(suffixes: Suffixes, longest: int) -> Glance:
    """A function from texts to what the gate says of each; one of more than `longest` characters is "tricky"."""
    look, is_apart = gate(suffixes), apart_teller(suffixes)
    says: tuple[Seen, ...] = ("", "plain")

    def asked(text: str) -> Seen:
        return look(text) if len(text) <= longest else "tricky"

    def told(text: str, code: int) -> Seen:
        if code & _ASK or (code & _WORDS and _has_word(text)):
            return asked(text)
        if (
            (code & _SIGNS and SIGNS.search(text) is not None)
            or (code & _SLASHES and SLASH_APART.search(text) is not None)
            or (code & _DOTS and is_apart(text))
        ):
            return "tricky"
        return says[code & _PLAIN]

    def glance(texts: Sequence[str]) -> list[Seen]:
        if len(texts) < _FEW:
            return [asked(text) for text in texts]
        kept = [(text if text.isascii() else _bare(text)) if len(text) <= longest else _ASKED for text in texts]
        octets = _END.join(["", *kept, "", ""]).encode()
        begins = np.flatnonzero(np.frombuffer(octets, dtype=np.uint8) == ord(_END))[:-2]
        if len(begins) > len(texts):
            return [asked(text) for text in texts]  # one holds the sign between texts
        found = _codes(octets, begins)
        codes = found.tolist()
        seen = [says[code & _PLAIN] for code in codes]
        for at in np.flatnonzero(found > _PLAIN).tolist():
            seen[at] = told(texts[at], codes[at])
        return seen

    return glance


def _bare(text: str) -> str:
    """A text with question marks for what is not ASCII: letters, wherever nothing among it can play a trick."""
    if ODD.search(text) is not None or _WIDE_BLANK.search(text) is not None:
        return _ASKED
    return text.encode("ascii", "replace").decode()


def _has_word(text: str) -> bool:
    return "tg:" in (lower := text.lower()) or has_dot_word(text, lower)


def _codes(octets: bytes, begins: NDArray[np.intp]) -> NDArray[np.uint8]:
    """What a glance says of each text; each begins after a sign, two more of which end the last."""
    first, second = (_read(octets, table) for table in _TABLES_OF_PAIRS)
    pairs = np.bitwise_or.reduceat(first[:-1] & second[1:], begins)
    first, second, third = (_read(octets, table) for table in _TABLES_OF_TRIPLES)
    triples = np.bitwise_or.reduceat(first[:-2] & second[1:-1] & third[2:], begins)
    return _SAID_BY_PAIRS[pairs] | _SAID_BY_TRIPLES[triples]


def _read(octets: bytes, table: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(octets.translate(table), dtype=np.uint8)


def _tables(rows: Sequence[Sequence[str]]) -> tuple[bytes, ...]:
    """For each place in a row a table from octets to the rows, as bits, that have the octet in that place."""
    return tuple(_table(column) for column in zip(*rows, strict=True))


def _table(column: Iterable[str]) -> bytes:
    bits = [0] * 256
    for number, chars in enumerate(column):
        for char in chars:
            bits[ord(char)] |= 1 << number
    return bytes(bits)


def _said(by_row: Sequence[int]) -> NDArray[np.uint8]:
    """What rows say together, by the bits of those that hold."""
    sets = ({said for row, said in enumerate(by_row) if rows >> row & 1} for rows in range(256))
    return np.array([sum(each) for each in sets], dtype=np.uint8)


_TABLES_OF_PAIRS: Final = _tables([places for _, *places in _PAIRS])
_TABLES_OF_TRIPLES: Final = _tables([places for _, *places in _TRIPLES])
_SAID_BY_PAIRS: Final = _said([said for said, *_ in _PAIRS])
_SAID_BY_TRIPLES: Final = _said([said for said, *_ in _TRIPLES])
