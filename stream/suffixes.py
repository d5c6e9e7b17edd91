"""The public suffix list as one dict: where the name that somebody registered begins in a host."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final, TypeAlias

from msgspec import Struct

Split: TypeAlias = tuple[str, str, str]

RESERVED: Final = ("example", "test", "invalid")  # RFC 2606: never delegated, so demos and tests may use them
_ICANN: Final = 1
_PRIVATE: Final = 2
_WILDCARD: Final = 4  # `*.ck`: any one label before this name is part of the suffix
_EXCEPTION: Final = 8  # `!www.ck`: but not this one
_DEEPEST: Final = 12  # labels looked at from the right; no rule of the list has more than six
_PRIVATE_SECTION: Final = "===BEGIN PRIVATE DOMAINS==="


class Suffixes(Struct, frozen=True):
    """The rules of one snapshot by name, ASCII and Unicode spelling alike; build it with `from_lines`."""

    rules: dict[str, int]
    leading: frozenset[str]  # first labels of the rules registries made, such as `co` of `co.uk`

    def __contains__(self, suffix: str) -> bool:
        """Whether the list itself names this suffix, not only the rule that any last label is one."""
        return bool(self.rules.get(suffix, 0) & (_ICANN | _PRIVATE))

    def split(self, host: str) -> Split:
        """Registrable domain with the private section, the same without it, and the suffix with it; "" for none."""
        labels = host.rsplit(".", _DEEPEST)
        rest = labels[0].rpartition(".")[2]
        labels[0] = rest  # deeper labels cannot matter and may be endless
        private = self._suffix_at(labels, _ICANN | _PRIVATE)
        icann = self._suffix_at(labels, _ICANN)
        return _registrable(labels, private), _registrable(labels, icann), ".".join(labels[private:])

    def listed(self, host: str) -> bool:
        """Whether a rule of the list, not the rule for unknown names, ends this host before its first label."""
        labels = host.rsplit(".", _DEEPEST)
        place = self._suffix_at(labels, _ICANN | _PRIVATE)
        return place > 0 and self._named(labels, place)

    def _named(self, labels: list[str], place: int) -> bool:
        suffix = ".".join(labels[place:])
        return suffix in self.rules or bool(self.rules.get(suffix.partition(".")[2], 0) & _WILDCARD)

    def _suffix_at(self, labels: list[str], kinds: int) -> int:
        """Index of the label at which the longest suffix begins; the last label when no rule fits."""
        rules = self.rules
        for index in range(len(labels)):
            flags = rules.get(".".join(labels[index:]) if index else ".".join(labels), 0)
            if flags & _EXCEPTION:
                return index + 1
            if flags & _WILDCARD and index and (flags >> 4 or _ICANN) & kinds:
                return index - 1
            if flags & kinds:
                return index
        return len(labels) - 1


def _registrable(labels: list[str], suffix_at: int) -> str:
    if suffix_at < 1 or "" in labels[suffix_at - 1 :]:
        return ""
    return ".".join(labels[suffix_at - 1 :])


def from_lines(lines: Iterable[str], extra: Iterable[str] = RESERVED) -> Suffixes:
    """Suffixes from the lines of a public suffix list; `extra` names count as suffixes beside it."""
    rules: dict[str, int] = {}
    section = _ICANN
    for line in lines:
        if _PRIVATE_SECTION in line:
            section = _PRIVATE
        rule = line.split("//", 1)[0].strip() if "//" in line else line.strip()
        if rule:
            _add(rules, rule.split()[0].lower(), section)
    for name in extra:
        _add(rules, name.lower().strip("."), _ICANN)
    return Suffixes(rules, frozenset(name.partition(".")[0] for name, flags in rules.items() if flags & _ICANN))


def _add(rules: dict[str, int], rule: str, section: int) -> None:
    flags = section
    if rule.startswith("*."):
        rule, flags = rule[2:], _WILDCARD | section << 4
    elif rule.startswith("!"):
        rule, flags = rule[1:], _EXCEPTION
    for name in {rule, _ascii(rule)}:
        rules[name] = rules.get(name, 0) | flags


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    return ".".join(
        label if label.isascii() else "xn--" + label.encode("punycode").decode() for label in name.split(".")
    )


@cache
def bundled() -> Suffixes:
    """The snapshot that tldextract ships, plus the reserved names: for callers that bring no suffixes of their own.

    The one file that `stream/` reads, and only when somebody calls `find_links` or `canonicalize` directly; the
    service passes in what `config/suffixes.py` loaded.
    """
    snapshot = resources.files("tldextract").joinpath(".tld_set_snapshot")
    return from_lines(snapshot.read_text(encoding="utf-8").splitlines())
