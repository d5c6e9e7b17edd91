"""Everything that judging depends on besides the message and the lists: packs, thresholds, bounds, sources.

Built once at start from settings and pack files; never holds a clock, a file or a connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from stream.bounds import Bounds
from stream.mapping import SourceSpec
from stream.verdict import VerdictRules

if TYPE_CHECKING:
    from stream.packs import BrandPack, LurePack, UrlModel
    from stream.platforms import Platforms
    from stream.suffixes import Suffixes

Mode: TypeAlias = Literal["live", "shadow", "off"]


@dataclass(frozen=True, slots=True)
class Privacy:
    """What an alert may carry of a person: hashes need the operator's key, without one they are null."""

    user_key: bytes = b""
    key_name: str = ""
    private_chat: bool = False


@dataclass(frozen=True, slots=True)
class Versions:
    """What judged a message, as every alert and ledger record names it."""

    saring: str
    checks: str
    settings: str
    model: str


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one deployment; a change of any of them is a rolling restart."""

    brands: BrandPack
    lures: LurePack
    platforms: Platforms
    suffixes: Suffixes
    model: UrlModel
    versions: Versions
    sources: Mapping[str, SourceSpec]  # by topic
    verdict: VerdictRules = field(default_factory=VerdictRules)
    bounds: Bounds = field(default_factory=Bounds)
    privacy: Privacy = field(default_factory=Privacy)
    modes: Mapping[str, Mode] = field(default_factory=dict)  # checks not named here are in shadow

    def without(self, off: frozenset[str]) -> Rules:
        """The same rules with some checks switched off."""
        return replace(self, modes={**self.modes, **dict.fromkeys(off, "off")}) if off else self

    def mode(self, check: str) -> Mode:
        """The mode of a check; one that settings do not name is in shadow."""
        return self.modes.get(check, "shadow")
