"""From a link to everything that its host says by itself: computed once per host, cached, free of message and lists."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stream import cues as cue
from stream.checks.load import Checks
from stream.model import Finding, Host, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

CACHED_HOSTS: Final = 50_000  # 71 % of the hosts of a day of chat, at half a kilobyte each
_SHARED: Final = frozenset(("messenger", "shortener", "platform"))


def host_of(link: Link) -> Host:
    """The host of a link as checks see it; an app link has one with an empty name."""
    name = link.host or ""
    is_ip = bool(name) and not link.suffix and (name[0] == "[" or name.replace(".", "").isdigit())
    suffix, above = link.suffix, _names(name)
    if is_ip or not name:
        return Host(name, name, before=name, names=above, is_ip=is_ip)
    before = name.removesuffix("." + suffix) if suffix else name
    unicode = link.host_unicode or name
    return Host(name, unicode, link.registrable, link.icann_registrable, suffix, before, above)


def _names(host: str) -> tuple[str, ...]:
    names, above = [host], host.partition(".")[2]
    while above:
        names.append(above)
        above = above.partition(".")[2]
    return tuple(names)


def facts_for(rules: Rules, checks: Checks) -> Callable[[Host], HostFacts]:
    """What is known of a host; one that is official or opaque is not checked, since its name tells nothing."""
    asked = cue.asked((each for each in checks.host if rules.mode(each[0]) != "off"), cue.OF_HOSTS)
    platforms, brands, says = rules.platforms, rules.brands, _suffix_cue(rules)
    shared = (*platforms.kinds, *platforms.by_host, *platforms.by_path, *brands.dynamic_dns)
    known = frozenset((*shared, *brands.official))

    def facts(host: Host) -> HostFacts:
        brand = platform = tenant = opaque = ""
        seen = says(host.suffix) | (cue.ADDRESS if host.is_ip else 0) | (cue.ENCODED if "xn--" in host.name else 0)
        if not known.isdisjoint(host.names):
            seen |= cue.LISTED
            opaque = platforms.opaque(host.name)
            brand = "" if opaque in _SHARED else brands.official_brand(host.name)
            platform, tenant = platforms.tenant(host.name)
        if brand or opaque or not host.name:
            return HostFacts(host, brand, platform, tenant, opaque)
        if brands.may_name(host.before):
            seen |= cue.NAMED
        findings: list[Finding] = []
        errors: list[str] = []
        for name, check in asked[seen]:
            try:
                finding = check(host, rules)
            except Exception:  # noqa: BLE001  # a broken check is contained: the others still run
                errors.append(name)
                continue
            if finding is not None:
                findings.append(finding)
        return HostFacts(host, brand, platform, tenant, opaque, tuple(findings), tuple(errors))

    return facts


def _suffix_cue(rules: Rules) -> Callable[[str], int]:
    """Whether any check has something to say of a suffix, remembered: there are few."""
    brands = rules.brands

    @lru_cache(4096)
    def says(suffix: str) -> int:
        return cue.SUFFIX if brands.risk(suffix) > 0 or brands.is_false(suffix) or brands.is_closed(suffix) else 0

    return says


def facts_cache(rules: Rules, checks: Checks) -> Callable[[Link], HostFacts]:
    """Host facts by link over a bounded cache of hosts; holds for as long as the rules do."""
    cached: dict[str, HostFacts] = {}
    facts_of = facts_for(rules, checks)

    def facts(link: Link) -> HostFacts:
        name = link.host or ""
        known = cached.get(name)
        if known is not None:
            return known
        if len(cached) >= CACHED_HOSTS:
            cached.clear()  # a dict that starts over beats an ordered one: one look-up a link, no moves
        known = cached[name] = facts_of(host_of(link))
        return known

    return facts
