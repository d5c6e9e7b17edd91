"""How much an address reads like known scam addresses: a linear model on n-grams, a chunk at a time."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from msgspec.structs import replace

from stream.model import Finding, HostFacts, Link, Source

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from stream.packs import UrlModel

CHECK: Final = "url_model"
HOST_GRAMS: Final = (2, 3, 4, 5)
PATH_GRAMS: Final = (3, 4)
_OF_PATHS: Final = slice(HOST_GRAMS.index(PATH_GRAMS[0]), HOST_GRAMS.index(PATH_GRAMS[-1]) + 1)
LONGEST: Final = 200  # bytes of host or path that are read: what follows is padding or session noise
_EIGHT: Final = np.dtype(">u8")  # octets that are read as one number: any gram is the upper part of one
_BETWEEN: Final = b"\0"  # a gram that holds one reaches into the next text, and counts for none
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing
_LOWEST, _HIGHEST = -3.0, 5.0
_WORTH_SHOWING: Final = 1.0
_PARTS: Final = 60  # of a weight: divides by every size of gram, so that sums over letters stay whole and exact

Ints: TypeAlias = "NDArray[np.int64]"
Codes: TypeAlias = "NDArray[np.uint64]"
Weights: TypeAlias = "NDArray[np.int8]"
Floats: TypeAlias = "NDArray[np.float64]"
Peak: TypeAlias = tuple[float, int, str]


def score(links: Sequence[Link], facts: Sequence[HostFacts], model: UrlModel) -> list[Finding | None]:
    """A finding for each link, in order; None where the host is opaque or the model has nothing to say."""
    judged = [at for at, fact in enumerate(facts) if not fact.opaque and links[at].host and links[at].kind == "web"]
    findings: list[Finding | None] = [None] * len(links)
    if not judged:
        return findings
    weights = log_odds([links[at] for at in judged], model).tolist()
    for at, weight in zip(judged, weights, strict=True):
        findings[at] = _finding(weight, model.version) if weight else None
    return findings


def shown(finding: Finding, link: Link, model: UrlModel) -> Finding:
    """The finding as an alert shows it: one of weight with the parts that say most, which are dear to tell."""
    if finding.check != CHECK or finding.weight < _WORTH_SHOWING:
        return finding
    return replace(finding, evidence={"spans": spans(link, model)})


def log_odds(links: Sequence[Link], model: UrlModel) -> Floats:
    """Log-odds that each address is one of a scam, to one decimal; independent of the other links.

    Hosts and paths lie in one array: to call numpy takes as long as what it does with a chunk's worth of addresses.
    """
    texts, number = [*map(host_text, links), *map(path_text, links)], len(links)
    wide, whole = _windows(_BETWEEN.join(texts), HOST_GRAMS)
    lengths = _lengths(texts)
    starts = _starts(lengths)
    paths = int(starts[number])
    host = _sums(wide[:paths], whole[:, :paths], starts[:number], HOST_GRAMS, model.host)
    path = _sums(wide[paths:], whole[_OF_PATHS, paths:], starts[number:] - paths, PATH_GRAMS, model.path)
    host_root, path_root = _roots(HOST_GRAMS)[lengths[:number]], _roots(PATH_GRAMS)[lengths[number:]]
    said = model.bias + model.host_scale * (host / host_root) + model.path_scale * (path / path_root)
    return (model.slope * said).round(1).clip(_LOWEST, _HIGHEST)


def _sums(wide: Codes, whole: Weights, starts: Ints, sizes: Sequence[int], weights: Weights) -> NDArray[np.int32]:
    """What the grams of each text weigh together: in whole numbers, which are exact in any order."""
    carried = _carried(wide, sizes, weights)
    carried *= whole
    return np.add.reduceat(carried.sum(axis=0, dtype=np.int32), starts)


def _carried(wide: Codes, sizes: Sequence[int], weights: Weights) -> Weights:
    """The weight of the gram that begins at each octet, a row for each size."""
    return weights.take(_buckets(wide, sizes, len(weights) - 1))


@lru_cache(8)
def _roots(sizes: Sequence[int]) -> Floats:
    """By length of a text the square root of the number of its grams: what the sum of their weights is divided by."""
    counts = _counts(np.arange(LONGEST + 3, dtype=np.int64), sizes)
    return np.asarray(np.sqrt(np.maximum(counts, 1)))


def host_text(link: Link) -> bytes:
    """What somebody chose of the host, between end marks: no `www.`, which says nothing, and no suffix.

    How suffixes stand among scams is a table (`risky_suffix`): rows of old harmless links know none of the new ones.
    """
    host = link.host or ""
    chosen = host.removesuffix("." + link.suffix) if link.suffix else host
    return f"^{chosen.removeprefix('www.')[:LONGEST]}$".encode("ascii", "replace")


def path_text(link: Link) -> bytes:
    """Path and query, empty for a bare host."""
    whole = f"{link.path}?{link.query}" if link.has_query else link.path
    return b"" if whole == "/" else whole.encode("utf-8", "replace").replace(b"\0", b"")[:LONGEST] + b"$"


def grams(texts: Sequence[bytes], sizes: Sequence[int], buckets: int) -> tuple[Ints, Ints, Ints]:
    """Buckets of all n-grams, text by text; where each text's begin; how many real ones it has.

    A window that reaches over the end of its text goes to the last bucket, whose weight is always zero.
    """
    wide, whole = _windows(_BETWEEN.join(texts), sizes)
    lengths = _lengths(texts)
    rows = np.where(whole, _buckets(wide, sizes, buckets), buckets).T
    return rows.ravel(), _starts(lengths) * len(sizes), _counts(lengths, sizes)


def _lengths(texts: Sequence[bytes]) -> Ints:
    return np.fromiter(map(len, texts), np.int64, len(texts))


def _starts(lengths: Ints) -> Ints:
    """Where each text begins."""
    starts = np.zeros(len(lengths), dtype=np.int64)
    np.cumsum(lengths[:-1] + len(_BETWEEN), out=starts[1:])
    return starts


def _windows(text: bytes, sizes: Sequence[int]) -> tuple[Codes, Weights]:
    """From each octet on the next eight as one number; and by size 1 where a gram there is of one text, else 0."""
    padded, width = text + bytes(_EIGHT.itemsize), len(text) + 1
    filled = (np.frombuffer(padded, np.uint8) > 0).view(np.int8)
    whole, held = [], filled[:width]
    for at in range(1, max(sizes)):
        held = held & filled[at : at + width]
        if at + 1 in sizes:
            whole.append(held)
    return _wide(padded, width), np.array(whole)


def _wide(padded: bytes, width: int) -> Codes:
    """From each octet on the next eight as one number."""
    return np.ndarray((width,), _EIGHT, padded, strides=(1,)).astype(np.uint64)


def _buckets(wide: Codes, sizes: Sequence[int], buckets: int) -> Ints:
    """The bucket of the gram that begins at each octet, a row for each size."""
    cut, more = _cuts(sizes)
    mixed = wide >> cut
    mixed += more
    mixed *= _MIX
    mixed >>= np.uint64(64 - buckets.bit_length() + 1)
    return mixed.view(np.int64)


@lru_cache(8)
def _cuts(sizes: Sequence[int]) -> tuple[Codes, Codes]:
    """By size of a gram what cuts it from eight octets, and what tells it from those of other sizes."""
    column = np.array([sizes], dtype=np.uint64).T
    return np.uint64(64) - np.uint64(8) * column, column - np.uint64(1)


def _counts(lengths: Ints, sizes: Sequence[int]) -> Ints:
    return np.asarray(sum(np.maximum(lengths - size + 1, 0) for size in sizes))


@lru_cache(128)
def _finding(weight: float, version: str) -> Finding:
    """Weights are told to one decimal, so every link gets one of some eighty findings: built once."""
    likeness = (
        "like known scam" if weight >= _WORTH_SHOWING else "a little like known scam" if weight > 0 else "like ordinary"
    )
    return Finding(
        CHECK, "url", weight, f"The address reads {likeness} addresses.", {}, Source("model", "url-ngrams", version)
    )


def spans(link: Link, model: UrlModel) -> list[str]:
    """At most three parts of host and path that raise the link's score most, in order of appearance."""
    in_host = _peaks(host_text(link), HOST_GRAMS, model.host, model.host_scale)
    return _best(in_host, _peaks(path_text(link), PATH_GRAMS, model.path, model.path_scale))


