"""What a source may hold."""

from __future__ import annotations

import time

from tests.faults.stage import Stage, expect


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
    """Holes of any size, wherever compaction left them."""
    field = stage.field
    field.lab.produce_keyed(field.source, 30_000, 50)
    time.sleep(8)
    field.start()
    expect(field.finished(100), "a beginning")
    field.kill(field.workers[0])
    field.start()


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
