"""What a source may hold."""

from __future__ import annotations

import time

from tests.faults.stage import Stage, expect
from tests.support.field import Field

CLEANER_RESTS_SECONDS = 15  # Kafka's default of log.cleaner.backoff.ms


def transactional_source(stage: Stage) -> None:
    """Markers leave holes in the offsets, and what was aborted was never sent."""
    field = stage.field
    field.start()
    for number in range(20):
        words = (b"scam" if index % 20 == 0 else b"ok" for index in range(500))
        field.lab.produce(field.source, words, field.partitions, f"{field.group}-{number}", number % 4 == 0)
        if number == 10:
            field.kill(field.workers[0])
            field.start()


def compacted_source(stage: Stage) -> None:
    """Holes of any size, wherever compaction left them; what it takes away later would look like alerts on nothing."""
    field = stage.field
    field.lab.produce_keyed(field.source, 30_000, 50)
    expect(_compacted(field, 30_000), "a compacted source")
    field.start()
    expect(field.finished(100), "a beginning")
    field.kill(field.workers[0])
    field.start()


def _compacted(field: Field, produced: int, most: float = 180.0) -> bool:
    """Wait until the log cleaner has taken something and then left the rest alone for longer than it rests."""
    end = time.monotonic() + most
    held, since = len(field.lab.read(field.source)), time.monotonic()
    while time.monotonic() < end:
        time.sleep(1)
        now = len(field.lab.read(field.source))
        if now != held:
            held, since = now, time.monotonic()
        elif held < produced and time.monotonic() - since > CLEANER_RESTS_SECONDS + 5:
            return True
    return False


def poison_flood(stage: Stage) -> None:
    field = stage.field
    field.produce(30_000, every=1, word="bad")
    field.produce(5000)
    began = time.monotonic()
    field.start()
    expect(field.finished(30_000, 60), "the flood passed")
    expect(30_000 / (time.monotonic() - began) > 2000, "at least 2,000 dead letters a second")


def too_large(stage: Stage) -> None:
    """Alerts that the topic refuses become dead letters, and take no neighbour along."""
    field = stage.field
    words = (b"big", b"scam", *[b"ok"] * 18)
    field.lab.produce(field.source, (words[number % 20] for number in range(20_000)), field.partitions)
    field.start()
    expect(field.finished(1000), "a beginning")
    field.kill(field.workers[0])
    field.start()
