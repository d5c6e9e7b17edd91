"""A stand-in for retro that looks back at nothing: as many records of as many bytes to a topic, as much CPU time, in
the same rhythm. What it does to the scan role is what any neighbour of that size does.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from confluent_kafka import Producer

TOPIC: Final = "neighbour"
AT_ONCE: Final = 400  # records between two pieces of work: what 250 entries of a list come to


def work(bootstrap: str, load: Mapping[str, Any]) -> None:
    """Step after step for ever: `cpu_seconds`, `records` of `bytes`, every `seconds`."""
    producer = Producer({"bootstrap.servers": bootstrap, "linger.ms": 0, "queue.buffering.max.messages": 500_000})
    records, value = int(load["records"]), os.urandom(int(load["bytes"]))
    pieces = max(1, records // AT_ONCE)
    while True:
        began, spent = time.monotonic(), time.process_time()
        for piece in range(1, pieces + 1):
            burn_until(spent + load["cpu_seconds"] * piece / pieces)
            for number in range(records // pieces):
                producer.produce(TOPIC, value, partition=number % load["partitions"])
            producer.flush(30)
        time.sleep(max(0.0, began + load["seconds"] - time.monotonic()))


def burn_until(cpu_seconds: float) -> None:
    """Return once the process has used that much CPU time since its start."""
    while time.process_time() < cpu_seconds:
        pass


if __name__ == "__main__":
    work(sys.argv[1], json.loads(sys.argv[2]))
