"""Link finding beside three libraries that do the same: time per message, and what each makes of published vectors."""

from __future__ import annotations

import contextlib
import gzip
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from stream.canonical import canonicalizer
from stream.links import reader
from stream.suffixes import bundled

Find: TypeAlias = Callable[[str], list[str]]

_TURNS: Final = 3  # the best of so many: the machine may have other work
_PEER_TEXTS: Final = 4000  # urlextract takes a quarter of a millisecond a text
_CALIBRATION: Final = 1_000_000
_LINK_FREE: Final = "benign_nourl"  # the kind of a message that holds no link by its label


def run(stream: Path, vectors: Path | None, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Microseconds a message of each finder on the same texts, recall of labelled addresses, conformance by vectors.

    Of Saring also how many messages yield a link that hold none by their label.
    """
    rows = _rows(stream)
    every = max(1, len(rows) // _PEER_TEXTS)
    texts = [text for text, _, _ in rows]
    sample = texts[::every]
    labelled = [(text, bad) for text, bad, _ in rows if bad]
    link_free = [text for text, _, kind in rows if kind == _LINK_FREE]
    finders: dict[str, dict[str, Any]] = {}
    for name, find, addresses in _finders():
        say(name)
        finders[name] = {
            "us_per_message": round(_microseconds(find, sample), 2),
            "labelled_found_percent": round(_found(addresses, labelled), 2),
        } | (_conformance(find, vectors) if vectors else {})
    saring = _finders()[0][1]
    false = sum(bool(saring(text)) for text in link_free)
    fastest = min(finders[name]["us_per_message"] for name in finders if name != "saring")
    return {
        "messages": len(rows),
        "sampled": len(sample),
        "labelled": len(labelled),
        "link_free": len(link_free),
        "saring_link_free_with_a_link": false,
        "saring_link_free_with_a_link_percent": round(100 * false / max(1, len(link_free)), 3),
        "saring_all_messages_us": round(_microseconds(saring, texts), 2),
        "times_faster_than_the_fastest_peer": round(fastest / finders["saring"]["us_per_message"], 1),
        "calibration_loop_ns_per_turn": round(_calibration(), 1),
        "finders": finders,
    }


def _finders() -> list[tuple[str, Find, Find]]:
    """Name, a function to the links as written, and one to the addresses with what that finder undoes itself."""
    import iocextract
    from linkify_it import LinkifyIt
    from urlextract import URLExtract

    read = reader(bundled())
    linkify, urls = LinkifyIt(), URLExtract()

    def linkified(text: str) -> list[str]:
        return [match.raw for match in linkify.match(text) or () if match.schema != "mailto:"]

    def saring(text: str) -> list[str]:
        return [found.raw for found, _ in read(text).pairs]

    def addresses(text: str) -> list[str]:
        return [found.url for found, _ in read(text).pairs]

    def extracted(text: str) -> list[str]:
        return list(iocextract.extract_urls(text, refang=True))

    return [
        ("saring", saring, addresses),
        ("linkify-it-py", linkified, linkified),
        ("urlextract", urls.find_urls, urls.find_urls),
        ("iocextract", extracted, extracted),
    ]


def _rows(stream: Path) -> list[tuple[str, str, str]]:
    """Text, labelled address and kind of each message."""
    with gzip.open(stream, "rt", encoding="utf-8") if stream.suffix == ".gz" else stream.open() as lines:
        return [(row["text"], row.get("bad_url", ""), row.get("kind", "")) for row in map(json.loads, lines)]


def _microseconds(find: Find, texts: Sequence[str]) -> float:
    best = float("inf")
    for _ in range(_TURNS):
        start = time.process_time()
        for text in texts:
            find(text)
        best = min(best, time.process_time() - start)
    return best / len(texts) * 1e6


def _calibration() -> float:
    start, total = time.process_time(), 0
    for turn in range(_CALIBRATION):
        total += turn & 7
    return (time.process_time() - start) / _CALIBRATION * 1e9


def _found(find: Find, labelled: Sequence[tuple[str, str]]) -> float:
    """Per cent of labelled addresses that are found under their canonical name, whatever the finder undoes itself."""
    canonical = canonicalizer(bundled())
    found = 0
    for text, bad in labelled:
        wanted = canonical(bad)
        keys = {link.key for raw in find(text) if (link := canonical(raw)) is not None}
        found += wanted is not None and wanted.key in keys
    return 100 * found / max(1, len(labelled))


def _conformance(find: Find, vectors: Path) -> dict[str, str]:
    """Cases passed of twitter-text and linkify-it, as strictly for everybody: the very links, in order, no other."""
    parts: dict[str, list[tuple[str, list[str]]]] = {
        "twitter_text": list(_twitter(vectors)),
        "linkify_links": [(text, [link]) for text, link in _linkify(vectors)],
        "linkify_no_links": [(text, []) for text in _not_links(vectors)],
    }
    return {
        name: f"{sum(_safely(find, text) == links for text, links in part)}/{len(part)}" for name, part in parts.items()
    }


def _safely(find: Find, text: str) -> list[str] | None:
    with contextlib.suppress(Exception):  # a peer that raises has not passed
        return find(text)
    return None


def _twitter(vectors: Path) -> Iterator[tuple[str, list[str]]]:
    import yaml

    tests = yaml.safe_load((vectors / "twitter-text" / "extract.yml").read_text(encoding="utf-8"))["tests"]
    for section in ("urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params"):
        for case in tests[section]:
            yield case["text"], [item if isinstance(item, str) else item["url"] for item in case["expected"]]


def _linkify(vectors: Path) -> Iterator[tuple[str, str]]:
    groups: list[list[str]] = [[]]
    for line in (vectors / "linkify-it" / "links.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip():
            groups.append([])
        elif not line.startswith("%"):
            groups[-1].append(re.sub(r"\s+% .*$", "", line))
    for group in groups:
        if group and not (group[-1].lower().startswith("mailto:") or re.fullmatch(r"[^/:]+@[^/]+", group[-1])):
            yield group[0], group[-1]


def _not_links(vectors: Path) -> Iterator[str]:
    for line in (vectors / "linkify-it" / "not_links.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("%"):
            yield re.sub(r"\s+(?:%|//) .*$", "", line)
