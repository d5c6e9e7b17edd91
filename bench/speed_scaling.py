"""How cost grows: with the size of lists and messages and the number of partitions; the worst 64 KiB; full caches.

`python -m bench.speed_scaling`: lists, sizes and the worst text; `--help` tells how to measure only a part, or more.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from agents.kafka.watchdog import resident_bytes
from agents.start import calm_collector
from bench import speed_core as core
from bench.fuzz_links import HOSTILE, LONG
from bench.list_data import listed
from bench.speed_data import CHUNK, Row, default_rules, read_records
from bench.speed_mixes import mixes
from stream.lists.compile import compiled
from stream.lists.index import IndexedLists
from stream.lists.layer import Layer
from stream.lists.memory import NO_LISTS
from stream.pipeline import Line, line, scanner
from stream.rules import Rules
from stream.sightings import packer

MESSAGES = 10_000
ENTRIES = (10_000, 100_000, 1_000_000)
BYTES = (50, 200, 1_000, 4_000, 16_000, 65_536)
PARTITIONS = (1, 4, 16, 64)
LURES = ("your account is suspended ", "verify ", "akaun anda ", "rm500 ", "中奖 ")
HOSTS = 50
PASSES = 3
UNITS = {
    "lists": "list_entries_microseconds",
    "no_link": "no_link_microseconds",
    "sizes": "message_bytes",
    "worst": "worst_64_kib_milliseconds",
    "memory": "memory_megabytes",
    "partitions": "partitions",
}
APART = ("partitions", "memory")  # only when named
FULL = 200_000  # links, each with a host and a speaker of its own: more than any cache of the worker holds


def lists(rules: Rules, records: Sequence[Row], most: int) -> dict[str, float]:
    """Microseconds a message by number of list entries."""
    found: dict[str, float] = {}
    for entries in [count for count in (*ENTRIES, 10_000_000) if count <= most]:
        index = IndexedLists((Layer(compiled(lambda entries=entries: listed(entries))),))  # type: ignore[misc]  # the default binds the number
        found[f"{entries:,}"] = round(core.line(rules, index, records, PASSES), 2)
    return found


def sizes(rules: Rules, records: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Microseconds a message by bytes of its text: talk of the stream, joined up to that size, links as they come."""
    texts = [str(msgspec.json.decode(record.value).get("text") or "") for record in records]
    found: dict[str, dict[str, float]] = {}
    for size in BYTES:
        rows = [Row(value, at) for at, value in enumerate(_joined(texts, size, max(20, 400_000 // size)))]
        each = core.line(rules, NO_LISTS, rows, PASSES)
        found[f"{size:,}"] = {"microseconds": round(each, 1), "nanoseconds_a_byte": round(each * 1000 / size, 1)}
    return found


def _joined(texts: Sequence[str], size: int, count: int) -> list[bytes]:
    made, at = list[bytes](), 0
    while len(made) < count:
        text = ""
        while len(text) < size:
            text += texts[at % len(texts)] + " "
            at += 1
        made.append(msgspec.json.encode({"text": text[:size]}))
    return made


def worst(rules: Rules) -> dict[str, float]:
    """Milliseconds of the slowest texts of 64 KiB, by the units that they repeat, or what many hosts have."""
    units = [*HOSTILE, *(one + two for one in HOSTILE for two in (" ", *HOSTILE[:6])), *LURES]
    units += [f"{lure}https://pay.example/{lure.strip()} " for lure in LURES]
    new = line(rules)
    texts = {unit: unit * (LONG // len(unit.encode()) + 1) for unit in units}
    texts |= {f"{HOSTS} hosts, {part}": _hosts(part) for part in ("中/", "²/", "?u=https://b.example", *LURES)}
    rows = {unit: Row(msgspec.json.encode({"text": text[:LONG]}), 0) for unit, text in texts.items()}
    once = sorted(rows, key=lambda unit: -_milliseconds(new, rows[unit]))[:8]
    slowest = {unit: round(min(_milliseconds(new, rows[unit]) for _ in range(5)), 2) for unit in once}
    return dict(sorted(slowest.items(), key=lambda each: -each[1])[:5])


def _hosts(part: str) -> str:
    """A text of so many hosts, each with copies of the part behind it as far as there is room."""
    hosts = [f"https://kedai-{number:x}.example-{number}.my/" for number in range(HOSTS)]
    return " ".join(host + part * ((LONG // HOSTS - len(host)) // len(part)) for host in hosts)


def _milliseconds(new: Line, row: Row) -> float:
    scan = new(NO_LISTS)  # one that remembers no text
    began = time.thread_time()
    scan([row])
    return (time.thread_time() - began) * 1e3


def memory(rules: Rules) -> dict[str, float]:
    """Megabytes in use by the line and its sightings: to begin with, and when all that they remember is full."""
    scan, pack = scanner(rules, NO_LISTS), packer(rules)
    found = {"to begin with": resident_bytes()}
    for first in range(0, FULL, CHUNK):
        rows = [Row(_speaking(number), number) for number in range(first, first + CHUNK)]
        pack(rows, scan(rows), 0)
    found["caches full"] = resident_bytes()
    return {when: round(size / 1e6, 1) for when, size in found.items()}


def _speaking(number: int) -> bytes:
    host = f"kedai-{number:x}-baru.example-{number % 977}.my"
    return msgspec.json.encode(
        {"text": f"tengok https://{host}/barang/{number}", "id": str(number), "user": f"u{number}"}
    )


def partitions(records: Sequence[Row]) -> dict[str, dict[str, float]]:
    """What one worker drains, and at what cost, by the number of partitions that it reads."""
    from bench.speed_worker import drained

    return {str(count): drained(records, count, alone=True)[0] for count in PARTITIONS}


def main(arguments: Sequence[str]) -> None:
    """Print what was asked for as one JSON object."""
    asked = _asked(arguments)
    rules, records = default_rules(), read_records(limit=MESSAGES)
    calm_collector()
    measures: dict[str, Callable[[], object]] = {
        "lists": lambda: lists(rules, records, asked.entries),
        "no_link": lambda: round(core.line(rules, NO_LISTS, mixes(rules, records, MESSAGES)["0 % links"], PASSES), 2),
        "sizes": lambda: sizes(rules, records),
        "worst": lambda: worst(rules),
        "memory": lambda: memory(rules),
        "partitions": lambda: partitions(read_records()),
    }
    figures: dict[str, Any] = {"calibration_turn_nanoseconds": round(core.calibration_seconds() * 1e9, 1)}
    figures |= {UNITS[name]: measures[name]() for name in asked.measures}
    print(json.dumps(figures, indent=2, ensure_ascii=False))


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.speed_scaling", description=__doc__.split("\n")[0])
    parser.add_argument(
        "measures",
        nargs="*",
        default=[name for name in UNITS if name not in APART],
        metavar="MEASURE",
        help=f"some of {', '.join(UNITS)}; all but partitions (on a real Kafka) and memory (by itself) unless named",
    )
    parser.add_argument(
        "--entries",
        type=int,
        default=1_000_000,
        help="entries of the largest list: 10000000 takes 2 GB while it is built (default: %(default)s)",
    )
    asked = parser.parse_args(arguments)
    if unknown := set(asked.measures) - UNITS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(UNITS)}")
    return asked


if __name__ == "__main__":
    main(sys.argv[1:])
