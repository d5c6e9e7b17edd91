"""The soak's messages through the line alone, without Kafka: `python -m tests.faults.line_memory [--messages N]`.

Its caches start over when they are full, each at its own time, so memory rises until most of them have been full at
once. What it comes to then is what a worker in the soak may come to; what rises for ever is a leak of the line.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator, Sequence
from typing import Final

import psutil

from agents import connect, metrics, scan
from agents.kafka.taken import Taken
from agents.kafka.values import Chunk, Partition
from agents.meter import Meter
from agents.start import calm_collector
from config.load import load
from config.rules import rules_from
from stream import pipeline
from stream.lists.memory import NO_LISTS
from stream.sightings import opener
from tests.faults.soak import PARTITIONS, values

RATE: Final = 8_000
LINES: Final = 16
NOON: Final = 1_800_000_000_000


def main(arguments: Sequence[str]) -> int:
    """Print memory, in between and at the end."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m tests.faults.line_memory")
    parser.add_argument("--messages", type=int, default=8_000_000)
    chosen = parser.parse_args(arguments)
    settings = load(None, {}).settings
    rules = rules_from(settings)
    scanner = pipeline.line(rules)(NO_LISTS)
    meter = Meter(metrics.create(), rules)
    desk = scan.Desk(lambda: scanner, rules, connect.topics(settings), meter, opener(rules), lambda: 0)
    work, process, line_at = scan.work(desk), psutil.Process(), 0
    calm_collector()
    for done, chunk in _chunks(next(iter(rules.sources)), chosen.messages, random.Random(1)):
        batch = work.handle([chunk])
        work.done(batch.note, [chunk])
        if done >= line_at:
            print(f"{done:>10,} messages: {process.memory_info().rss >> 20} MiB", flush=True)
            line_at += chosen.messages // LINES
    return 0


def _chunks(topic: str, messages: int, choose: random.Random) -> Iterator[tuple[int, Chunk]]:
    """Chunks of all sizes; at times of all partitions, at times of two, as others come and go."""
    rings = [values(choose)[number::PARTITIONS] for number in range(PARTITIONS)]
    owned, change_at, done, offsets = list(range(PARTITIONS)), 1_000_000, 0, [0] * PARTITIONS
    while done < messages:
        if done > change_at:
            owned, change_at = choose.sample(range(PARTITIONS), choose.choice((2, PARTITIONS))), done + 400_000
        for number in owned:
            first, ring, size = offsets[number], rings[number], choose.choice((20, 60, 200, 500))
            records = [
                Taken(topic, number, offset, NOON + done * 1000 // RATE, 0, None, ring[offset % len(ring)])
                for offset in range(first, first + size)
            ]
            offsets[number], done = first + size, done + size
            yield done, Chunk(Partition(topic, number), 1, records)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
