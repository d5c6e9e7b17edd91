"""`saring train`: the URL model from labelled addresses, the same weights for the same rows and seed."""

from __future__ import annotations

import gzip
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from config.platforms import load_platforms
from config.suffixes import load_suffixes
from config.weights import write_model
from stream.canonical import canonicalizer
from stream.model import Link
from stream.packs import UrlModel
from stream.platforms import Platforms
from stream.score import HOST_GRAMS, PATH_GRAMS, grams, host_text, path_text

# Sources whose licence lets derived weights be shipped under ours; all others may only be used to evaluate.
SHIPPABLE: Final = frozenset(
    {"tweetfeed", "reddit_2013", "ada_kasztp", "discord_nikolais", "gaso", "polkadot", "crux_freehost"}
)
# What the shipped model learns from: lists of crypto and gift pages read unlike the links that people are sent, and
# made it worse on messages.
LEARNED: Final = frozenset({"tweetfeed", "reddit_2013", "ada_kasztp", "crux_freehost"})
PER_DOMAIN: Final = 5
_FADING: Final = 0.5  # a year: an address of last year weighs 0.6 of one of today
Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled address: `label` 1 for a scam."""

    label: int
    source: str
    link: Link
    year: float = 0.0  # when the address was first seen, with its fraction; 0 for unknown


@dataclass(frozen=True, slots=True)
class Plan:
    """How to fit: sizes as powers of two, passes over the rows, step, shrinking, seed."""

    version: str
    bits: int = 18
    passes: int = 10
    batch: int = 4096
    step: float = 0.3
    seed: int = 7
    slope: float = 0.6  # log-odds in a message for each unit of score: fitted on half of the development stream


def read_rows(path: Path, canonicalize: Callable[[str], Link | None], sources: frozenset[str] | None) -> Iterator[Row]:
    """Rows of a TSV with the columns label, source and url, of the named sources only; `first_seen` if there is one."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        names = next(lines).rstrip("\n").split("\t")
        label_at, source_at, url_at = (names.index(name) for name in ("label", "source", "url"))
        seen_at = names.index("first_seen") if "first_seen" in names else -1
        for line in lines:
            cells = line.rstrip("\n").split("\t")
            if sources is not None and cells[source_at] not in sources:
                continue
            link = canonicalize(cells[url_at])
            if link is not None and link.host and link.kind == "web":
                yield Row(int(cells[label_at]), cells[source_at], link, _year(cells[seen_at]) if seen_at >= 0 else 0.0)


def _year(date: str) -> float:
    """`2025-07-14` as years: 2025.53; 0 for none."""
    year, month, day = (int(part) if part.isdigit() else 0 for part in (*date.split("-"), "", "")[:3])
    return year + max(0, month - 1) / 12 + max(0, day - 1) / 365


def thinned(rows: Iterable[Row], platforms: Platforms, seed: int) -> list[Row]:
    """Rows without opaque hosts and repeats, at most a few for each tenant or registered domain, shuffled."""
    order = np.random.default_rng(seed)
    unique = list({row.link.key: row for row in rows if not platforms.opaque(row.link.host or "")}.values())
    kept: list[Row] = []
    seen: Counter[tuple[str, int]] = Counter()
    for row in (unique[at] for at in order.permutation(len(unique)).tolist()):
        host = row.link.host or ""
        domain = (platforms.tenant(host)[1] or row.link.registrable or host, row.label)
        seen[domain] += 1
        if seen[domain] <= PER_DOMAIN:
            kept.append(row)
    return kept


def bare(rows: Iterable[Row]) -> list[Row]:
    """The same hosts without their paths: else a path itself would be evidence, since sources differ in having one."""
    with_path = (row for row in rows if row.link.path != "/" or row.link.has_query)
    return [
        Row(row.label, row.source, replace(row.link, path="/", query="", has_query=False), row.year)
        for row in with_path
    ]


def importances(rows: Sequence[Row]) -> Floats:
    """Both labels weigh the same; within a label a source weighs with the square root of its size, new scams more."""
    sizes = Counter((row.label, row.source) for row in rows)
    newest = max(row.year for row in rows)
    raw = np.array([sizes[row.label, row.source] ** -0.5 * (_fresh(row, newest) if row.label else 1) for row in rows])
    labels = np.array([row.label for row in rows])
    for label in (0, 1):
        raw[labels == label] *= len(rows) / (2 * raw[labels == label].sum())
    return raw


