"""Looking back at size: sightings taken in a second, and new list entries held against millions of them.

    python -m bench.retro [--sightings 10000000] [--entries 10000]

Sightings are made, packed and unpacked as on the topic; a share of the entries names domains that were seen.
"""

from __future__ import annotations

import argparse
import random
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cramjam
import msgspec

from agents.kafka.spans import Kept
from agents.lookback.desk import Desk
from agents.lookback.late import Watch, lates, matches
from agents.lookback.lists import AT_ONCE
from agents.lookback.store import SIGHTING, STATEMENT, open_store
from config.load import load as load_settings
from config.rules import rules_from
from stream.canonical import canonicalizer
from stream.checks.load import load
from stream.hosts import facts_cache
from stream.lists.entries import Entry
from stream.lists.memory import lists_from
from stream.sighting import FORMAT, Block, Sighting, domain_hash

ROWS: Final = 50  # of one block: what a batch of 4,000 messages leaves in one of 16 buckets
DOMAINS: Final = 2_000_000
BEGIN: Final = 1_800_000_000_000
_encode: Final = msgspec.msgpack.Encoder().encode


def domain(number: int) -> str:
    """The name of a domain that was seen."""
    return f"tuntut-hadiah-{number:07}.test"


def records(count: int, chance: random.Random) -> Iterator[Kept]:
    """Records of the sightings topic."""
    for offset in range(count // ROWS):
        yield Kept("links", 0, offset, BEGIN + offset, b"0", _block(offset, chance))


def _block(offset: int, chance: random.Random) -> bytes:
    numbers = [chance.randrange(DOMAINS) for _ in range(ROWS)]
    rows = [
        Sighting(f"{domain(number)}/claim", b"", f"m{offset}-{place}", place, place, chance.randbytes(16), 1, 0, 1,
                 chance.getrandbits(32), (0, 250))
        for place, number in enumerate(numbers)
    ]  # fmt: skip
    packed = bytes(cramjam.zstd.compress(_encode(rows), level=-3))
    domains = b"".join(domain_hash(domain(number)) for number in numbers)
    names, signals = ("lure/lure_words",), ("verify",)
    return _encode(Block(FORMAT, "messages", "messages", 0, 0, offset * 100, BEGIN, names, signals, domains, packed))


def measure(folder: Path, sightings: int, count: int) -> dict[str, Any]:
    """The figures, with the folder for what is kept on disk."""
    entries = _entries(count, random.Random(2))
    desk = _desk(folder, entries)
    taken, taken_cpu = _ingest(desk, sightings)
    begun = time.perf_counter()
    desk.seen.save()
    saved = time.perf_counter() - begun
    size, held = sum(path.stat().st_size for path in (folder / "seen").iterdir()), len(desk.seen)
    steps, alerts, spent = [], 0, time.process_time()
    for first in range(0, count, AT_ONCE):
        begun = time.perf_counter()
        alerts += len(lates(desk, matches(desk, entries[first : first + AT_ONCE]), 1000))
        steps.append(time.perf_counter() - begun)
    spent = time.process_time() - spent
    return {
        "sightings_held": held,
        "ingest_sightings_per_second": round(held / taken),
        "ingest_sightings_per_cpu_second": round(held / taken_cpu),
        "save_seconds": round(saved, 2),
        "disk_bytes_per_sighting": round(size / held, 1),
        "entries": count,
        "late_alerts": alerts,
        "judged_seconds": round(sum(steps), 2),
        "judged_cpu_seconds": round(spent, 2),  # what it takes on a machine that has time
        "longest_step_seconds": round(max(steps), 3),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "calibration_turn_ns": round(_turn_ns(), 1),
    }


def _ingest(desk: Desk, sightings: int) -> tuple[float, float]:
    watch, made, taken = Watch(), list(records(min(sightings, 1_000_000), random.Random(1))), [0.0, 0.0]
    for turn in range(max(1, sightings // 1_000_000)):
        batch = [msgspec.structs.replace(each, offset=each.offset + turn * len(made)) for each in made]
        begun = time.perf_counter(), time.process_time()
        for record in batch:
            watch.arriving(desk, record)
        taken[0] += time.perf_counter() - begun[0]
        taken[1] += time.process_time() - begun[1]
    return taken[0], taken[1]


def _entries(count: int, chance: random.Random) -> list[Entry]:
    """Half of them domains that may have been seen, as a feed of fresh scams would be."""
    half = count // 2
    seen = [Entry("feed", "host", domain(chance.randrange(DOMAINS)), listed_at="2026-11-23") for _ in range(half)]
    return seen + [Entry("feed", "host", f"elsewhere-{n}.test", listed_at="2026-11-23") for n in range(count - half)]


def _desk(folder: Path, entries: list[Entry]) -> Desk:
    rules, lists = rules_from(load_settings(None).settings), lists_from(entries)
    topics = {"alerts": "alerts", "review": "alerts.review", "links": "links"}
    seen, said = open_store(folder / "seen", SIGHTING), open_store(folder / "said", STATEMENT)
    canonicalize = canonicalizer(rules.suffixes)
    return Desk(rules, lambda: lists, facts_cache(rules, load()), canonicalize, topics, seen, said)


def _turn_ns() -> float:
    """Nanoseconds of one turn of an empty loop: what the machine gives us right now."""
    best = float("inf")
    for _ in range(5):
        begun, total = time.perf_counter(), 0
        for number in range(1_000_000):
            total += number & 7
        best = min(best, time.perf_counter() - begun)
    return best * 1000


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sightings", type=int, default=10_000_000)
    parser.add_argument("--entries", type=int, default=10_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="saring-retro-"))
    try:
        figures = measure(folder, options.sightings, options.entries)
    finally:
        shutil.rmtree(folder)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures), indent=1).decode() + "\n")


if __name__ == "__main__":
    main()
