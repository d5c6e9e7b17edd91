"""What lists are otherwise kept in: a set, hashes, SQLite, LMDB. Each is asked for every expression of a link."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.list_data import Figures, best, each, links, listed, resident
from stream.canonical import expressions


def python_set(count: int, _folder: str) -> Figures:
    """The keys in a set of str, asked for every expression of a link."""
    before = resident()
    keys = set(_keys(count))
    size = resident() - before
    return {"bytes": size} | _asked(count, lambda names: any(name in keys for name in names))


def hash_table(count: int, _folder: str) -> Figures:
    """Keyed 64-bit hashes, sorted, with a directory of prefixes: small and shared, but says only yes or no."""
    hashes = np.fromiter(map(_hash, _keys(count)), np.uint64, count)
    hashes.sort()
    bits = 22
    directory = np.searchsorted(hashes, np.arange(2**bits + 1, dtype=np.uint64) << np.uint64(64 - bits)).astype(
        np.uint32
    )
    table, places = memoryview(hashes.data), memoryview(directory.data)

    def holds(names: Sequence[str]) -> bool:
        for name in names:
            wanted = _hash(name)
            bucket = wanted >> (64 - bits)
            if wanted in table[places[bucket] : places[bucket + 1]]:
                return True
        return False

    return {"bytes": hashes.nbytes + directory.nbytes} | _asked(count, holds)


def sqlite(count: int, folder: str) -> Figures:
    """A table with the key as its primary key, one prepared query for each expression."""
    path = Path(folder) / "peer.sqlite"
    base = sqlite3.connect(path)
    base.executescript(
        "pragma journal_mode=off; pragma synchronous=off; create table k (k text primary key) without rowid"
    )
    rows = sorted(_keys(count))
    base.executemany("insert or ignore into k values (?)", ((row,) for row in rows))
    base.commit()
    del rows
    query = base.execute

    def holds(names: Sequence[str]) -> bool:
        return any(query("select 1 from k where k = ?", (name,)).fetchone() for name in names)

    return {"bytes": path.stat().st_size} | _asked(count, holds)


def lmdb(count: int, folder: str) -> Figures:
    """A mapped B+ tree, one look-up in an open read transaction for each expression."""
    import lmdb as tree

    path = Path(folder) / "peer.lmdb"
    base = tree.open(str(path), map_size=max(1 << 26, count * 200), subdir=False, sync=False, metasync=False)
    rows = sorted(key.encode() for key in _keys(count))
    with base.begin(write=True) as change, change.cursor() as cursor:
        cursor.putmulti(((row, b"") for row in rows), dupdata=False, append=True)
    del rows
    with base.begin() as reading:
        get = reading.get

        def holds(names: Sequence[str]) -> bool:
            return any(get(name.encode()) is not None for name in names)

        size = base.info()["last_pgno"] * base.stat()["psize"]
        figures = {"bytes": size} | _asked(count, holds)
    base.close()
    return figures


PEERS: Final[dict[str, Callable[..., Figures]]] = {
    "python_set": python_set,
    "hash_table": hash_table,
    "sqlite": sqlite,
    "lmdb": lmdb,
}


def _keys(count: int) -> Iterator[str]:
    """Entries as the Safe Browsing guide writes expressions: a host ends in a slash."""
    return (entry.key if "/" in entry.key else entry.key + "/" for entry in listed(count))


def _asked(count: int, holds: Callable[[Sequence[str]], bool]) -> Figures:
    """Time for making a link's expressions and asking for them, and for the asking alone."""
    asked = links(count)
    named = [expressions(link) for link in asked]
    whole = best(lambda: each(lambda link: holds(expressions(link)), asked))
    asking = best(lambda: each(holds, named))
    return {
        "microseconds_per_link": round(whole / len(asked) * 1e6, 3),
        "microseconds_per_link_without_expressions": round(asking / len(asked) * 1e6, 3),
        "listed_links_found": sum(holds(names) for names in named),
    }


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8, key=b"bench").digest(), "little")
