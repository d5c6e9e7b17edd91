"""Where a name with dots begins and ends when prose in unspaced script, signs or list marks touch it."""

from __future__ import annotations

from typing import Final

from stream.letters import IS_UNSPACED, UNSPACED_RUN
from stream.suffixes import Suffixes
from stream.vocabulary import FILE_ENDINGS, PRONOUNS, WORDS

_LONGEST_FOREIGN: Final = 16  # characters of a label in unspaced script; longer ones are sentences
_SPEECH: Final = WORDS | FILE_ENDINGS | PRONOUNS
_FIRST_SIGN: Final = 0x2190  # arrows, dingbats, pictographs


def name_edges(text: str, start: int, after: int, end: int, suffixes: Suffixes) -> tuple[int, int]:
    """Where a name begins and ends: without a list item's hyphen, with labels in unspaced script or of one sign."""
    begin = start
    if text[start] == ".":
        begin = start + 1 if text[start - 1 : start] == "." else _foreign_label_start(text, start)
    while text[begin : begin + 1] == "-" and (begin == 0 or text[begin - 1] in "-\n "):
        begin += 1
    stop = begin + len(text[begin:after].rstrip(".-"))
    last = text.rfind(".", begin, stop) + 1
    if (hyphen := text.find("-", last, stop)) > 0 and text[hyphen + 1 : stop].isalpha() and last > begin:
        top = text[last:hyphen].lower()  # no suffix has a hyphen: `pay.example-nya`, `pay.example-based`
        stop = hyphen if top in suffixes and top not in _SPEECH else stop
    if stop == after - 1 and text[stop] == ".":
        size = unspaced_suffix(text, after, end, suffixes)
        stop = after + size if size else stop
    return begin, stop


def _foreign_label_start(text: str, dot: int) -> int:
    """Where the label before a dot begins if it is a word of unspaced script or a single sign; else the dot."""
    begin = dot
    while begin > 0 and dot - begin < _LONGEST_FOREIGN and IS_UNSPACED.match(text, begin - 1):
        begin -= 1
    if begin == dot and dot and ord(text[dot - 1]) > _FIRST_SIGN and not text[dot - 1].isspace():
        begin = dot - 1
    before = text[begin - 1 : begin]
    return dot if before and (before.isalnum() or IS_UNSPACED.match(before)) else begin


def unspaced_suffix(text: str, start: int, end: int, suffixes: Suffixes) -> int:
    """How much of the unspaced script at `start` is a public suffix, as in `name.中国`; 0 for none."""
    run = UNSPACED_RUN.match(text, start, end)
    if run is None:
        return 0
    return next((size for size in range(min(8, len(run[0])), 0, -1) if run[0][:size] in suffixes), 0)
