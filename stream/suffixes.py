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
_BOTH: Final = _ICANN | _PRIVATE
_WILDCARD: Final = 4  # `*.ck`: any one label before this name is part of the suffix; its section stands 4 bits up
_EXCEPTION: Final = 8  # `!www.ck`: but not this one; its section stands 6 bits up
_DEEPEST: Final = 12  # labels looked at from the right; no rule of the list has more than six
_PRIVATE_SECTION: Final = "===BEGIN PRIVATE DOMAINS==="


class Suffixes(Struct, frozen=True):
    """The rules of one snapshot by name, ASCII and Unicode spelling alike; build it with `from_lines`."""

    rules: dict[str, int]
    tops: frozenset[str]  # the last labels of all rules, such as `com`

    def __contains__(self, suffix: str) -> bool:
        """Whether the list itself names this suffix, not only the rule that any last label is one."""
        return bool(self.rules.get(suffix, 0) & _BOTH)

    def split(self, host: str) -> Split:
        """Registrable domain with the private section, the same without it, and the suffix with it; "" for none."""
        if host.count(".") > _DEEPEST:
            host = host.split(".", host.count(".") - _DEEPEST)[-1]  # deeper labels cannot matter and may be endless
        domain, suffix, kind = self._ends(host, _BOTH)
        icann = domain if kind & _ICANN else self._ends(host, _ICANN)[0]
        return _registrable(host, domain), _registrable(host, icann), host[suffix:]

    def listed(self, host: str) -> bool:
        """Whether a rule of the list, not the rule for unknown names, ends this host after its first label."""
        if host.count(".") > _DEEPEST:
            host = host.split(".", host.count(".") - _DEEPEST)[-1]
        domain, _, kind = self._ends(host, _BOTH)
        if domain < 0 and kind == _PRIVATE:  # a site of its own that also lets names under it, such as github.io
            domain, _, kind = self._ends(host, _ICANN)
        return domain >= 0 and kind > 0 and host[domain] != "."

    def _ends(self, host: str, kinds: int) -> tuple[int, int, int]:
        """Where the registrable domain (-1: none) and the suffix begin, and the section of the rule (0: no rule)."""
        find = self.rules.get
        start, one_before, two_before = 0, -1, -1
        while True:
            flags = find(host[start:] if start else host)
            if flags is not None:
                if flags & _EXCEPTION and flags >> 6 & kinds:
                    return start, host.find(".", start) + 1, flags >> 6
                if flags & _WILDCARD and one_before >= 0 and flags >> 4 & kinds:
                    return two_before, one_before, flags >> 4 & _BOTH
                if flags & kinds:
                    return one_before, start, flags & _BOTH
            dot = host.find(".", start)
            if dot < 0:
                return one_before, start, 0
            two_before, one_before, start = one_before, start, dot + 1


def _registrable(host: str, domain: int) -> str:
    if domain < 0:
        return ""
    name = host[domain:]
    return "" if host[:1] == "." or ".." in name else name


def from_lines(lines: Iterable[str], extra: Iterable[str] = RESERVED) -> Suffixes:
    """Suffixes from the lines of a public suffix list; `extra` names count as suffixes beside it."""
    rules: dict[str, int] = {}
    section = _ICANN
    for line in lines:
        if _PRIVATE_SECTION in line:
            section = _PRIVATE
        rule = line.partition("//")[0].split()
        if rule:
            _add(rules, rule[0].lower(), section)
    for name in extra:
        _add(rules, name.lower().strip("."), _ICANN)
    return Suffixes(rules, frozenset(name.rpartition(".")[2] for name in rules))


def _add(rules: dict[str, int], rule: str, section: int) -> None:
    flags = section
    if rule.startswith("*."):
        rule, flags = rule[2:], _WILDCARD | section << 4
    elif rule.startswith("!"):
        rule, flags = rule[1:], _EXCEPTION | section << 6
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
