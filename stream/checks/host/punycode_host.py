"""Hosts that mix look-alike letters of several scripts in one label, as no language does."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from stream.cues import ENCODED
from stream.lookalike import latin
from stream.model import Finding, Host

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = ENCODED
_EAST_ASIAN: Final = frozenset(("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO"))  # written beside Latin every day


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding for a label of several scripts, or one that reads as plain Latin without being it."""
    if "xn--" not in host.name:
        return None
    for label in host.unicode.split("."):
        scripts = _scripts(label)
        if len(scripts) > 1:
            return _finding(label, scripts, 2.5, "mixes letters of several scripts")
        if scripts and scripts != {"LATIN"} and latin(label).isascii():
            return _finding(label, scripts, 2.0, "reads like Latin letters but is not")
    return None


def _scripts(label: str) -> set[str]:
    """Scripts of the letters; those of East Asia count as one with Latin."""
    names = {unicodedata.name(letter, "?").split()[0] for letter in label if letter.isalpha()}
    return names - _EAST_ASIAN - {"LATIN"} if names & _EAST_ASIAN else names


def _finding(label: str, scripts: set[str], weight: float, what: str) -> Finding:
    evidence = {"label": label, "scripts": sorted(script.lower() for script in scripts)}
    return Finding("punycode_host", "url", weight, f"The host label {label} {what}.", evidence)
