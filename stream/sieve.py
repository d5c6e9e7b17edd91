"""A first look at the texts of a chunk: may any phrase of a lure pack or a service word be in each. Few hold one, and
looking closely is dear.

Each phrase is known by one of its parts, its anchor. A text in which no word of an anchor stands alone cannot hold the
phrase; where one does, each other part needs a word that begins as one of the text does.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

import ahocorasick

from stream.cues import LURE, SERVICE
from stream.words import SPACED

if TYPE_CHECKING:
    from stream.packs import Automaton, LurePack

Sieve: TypeAlias = Callable[[Sequence[str]], list[int]]
Others: TypeAlias = tuple[frozenset[str], ...]  # for each part besides the anchor: heads of which one is needed

HEARD: Final = 16_384  # characters of a text that are listened to: who wants something says so before
_HEAD: Final = 5  # characters of a run that are compared
_RUN: Final = re.compile(r"[a-z0-9]+")
_END: Final = "\0"  # after each text: no word holds it
_BETWEEN: Final = f" {_END} "
_SPACED: Final = _END.encode() + SPACED[1:]
_PLAIN: Final = (
    {code: unicodedata.normalize("NFKD", chr(code))[0] for code in range(0xC0, 0x180)}  # é as people type it in haste
    | {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | {0x2018: "'", 0x2019: "'", 0x3000: " ", 0xA0: " ", 0x0A: " "}
)
_TO_PLAIN: Final = re.compile("[" + re.escape("".join(map(chr, _PLAIN))) + "]")
# Words in which digits stand for letters (`b4ntuan`, `1nvest4si`): letter, digit, letter, or digit, letter, digit.
_DIGITS_AS_LETTERS: Final = re.compile(r"(?<![a-z0-9])(?:[a-z]+[013457]+[a-z]|[013457]+[a-z]+[013457])[a-z0-9]*+")
_LETTER_DIGIT, _DIGIT_LETTER = b"a1", b"1a"  # as kinds: without both no word spells so, and that is cheap to tell
_LETTERS: Final = str.maketrans("013457", "oieast")
# Linear, where looking left and right from each scheme is not; in short texts it takes twice as long.
_ADDRESS: Final = re.compile(r"(?<![^ ])(?>[!-~]*?://)[!-~]*+(?![^ ])")
_LONG: Final = 2_000
_KINDS: Final = bytes(49 if chr(code) in "013457" else 97 if chr(code).isalpha() else 32 for code in range(256))


def sieve(pack: LurePack) -> Sieve:
    """A function from texts to the cues `LURE` and `SERVICE` in each: either is there wherever such words are, seldom
    else."""
    look = _automaton(spellings(pack)).iter
    foreign = _foreign_teller(pack)

    def cues(texts: Sequence[str]) -> list[int]:
        heard = [_heard(text) for text in texts]
        seen = [0 if text.isascii() else foreign(text) for text in heard]
        words, ends = _words(heard)
        at, start, end = -1, 0, -1
        heads: set[str] | None = None
        for place, (service, anchored) in look(words):
            if place > end:
                at = bisect_left(ends, place, at + 1)
                start, end, heads = ends[at - 1] if at else 0, ends[at], None
            seen[at] |= service
            if anchored and not seen[at] & LURE:  # one phrase is enough
                if heads is None:
                    heads = {word[:_HEAD] for word in words[start:end].split()}
                for others in anchored:
                    if not any(part.isdisjoint(heads) for part in others):
                        seen[at] |= LURE
                        break
        return seen

    return cues


def _heard(text: str) -> str:
    """As much as is listened to, folded where it has to be, without addresses."""
    text = text[:HEARD]
    if not text.isascii():
        text = folded(text)
    return without_addresses(text) if "://" in text else text


def _words(texts: Sequence[str]) -> tuple[str, list[int]]:
    """The words of all texts in small letters between blanks, with an end mark after each text, and where these are."""
    joined = _BETWEEN.join(texts)
    if joined.count(_END) >= len(texts):
        joined = _BETWEEN.join([text.replace(_END, " ") for text in texts])
    spaced = _spaced(f" {joined}{_BETWEEN}")
    ends = list(accumulate([len(text) + len(_BETWEEN) for text in texts]))
    kinds, words = spaced.translate(_KINDS), spaced.decode()
    place = kinds.find(_LETTER_DIGIT)
    while place >= 0:
        at = bisect_left(ends, place)
        start, end = ends[at - 1] if at else 0, ends[at]
        if _DIGIT_LETTER in kinds[start:end]:
            words = words[:start] + _DIGITS_AS_LETTERS.sub(_letters, words[start:end]) + words[end:]
        place = kinds.find(_LETTER_DIGIT, end)
    return words, ends


def folded(text: str) -> str:
    """Lower case, half width, without accents, letter for letter, so that places in it are places in the text."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals have two small letters
        lower = "".join(letter.lower()[0] for letter in text)
    return lower if lower.isascii() else _TO_PLAIN.sub(_plain, lower)


