"""Sending the feed: paced by a rate and by what the worker has finished, since the embedded broker keeps little."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from confluent_kafka import Producer

from agents.demo.feed import Event
from agents.demo.tally import Tally

MOST_UNFINISHED = 20_000  # messages in flight: far below the 5 MiB a partition that the embedded broker keeps
STEP_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast and how long to send; a rate of 0 means as fast as the worker finishes."""

    rate: float
    seconds: float
    stopped: Callable[[], bool]


def play(events: Iterator[Event], bootstrap: str, topic: str, tally: Tally, pace: Pace) -> None:
    """Send events until the feed or the time ends; returns when all were acknowledged."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "linger.ms": 20, "compression.type": "lz4", "acks": "all", "log_level": 0}
    )
    begun = time.monotonic()
    for event in events:
        while _ahead(tally, pace, begun) and not pace.stopped():
            producer.poll(STEP_SECONDS)
        if pace.stopped() or (pace.seconds and time.monotonic() - begun > pace.seconds):
            break
        _send(producer, topic, event)
        tally.produced += 1
        if event.planted:
            tally.planted[event.name] = event.planted
    producer.flush(30)


def _ahead(tally: Tally, pace: Pace, begun: float) -> bool:
    due = (time.monotonic() - begun) * pace.rate if pace.rate else float("inf")
    return tally.unfinished > MOST_UNFINISHED or tally.produced > due


def _send(producer: Producer, topic: str, event: Event) -> None:
    while True:
        try:
            producer.produce(topic, value=event.value, key=event.key)
        except BufferError:
            producer.poll(STEP_SECONDS)
        else:
            producer.poll(0)
            return