def _fresh(row: Row, newest: float) -> float:
    return math.exp(-_FADING * (newest - row.year)) if row.year else 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """The n-grams of host or path of all rows: those of row i are `buckets[starts[i]:starts[i + 1]]`."""

    buckets: Ints
    starts: Ints
    values: Floats  # what one n-gram of a row counts


def part_of(texts: Sequence[bytes], sizes: Sequence[int], bits: int) -> Part:
    """N-grams of all texts by the very function that the service hashes with."""
    size = 1 << bits
    chunks = [grams(texts[at : at + 5000], sizes, size) for at in range(0, len(texts), 5000)]
    real = np.concatenate([buckets[buckets < size] for buckets, _, _ in chunks])
    counts = np.concatenate([counts for _, _, counts in chunks])
    return Part(real, np.concatenate(([0], np.cumsum(counts))), 1 / np.sqrt(np.maximum(counts, 1)))


def fit(rows: Sequence[Row], plan: Plan) -> UrlModel:
    """The model that separates the rows best under the plan."""
    rows = [*rows, *bare(rows)]
    parts = (
        part_of([host_text(row.link) for row in rows], HOST_GRAMS, plan.bits),
        part_of([path_text(row.link) for row in rows], PATH_GRAMS, plan.bits),
    )
    labels = np.array([row.label for row in rows], dtype=float)
    tables, bias = descend(parts, labels, importances(rows), plan)
    host, host_scale = quantised(tables[0])
    path, path_scale = quantised(tables[1])
    return UrlModel(plan.version, host, path, host_scale, path_scale, bias, plan.slope)


def descend(parts: Sequence[Part], labels: Floats, weights: Floats, plan: Plan) -> tuple[list[Floats], float]:
    """Logistic regression by AdaGrad on batches, averaged over the second half of the passes."""
    order = np.random.default_rng(plan.seed)
    tables = [np.zeros(1 << plan.bits) for _ in parts]
    squares = [np.full(1 << plan.bits, 1e-3) for _ in parts]
    means = [np.zeros(1 << plan.bits) for _ in parts]
    bias, averaged = 0.0, 0
    for turn in range(plan.passes):
        for batch in np.array_split(order.permutation(len(labels)), max(1, len(labels) // plan.batch)):
            picked = [_picked(part, batch) for part in parts]
            raw = np.full(len(batch), bias)
            for table, (buckets, owners, values) in zip(tables, picked, strict=True):
                raw += np.bincount(owners, table[buckets] * values, len(batch))
            error = (1 / (1 + np.exp(-raw)) - labels[batch]) * weights[batch]
            bias -= 0.01 * float(error.mean())
            for table, square, (buckets, owners, values) in zip(tables, squares, picked, strict=True):
                gain = np.bincount(buckets, error[owners] * values, len(table))
                square += gain**2
                table -= plan.step * gain / np.sqrt(square)
        if turn >= plan.passes // 2:
            averaged += 1
            for mean, table in zip(means, tables, strict=True):
                mean += table
    return [mean / averaged for mean in means], bias


def _picked(part: Part, batch: Ints) -> tuple[Ints, Ints, Floats]:
    """Buckets of the rows of a batch, which row each belongs to, and what it counts."""
    counts = part.starts[batch + 1] - part.starts[batch]
    owners = np.repeat(np.arange(len(batch)), counts)
    first = np.repeat(part.starts[batch] - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return part.buckets[first + np.arange(len(owners))], owners, part.values[batch][owners]


def quantised(table: Floats) -> tuple[NDArray[np.int8], float]:
    """Weights as bytes, clipped at the 99.9th percentile, which generalises better than the exact ones."""
    used = np.abs(table[table != 0])
    top = float(np.quantile(used, 0.999)) if used.size else 1.0
    return np.append(np.round(np.clip(table / top, -1, 1) * 127), 0).astype(np.int8), top / 127


def train_file(
    rows: Path,
    out: Path,
    sources: frozenset[str] | None,
    version: str,
    *,
    everything: bool = False,
    say: Callable[[str], None] = lambda _text: None,
) -> None:
    """Train on the rows of a file and write the weights; `sources` default to those whose weights may ship."""
    suffixes, platforms, plan = load_suffixes(), load_platforms(), Plan(version)
    chosen = None if everything else sources or LEARNED
    picked = thinned(read_rows(rows, canonicalizer(suffixes), chosen), platforms, plan.seed)
    labels = Counter(row.label for row in picked)
    if len(labels) < 2:
        raise ValueError("rows of both labels are needed")
    say(f"{labels[1]:,} scam and {labels[0]:,} other addresses")
    write_model(fit(picked, plan), out)
    say(f"{out}: {out.stat().st_size:,} bytes")
