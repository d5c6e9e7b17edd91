"""How a name can be written so that people still read it: skeletons, letters left out, Unicode doubles."""

from __future__ import annotations

import unicodedata
from collections.abc import Container, Iterator, Sequence
from typing import Final

SHORTEST_NEAR: Final = 6  # one letter of five is too much to forgive: `maxis` is near `taxis`
DIGITS: Final = "0123456789"
# Letters of other scripts that pass for Latin ones (Unicode TR 39), and Latin ones that NFKD does not take apart.
_DOUBLES: Final = str.maketrans(
    "аеорсухіјѕԁһԛԝкмнтвгпьӏёїαβγεηικνορτυχωϲϳɡıɑɩʟօսհոցəłøđħ",
    "aeopcyxijsdhqwkmhtbrnbleiabyenikvoptuxwcjgiailouhngelodh",
)
_FOLD: Final = str.maketrans("01345789i|q", "oleastbgllg")
_FOLD_ASCII: Final = bytes.maketrans(b"01345789i|q", b"oleastbgllg")


def latin(text: str) -> str:
    """The text with letters of other scripts and accents replaced by the Latin letters that they resemble."""
    if text.isascii():
        return text
    plain = unicodedata.normalize("NFKD", text.lower().translate(_DOUBLES))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_DOUBLES)


def skeleton(name: str) -> str:
    """The name with letters that are easily taken for another folded into one; equal for `maxis` and `maxl5`.

    >>> skeleton("rnayb4nk") == skeleton("maybank"), skeleton("maxis") == skeleton("maxl5")
    (True, True)
    """
    return name.translate(_FOLD).replace("rn", "m").replace("vv", "w")


def bare(name: str) -> str:
    """The name folded letter by letter and without hyphens: where another stands in it in some disguise, `bare` of that
    one stands in `bare` of this, unless pairs of letters pass for one."""
    if name.isascii():
        return name.encode().translate(_FOLD_ASCII, b"-").decode()  # a third of what the same takes with text
    return name.translate(_FOLD).replace("-", "")


def shortened(name: str) -> Iterator[str]:
    """The name with each one of its letters left out."""
    return (name[:at] + name[at + 1 :] for at in range(len(name)))


def heads_of(name: str) -> tuple[str, ...]:
    """The first half of any name that is near this one, where the letter that is wrong comes later: see `tails_of`."""
    return tuple(name[: length // 2] for length in _near_lengths(name))


def tails_of(name: str) -> tuple[str, ...]:
    """The first letter and the end of any name that is near this one, where the wrong letter stands in its first half.

    A name that is near another, and begins with the same letter, has one of its heads or one of its tails: a look at
    both spares nearly every word the search for the letter.
    """
    return tuple(name[:1] + name[len(name) - (length - length // 2 - 1) :] for length in _near_lengths(name))


def _near_lengths(name: str) -> Sequence[int]:
    return range(len(name) - 1, len(name) + 2)


def near_tokens(name: str, heads: Container[str], tails: Container[str]) -> list[str]:
    """The tokens of a name that, digits at their ends aside, may be near one whose head or tail these hold."""
    found: list[str] = []
    for token in name.replace("-", ".").split("."):
        word = token.rstrip(DIGITS)
        half = len(word) // 2
        if len(word) >= SHORTEST_NEAR and (word[:half] in heads or word[:1] + word[half + 1 :] in tails):
            found.append(token)
    return found


def is_near(name: str, other: str) -> bool:
    """Whether one letter was left out, put in, replaced or swapped with its neighbour.

    >>> is_near("shoppee", "shopee"), is_near("shoepe", "shopee"), is_near("shape", "shopee")
    (True, True, False)
    """
    longer, shorter = (name, other) if len(name) >= len(other) else (other, name)
    if len(longer) - len(shorter) > 1 or name == other:
        return False
    at = next((i for i, (a, b) in enumerate(zip(longer, shorter, strict=False)) if a != b), len(shorter))
    if len(longer) > len(shorter):
        return longer[at + 1 :] == shorter[at:]
    swapped = longer[at + 1 : at + 2] + longer[at : at + 1] == shorter[at : at + 2]
    return longer[at + 1 :] == shorter[at + 1 :] or (swapped and longer[at + 2 :] == shorter[at + 2 :])
