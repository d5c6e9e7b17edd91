"""From the TOML files of brands, host words and lures to the packs that checks take."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any

import ahocorasick

from stream.lookalike import SHORTEST_NEAR, bare, heads_of, shortened, skeleton, tails_of
from stream.lure import folded
from stream.packs import Automaton, Brand, BrandPack, Keyword, LurePack, Phrase, Signal, Theme, suffix_table
from stream.words import finder


def load_brands() -> BrandPack:
    """Brands from `packs/brands.toml`, words and suffixes of hosts from `packs/hosts.toml`."""
    rows, hosts = _read("brands.toml"), _read("hosts.toml")
    brands = {brand_id: _brand(brand_id, row) for brand_id, row in rows.items()}
    keywords = {word.text: word for brand_id, row in rows.items() for word in _keywords(brand_id, row)}
    names = ((name, brand_id) for brand_id, row in rows.items() for name in _names(row))
    words = {word: kind for kind, text in hosts["words"].items() for word in text.split()}
    spelled = [*_spellings(keywords.values())]
    long = [word for word in keywords.values() if not word.whole and not word.typo and len(word.text) >= SHORTEST_NEAR]
    return BrandPack(
        brands=brands,
        official={domain: brand.id for brand in brands.values() for domain in brand.domains},
        unconfirmed={domain: brand.id for brand in brands.values() for domain in brand.unconfirmed},
        keywords=keywords,
        in_hosts=_automaton(spelled),
        bare_in_hosts=_automaton((bare(text), True) for text in (*words, *(text for text, _ in spelled))),
        near={short: word for word in long for short in (word.text, *shortened(word.text))},
        near_heads=frozenset(head for word in long for head in heads_of(word.text)),
        near_tails=frozenset(tail for word in long for tail in tails_of(word.text)),
        in_texts=_automaton((name, (len(name), brand_id)) for name, brand_id in names),
        words=_automaton((word, (kind, word)) for word, kind in words.items()),
        suffix_risk=suffix_table({risk: text.split() for risk, text in hosts["suffix_risk"].items()}),
        **{
            name: frozenset(hosts[name]["words"].split()) for name in ("false_suffixes", "dynamic_dns", "forms", "bios")
        },
    )


def load_lures() -> LurePack:
    """Signals, themes and their phrases from `packs/lures.toml`, service words from `packs/service_words.toml`."""
    rows, service = _read("lures.toml"), _read("service_words.toml")
    kinds = {word: kind for kind, langs in service.items() for word in _service_words(langs)}
    phrases: list[Phrase] = []
    words: dict[str, list[tuple[int, int]]] = {}
    texts = [(f"signal:{name}", lang, text) for name, langs in rows["phrases"].items() for lang, text in langs.items()]
    texts += [(f"theme:{name}", "", row["any"]) for name, row in rows["stories"].items()]
    for target, lang, text in texts:
        for line in filter(None, map(str.strip, text.splitlines())):
            parts = [[folded(word.strip()) for word in part.split("|")] for part in line.split(" + ")]
            for part, alternatives in enumerate(parts):
                for word in alternatives:
                    words.setdefault(word, []).append((len(phrases), part))
            phrases.append(Phrase(target, len(parts), lang))
    spoken = {word.rstrip("*"): (word[-1] == "*", tuple(places)) for word, places in words.items()}
    return LurePack(
        signals={name: Signal(name, row["weight"], row["says"]) for name, row in rows["signals"].items()},
        themes={name: Theme(name, row["category"]) for name, row in rows["themes"].items()},
        phrases=tuple(phrases),
        words=spoken,
        find=finder(spoken),
        service_kinds={kind: langs["says"] for kind, langs in service.items()},
        service_words={word: kind for word, kind in kinds.items() if word.isascii()},
        service_parts=_automaton((word, kind) for word, kind in kinds.items() if not word.isascii()),
    )


def _service_words(langs: Mapping[str, str]) -> Iterator[str]:
    yield from (folded(word) for lang, text in langs.items() if lang != "says" for word in text.split())


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files("config").joinpath("packs", name).read_text(encoding="utf-8"))


def _brand(brand_id: str, row: Mapping[str, str]) -> Brand:
    domains, unconfirmed = row.get("domains", "").split(), row.get("unconfirmed", "").split()
    return Brand(brand_id, row["name"], row["kind"], row["region"], tuple(domains), tuple(unconfirmed))  # type: ignore[arg-type]  # checked by tests/config


def _keywords(brand_id: str, row: Mapping[str, str]) -> Iterator[Keyword]:
    for text in row.get("typos", "").split():
        yield Keyword(text, brand_id, typo=True)
    for text in (*row.get("words", "").split(), *row.get("short", "").split()):
        yield Keyword(text, brand_id, whole=True)
    for text in row.get("keywords", "").split():
        yield Keyword(text, brand_id)


def _names(row: Mapping[str, str]) -> Iterator[str]:
    """What people write: the names given, keywords, and short ones; `words` mean other things too."""
    yield from (name.strip().lower() for name in row.get("names", "").split(",") if name.strip())
    yield from row.get("keywords", "").split()
    yield from row.get("short", "").split()


def _spellings(keywords: Iterable[Keyword]) -> Iterator[tuple[str, Keyword]]:
    """Each keyword by itself and, where it is long enough to bear it, by its skeleton."""
    plain = list(keywords)
    yield from ((skeleton(word.text), word) for word in plain if not word.whole and not word.typo)
    yield from ((word.text, word) for word in plain)


def _automaton(entries: Iterable[tuple[str, Any]]) -> Automaton:
    made = ahocorasick.Automaton()
    for word, value in entries:
        made.add_word(word, value)
    made.make_automaton()
    return made
