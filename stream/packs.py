"""What people wrote down about brands and lures, compiled once into look-up tables: frozen, shared by all checks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct

from stream.lookalike import DIGITS, bare, is_near, near_tokens, shortened, skeleton
from stream.words import Finder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Region: TypeAlias = Literal["my", "sea", "global"]
Automaton: TypeAlias = Any  # ahocorasick.Automaton has no types

_CLOSED: Final = re.compile(r"(?:^|\.)(?:gov|edu|mil|ac)(?:\.[a-z]{2})?$")
RESERVED: Final = frozenset(("example", "test", "invalid"))


class Brand(Struct, frozen=True):
    """Somebody whom scammers imitate. Only `domains` are known to be theirs; `unconfirmed` ones are neither
    allowed nor called imitations."""

    id: str
    name: str
    kind: str  # bank, ewallet, government, logistics, telco, …
    region: Region
    domains: tuple[str, ...] = ()
    unconfirmed: tuple[str, ...] = ()


class Keyword(Struct, frozen=True):
    """A name as it stands in hosts. A `whole` one is short or a word of some language: it must fill a token."""

    text: str
    brand: str
    whole: bool = False
    typo: bool = False


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that memos can hold it
class BrandPack:
    """Brands by every way in which a host or a text can name them."""

    brands: Mapping[str, Brand]
    official: Mapping[str, str]  # verified domain → brand id
    unconfirmed: Mapping[str, str]
    keywords: Mapping[str, Keyword]
    in_hosts: Automaton  # keyword and skeleton → Keyword
    bare_in_hosts: Automaton  # the same and `words`, as `bare` makes them (`stream/lookalike.py`): one look before all
    near: Mapping[str, Keyword]  # a keyword with one letter left out → Keyword
    near_heads: frozenset[str]  # of those keywords (`stream/lookalike.py`)
    near_tails: frozenset[str]
    in_texts: Automaton  # name as people write it → brand id
    words: Automaton  # word in a host → (kind, word)
    suffix_risk: Mapping[str, float]
    false_suffixes: frozenset[str]
    dynamic_dns: frozenset[str]
    forms: frozenset[str]  # hosts, or host/path, of forms that anybody can make
    bios: frozenset[str]  # hosts of pages that hold a person's links

    def may_name(self, name: str) -> bool:
        """Whether a keyword or a word may be in the name of a host, disguised or nearly: as in one of 25."""
        return self.may_hold(name) or self.nearly(name) is not None

    def may_hold(self, name: str) -> bool:
        """Whether a keyword or a word may be in the name, disguised or not."""
        plain = bare(name)
        if next(self.bare_in_hosts.iter(plain), None) is not None:
            return True
        if "rn" not in plain and "vv" not in plain:
            return False
        return next(self.bare_in_hosts.iter(skeleton(name).replace("-", "")), None) is not None

    def nearly(self, name: str) -> tuple[Keyword, int, str] | None:
        """The first keyword that a token of the name is one letter away from, where it stands, and as it is written."""
        for token in near_tokens(name, self.near_heads, self.near_tails):
            word = token.rstrip(DIGITS)
            for short in (word, *shortened(word)):
                keyword = self.near.get(short)
                if keyword is not None and word[0] == keyword.text[0] and is_near(word, keyword.text):
                    return keyword, name.find(token), word
        return None

    def official_brand(self, host: str) -> str:
        """The brand that is known to own this host, or nothing."""
        return _owner(host, self.official)

    def unconfirmed_brand(self, host: str) -> str:
        """The brand that may own this host, or nothing."""
        return _owner(host, self.unconfirmed)

    def risk(self, suffix: str) -> float:
        """How much more common the suffix is among scam hosts than among others, as log-odds."""
        return self.suffix_risk.get(stands_for(suffix), 0.0)

    def is_false(self, suffix: str) -> bool:
        """Whether people take the suffix for another, more trusted one, such as `my.id` for Malaysia."""
        return stands_for(suffix) in self.false_suffixes

    @staticmethod
    def is_closed(suffix: str) -> bool:
        """Whether only institutions can register there, such as governments and schools."""
        return _CLOSED.search(stands_for(suffix)) is not None


def _owner(host: str, owners: Mapping[str, str]) -> str:
    name = host
    while name:
        if name in owners:
            return owners[name]
        name = name.partition(".")[2]
    return ""


@lru_cache(4096)
def stands_for(suffix: str) -> str:
    """The suffix that a reserved stand-in means, so that no test or demo needs a live name.

    >>> stands_for("my-id.example"), stands_for("shop.test"), stands_for("com.my")
    ('my.id', 'shop', 'com.my')
    """
    name, _, last = suffix.rpartition(".")
    return name.replace("-", ".") if name and last in RESERVED else suffix


class Signal(Struct, frozen=True):
    """A kind of pressure that a text puts on its reader, and how an explanation says so."""

    name: str
    weight: float
    says: str


class Theme(Struct, frozen=True):
    """A story that scams tell, and the category of the alert that it leads to."""

    name: str
    category: str
    says: str = ""


class Phrase(Struct, frozen=True):
    """Words that together mean a signal or a theme: every part must be found, each by one of its alternatives."""

    target: str
    parts: int
    lang: str


Spoken: TypeAlias = tuple[bool, tuple[tuple[int, int], ...]]  # whether a word may go on; the (phrase, part) that it is


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that memos can hold it
class LurePack:
    """What scam texts say, by signal and theme, and the words of all languages that say it."""

    signals: Mapping[str, Signal]
    themes: Mapping[str, Theme]
    phrases: tuple[Phrase, ...]
    words: Mapping[str, Spoken]
    find: Finder[Spoken]  # those in a text
    service_kinds: Mapping[str, str]  # kind of service words → what they speak of
    service_words: Mapping[str, str]  # word that stands alone → kind
    service_parts: Automaton  # word that may stand inside another → kind


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, so that memos can hold it
class UrlModel:
    """One linear model on hashed n-grams of host and path; `scale` turns its integer sums into log-odds."""

    version: str
    host: NDArray[np.int8]
    path: NDArray[np.int8]
    host_scale: float
    path_scale: float
    bias: float
    slope: float


def suffix_table(rows: Mapping[str, Iterable[str]]) -> dict[str, float]:
    """Suffix → risk, from risk (as written) → suffixes."""
    return {suffix: float(risk) for risk, suffixes in rows.items() for suffix in suffixes}