def _plain(letter: re.Match[str]) -> str:
    return _PLAIN[ord(letter[0])]


def with_letters(lower: str) -> str:
    """The text with the letters that digits inside its words stand for."""
    kinds = lower.encode("ascii", "replace").translate(_KINDS)
    return _DIGITS_AS_LETTERS.sub(_letters, lower) if _LETTER_DIGIT in kinds and _DIGIT_LETTER in kinds else lower


def _letters(word: re.Match[str]) -> str:
    return word[0].translate(_LETTERS)


def _spaced(text: str) -> bytes:
    """Its words in small letters with blanks between: whatever is no ASCII letter or digit is one."""
    return text.encode("ascii", "replace").translate(_SPACED)


def anchors_of(pack: LurePack) -> Mapping[str, tuple[Others, ...]]:
    """For each word of an anchor, as it stands between blanks, what else its phrases need; of ASCII phrases only."""
    parts: dict[int, dict[int, list[tuple[str, bool]]]] = {}
    for word, (is_open, places) in pack.words.items():
        if word.isascii():
            for phrase, part in places:
                parts.setdefault(phrase, {}).setdefault(part, []).append((word, is_open))
    found: dict[str, list[Others]] = {}
    for phrase, words in parts.items():
        if len(words) < pack.phrases[phrase].parts:
            continue
        rarest = max(words, key=lambda part: _rarity([word for word, _ in words[part]]))
        heads = [frozenset(_head(*each) for each in each_part) for at, each_part in words.items() if at != rarest]
        others = tuple(each for each in heads if "" not in each)  # a word without a run of its own is under no head
        for word, is_open in words[rarest]:
            found.setdefault(_between_blanks(word, is_open), []).append(others)
    return {word: tuple(each) for word, each in found.items()}


def _rarity(words: Sequence[str]) -> tuple[int, int]:
    """How seldom any of them is met: that is up to the shortest, and the longer the others the better."""
    return min(map(len, words)), max(map(len, words))


def _between_blanks(word: str, is_open: bool) -> str:
    """How a word looks in a spaced text where it stands alone: an open one may go on."""
    return f" {_spaced(word).decode()}{'' if is_open else ' '}"


def spellings(pack: LurePack) -> Mapping[str, tuple[int, tuple[Others, ...]]]:
    """Anchors and service words as they look between blanks: what a match says of service words, and the phrases that
    it may begin."""
    anchors, spelled = anchors_of(pack), [(word, with_letters(word)) for word in pack.service_words]
    service = {_between_blanks(word, False) for both in spelled for word in both}
    return {word: (SERVICE if word in service else 0, anchors.get(word, ())) for word in service | anchors.keys()}


def _automaton(spelled: Mapping[str, object]) -> Automaton:
    words = ahocorasick.Automaton()
    for word, says in spelled.items():
        words.add_word(word, says)
    words.make_automaton()
    return words


def _head(word: str, is_open: bool) -> str:
    """The longest run of a word that a text which holds the word has under the same head; "" if there is none."""
    runs = [
        match[0] for match in _RUN.finditer(word) if len(match[0]) >= _HEAD or not is_open or match.end() < len(word)
    ]
    return max(runs, key=len, default="")[:_HEAD]


def without_addresses(text: str) -> str:
    """The text without most of its addresses: what stands between blanks and holds a scheme."""
    if len(text) > _LONG:
        return _ADDRESS.sub(" ", text)
    at = text.find("://")
    while at >= 0:
        start, end = text.rfind(" ", 0, at) + 1, text.find(" ", at)
        end = len(text) if end < 0 else end
        piece = text[start:end]
        if piece.isascii() and piece.isprintable():  # else a line break may be inside
            text = f"{text[:start]} {text[end:]}"
            at = text.find("://", start)
        else:
            at = text.find("://", at + 3)
    return text


def foreign_letters(pack: LurePack) -> frozenset[str]:
    """Letters of which one stands in each word that only a text outside ASCII can hold."""
    return frozenset(next(letter for letter in word if not letter.isascii()) for word in _foreign(pack))


def _foreign(pack: LurePack) -> dict[str, int]:
    cues = dict.fromkeys([word for word in pack.words if not word.isascii()], LURE)
    for word in pack.service_parts:
        cues[word] = cues.get(word, 0) | SERVICE
    return cues


def _foreign_teller(pack: LurePack) -> Callable[[str], int]:
    """The cues in a folded text by words that only one outside ASCII can hold; most hold an emoji or a curly quote."""
    if not (cues := _foreign(pack)):
        return lambda text: 0
    automaton = _automaton(cues)
    some = re.compile(f"[{re.escape(''.join(sorted(foreign_letters(pack))))}]").search

    def foreign(text: str) -> int:
        seen = 0
        if some(text) is not None:
            for _, cue in automaton.iter(text):
                seen |= cue
                if seen == LURE | SERVICE:
                    break
        return seen

    return foreign
