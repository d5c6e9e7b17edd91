"""How much an address reads like known scam addresses: a linear model on n-grams, a chunk at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
LONGEST: Final = 200  # bytes of host or path that are read: what follows is padding or session noise
_PAD: Final = b"\0" * 5  # windows never reach into the next link, or its score would depend on its neighbours
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: Fibonacci hashing
_WORD: Final = 2**64 - 1
_OCTET: Final = np.uint64(8)
_LOWEST, _HIGHEST = -3.0, 5.0
_WORTH_SHOWING: Final = 1.0
_PARTS: Final = 60  # of a weight: divides by every size of gram, so that sums over letters stay whole and exact

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


def log_odds(links: Sequence[Link], model: UrlModel) -> NDArray[np.float64]:
    """Log-odds that each address is one of a scam, to one decimal; independent of the other links.

    Hosts and paths lie in one array: to call numpy takes as long as what it does with a chunk's worth of addresses.
    """
    octets, lengths = _codes([*map(host_text, links), *map(path_text, links)])
    starts, number = _starts(lengths), len(links)
    paths = int(starts[number])
    total = np.zeros(len(octets) - len(_PAD) + 1, dtype=np.int32)  # integers: exact in any order
    for size, mixed, whole in _windows(octets, HOST_GRAMS):
        _carry(total[:paths], mixed[:paths], whole[:paths], model.host)
        if size in PATH_GRAMS:
            _carry(total[paths:], mixed[paths:], whole[paths:], model.path)
    sums = np.add.reduceat(total, starts)
    host = sums[:number] / _roots(HOST_GRAMS)[lengths[:number]]
    path = sums[number:] / _roots(PATH_GRAMS)[lengths[number:]]
    raw = model.slope * (model.bias + model.host_scale * host + model.path_scale * path)
    return np.clip(np.round(raw, 1), _LOWEST, _HIGHEST)


def _carry(
    total: NDArray[np.int32], mixed: NDArray[np.uint64], whole: NDArray[np.bool_], weights: NDArray[np.int8]
) -> None:
    carried = weights.take((mixed >> _shift(len(weights) - 1)).view(np.int64))
    carried *= whole
    total += carried


@lru_cache(8)
def _roots(sizes: Sequence[int]) -> NDArray[np.float64]:
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


def grams(
    texts: Sequence[bytes], sizes: Sequence[int], buckets: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Buckets of all n-grams, text by text; where each text's begin; how many real ones it has.

    A window that holds padding goes to the last bucket, whose weight is always zero.
    """
    codes, lengths = _codes(texts)
    rows = np.empty((len(codes) - len(_PAD) + 1, len(sizes)), dtype=np.int64)
    for size, mixed, whole in _windows(codes, sizes):
        rows[:, sizes.index(size)] = np.where(whole, (mixed >> _shift(buckets)).view(np.int64), buckets)
    return rows.ravel(), _starts(lengths) * len(sizes), _counts(lengths, sizes)


def _codes(texts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The octets of all texts with padding after each, and the length of each text."""
    lengths = np.array(list(map(len, texts)), dtype=np.int64)
    return np.frombuffer(_PAD.join(texts) + _PAD, dtype=np.uint8), lengths


def _starts(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each text begins."""
    starts = np.zeros(len(lengths), dtype=np.int64)
    np.cumsum(lengths[:-1] + len(_PAD), out=starts[1:])
    return starts


def _windows(
    octets: NDArray[np.uint8], sizes: Sequence[int]
) -> Iterator[tuple[int, NDArray[np.uint64], NDArray[np.bool_]]]:
    """For each size the hash of the gram that begins at each octet, and whether it holds no padding."""
    codes = octets.astype(np.uint64)
    width = len(codes) - len(_PAD) + 1
    window = np.zeros(width, dtype=np.uint64)
    filled = octets > 0
    for at in range(max(sizes)):
        window <<= _OCTET
        window |= codes[at : at + width]
        if at + 1 in sizes:
            mixed = window + np.uint64(at)
            mixed *= _MIX
            yield at + 1, mixed, filled[:width] & filled[at : at + width]


def _shift(buckets: int) -> np.uint64:
    """What a hash is shifted by to become the number of a bucket."""
    return np.uint64(64 - buckets.bit_length() + 1)


def _counts(lengths: NDArray[np.int64], sizes: Sequence[int]) -> NDArray[np.int64]:
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


def _peaks(text: bytes, sizes: Sequence[int], weights: NDArray[np.int8], scale: float) -> list[Peak]:
    """The runs of characters that carry more than the average: what each adds, where, and the run.

    Gram by gram: for one address that is a third of what arrays take.
    """
    table, mix, shift = weights.data, int(_MIX), int(_shift(len(weights) - 1))
    steps = [0] * (len(text) + 1)  # by how much each letter carries more than the one before
    for size in sizes:
        more, part, octets = size - 1, _PARTS // size, (1 << 8 * size) - 1  # a gram's weight is shared by its letters
        code = int.from_bytes(text[:more], "big")
        for at, letter in enumerate(text[more:]):
            code = (code << 8 | letter) & octets
            if weight := table[((code + more) * mix & _WORD) >> shift]:
                steps[at] += weight * part
                steps[at + size] -= weight * part
    return _runs(text, list(accumulate(steps[:-1])), scale)


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
