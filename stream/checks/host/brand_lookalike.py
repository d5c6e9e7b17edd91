"""Hosts that carry the name of a known brand, or nearly so, and are not the brand's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from stream.cues import ENCODED, NAMED
from stream.lookalike import SHORTEST_NEAR, latin, skeleton
from stream.model import Finding, Host, Source
from stream.packs import Brand, BrandPack, Keyword

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = NAMED | ENCODED
_PROXIES: Final = frozenset(("translate.goog", "cdn.ampproject.org"))  # they spell the host that they show
_NEAR: Final = "one_letter_off"
_SPLIT: Final = "hyphen_inside"  # `may-bank2u`
_SEPARATORS: Final = ".-_"
_GLUED: Final = (
    "www",
    "my",
    "e",
    "i",
    "the",
    "app",
    "web",
    "m",
    "go",
)  # what is written before a brand without a hyphen

# Log-odds by region and number of contexts (none, one, two or more), set by hand: the development stream hardly
# holds a Malaysian scam. A brand name alone says little, since dealers, fans and other countries' branches carry it.
_WEIGHTS: Final = {"my": (1.0, 5.0, 6.0), "sea": (0.7, 4.0, 4.5), "global": (0.3, 1.5, 3.0)}
_NEAR_WEIGHTS: Final = {"my": (2.5, 5.0, 6.0), "sea": (2.0, 4.0, 4.5), "global": (1.0, 2.5, 3.5)}
_LEFT_LABEL: Final = {"my": 4.5, "sea": 3.0, "global": 1.5}  # `brand.` before somebody else's domain
_WHOLE_WEIGHTS: Final = {"my": (0.3, 3.0, 5.0), "sea": (0.0, 1.5, 3.5), "global": (0.0, 0.0, 2.0)}


class Match(NamedTuple):
    """A brand name found in a host: where it stands in the part before the suffix, and by which trick."""

    keyword: Keyword
    start: int
    written: str
    trick: str


def check(host: Host, rules: Rules) -> Finding | None:
    """A finding for the longest brand name in the host."""
    pack = rules.brands
    if host.is_ip or host.suffix in _PROXIES:
        return None
    name = _before_suffix(host)
    match = _best(name, pack)
    if match is None or pack.unconfirmed_brand(host.name):
        return None
    brand = pack.brands[match.keyword.brand]
    context = _context(host, name, match, rules)
    weight = _weight(match, brand, len(context))
    if weight <= 0:
        return None
    where = _where(host, name, match)
    if where == "left_label" and match.trick == "brand_label" and not match.keyword.whole:
        weight = max(weight, _LEFT_LABEL[brand.region])
    evidence = {"matched": match.written, "in": where, "trick": match.trick, "context": list(context)}
    return Finding(
        "brand_lookalike",
        "brand",
        weight,
        _reason(match, brand, where),
        evidence,
        Source("brand_pack", "brands", brand.id),
    )


def _before_suffix(host: Host) -> str:
    """The part of the host that somebody chose, in Latin letters."""
    if host.unicode.isascii():
        return host.before
    name = host.unicode.lower()
    if host.suffix and host.name.endswith("." + host.suffix):
        labels = name.split(".")
        name = ".".join(labels[: len(labels) - host.suffix.count(".") - 1])
    return latin(name)


def _best(name: str, pack: BrandPack) -> Match | None:
    """The longest keyword at the beginning of a token, as written, by its skeleton, or one letter off."""
    found = _disguised(name, pack) if pack.may_hold(name) else []
    if not found:
        nearly = pack.nearly(name)
        return Match(*nearly, _NEAR) if nearly else None
    return max(found, key=lambda match: (not match.keyword.whole, len(match.keyword.text)))


def _disguised(name: str, pack: BrandPack) -> list[Match]:
    found = _written(name, pack.in_hosts, "")
    folded = skeleton(name)
    if not found and folded != name:
        found = _written(folded, pack.in_hosts, "homoglyph")
    if not found and "-" in name:
        split = _written(name.replace("-", ""), pack.in_hosts, _SPLIT)
        found = [hit for hit in split if len(hit.written) >= SHORTEST_NEAR]
    return found


def _written(name: str, automaton: object, trick: str) -> list[Match]:
    found = []
    for end, keyword in automaton.iter(name):  # type: ignore[attr-defined]  # ahocorasick has no types
        start = end + 1 - len(keyword.text)
        if start < 0 or not _begins_token(name, start):
            continue
        if keyword.whole and not _ends_token(name, end + 1):
            continue
        named = "typo" if keyword.typo else trick or _plain_trick(name, start, end + 1)
        found.append(Match(keyword, start, name[start : end + 1], named))
    return found


def _begins_token(name: str, start: int) -> bool:
    if start == 0 or name[start - 1] in _SEPARATORS or name[start - 1].isdigit():
        return True
    at = max(name.rfind(".", 0, start), name.rfind("-", 0, start)) + 1
    return name[at:start] in _GLUED


def _ends_token(name: str, end: int) -> bool:
    return end == len(name) or name[end] in _SEPARATORS or name[end].isdigit()


def _plain_trick(name: str, start: int, end: int) -> str:
    whole = (start == 0 or name[start - 1] == ".") and (end == len(name) or name[end] == ".")
    return "brand_label" if whole else "brand_plus_word"


def _context(host: Host, name: str, match: Match, rules: Rules) -> tuple[str, ...]:
    """What about the host makes it unlikely to be a branch, a dealer or a fan of the brand."""
    pack = rules.brands
    label = name[name.rfind(".", 0, match.start) + 1 :].partition(".")[0]
    rest = label.replace(match.written, "", 1)
    said = (
        ("typo", match.trick in ("typo", "homoglyph") and len(match.written) > 5),
        ("hyphen", "-" in rest or match.trick == _SPLIT),
        ("digit", any(letter.isdigit() for letter in rest)),
        ("cheap_suffix", pack.risk(host.suffix) >= 0.8),
        ("false_suffix", pack.is_false(host.suffix)),
        ("tenant", bool(rules.platforms.tenant(host.name)[1]) or host.registrable != host.icann_registrable),
        ("glued_www", label.startswith("www") and match.start > 0),
        ("extra_letters", _has_extra_letters(name, match)),
        ("word", _has_word(name.replace(match.written, ".", 1), pack)),
        ("official_name", _spells_domain(name, pack.brands[match.keyword.brand])),
    )
    return tuple(what for what, is_so in said if is_so)


def _has_extra_letters(name: str, match: Match) -> bool:
    """One or two letters behind the name, which a reader takes for a slip: `touchngoo`, `maybankz`."""
    rest = name[match.start + len(match.written) :].replace("-", ".").partition(".")[0]
    return not match.keyword.whole and 0 < len(rest) <= 2 and rest.isalpha() and rest != "my"


def _has_word(rest: str, pack: BrandPack) -> bool:
    return any(len(word) > 4 or f".{word}." in f".{rest.replace('-', '.')}." for _, (_, word) in pack.words.iter(rest))


def _spells_domain(name: str, brand: Brand) -> bool:
    """Whether an official domain stands before somebody else's: `maybank2u.com.my.login.example`."""
    return any(domain in name or domain.replace(".", "-") in name for domain in brand.domains)


def _weight(match: Match, brand: Brand, contexts: int) -> float:
    table = _WHOLE_WEIGHTS if match.keyword.whole else _NEAR_WEIGHTS if match.trick == _NEAR else _WEIGHTS
    return table[brand.region][min(contexts, 2)]


def _where(host: Host, name: str, match: Match) -> str:
    last_label = name.rfind(".") + 1
    if match.start >= last_label:
        return "first_label"
    return "left_label" if match.start == 0 or name[match.start - 1] == "." else "label"


def _reason(match: Match, brand: Brand, where: str) -> str:
    if match.trick in ("typo", "homoglyph"):
        nearly = brand.name if match.keyword.typo else match.keyword.text  # the pack lists some misspellings in full
        return f"The host writes {match.written}, which is nearly {nearly}, and is not a {brand.name} domain."
    verb = "starts with" if match.start == 0 else "contains"
    return f"The host {verb} {match.written} and is not a {brand.name} domain."