def _best(host: list[Peak], path: list[Peak]) -> list[str]:
    found = [*host, *((gain, 1000 + at, word) for gain, at, word in path)]
    best = sorted(sorted(found, reverse=True)[:3], key=lambda peak: peak[1])
    return [word for gain, _, word in best if gain > 0]


def _peaks(text: bytes, sizes: Sequence[int], weights: Weights, scale: float) -> list[Peak]:
    """The runs of characters that carry more than the average: what each adds, where, and the run."""
    length = len(text)
    if not length:
        return []
    steps = [0] * (length + sizes[-1])  # by how much each letter carries more than the one before
    rows = _carried(_wide(text + bytes(_EIGHT.itemsize), length), sizes, weights).tolist()
    for size, row in zip(sizes, rows, strict=True):
        part = _PARTS // size  # a gram's weight is shared by its letters
        for at, weight in enumerate(row[: max(0, length - size + 1)]):
            steps[at] += weight * part
            steps[at + size] -= weight * part
    return _runs(text, list(accumulate(steps[:length])), scale)


def _runs(text: bytes, letters: list[int], scale: float) -> list[Peak]:
    if not text:
        return []
    floor = max(0.0, sum(letters) / len(letters))
    unit = scale / _PARTS / len(text) ** 0.5
    runs: list[Peak] = []
    start = None
    for at, gain in enumerate([*letters, -1]):
        if gain > floor and start is None:
            start = at
        elif gain <= floor and start is not None:
            word = text[start:at].decode("utf-8", "ignore").strip("^$")
            if len(word) > 1:
                runs.append((sum(letters[start:at]) * unit, start, word))
            start = None
    return runs
