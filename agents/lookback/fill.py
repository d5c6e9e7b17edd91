"""Filling retro's store from the topics: at the first start all that they hold, later what came since."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from threading import Event

from agents.lookback.desk import Desk
from agents.lookback.late import Watch
from stream.model import Record


def fill(desk: Desk, batches: Iterable[Sequence[Record]], save_seconds: float, leaving: Event) -> None:
    """Take in records until there are no more or we are asked to leave.

    Saved as it goes: a start that is broken off, or that takes longer than a start may, is not done all over again.
    """
    saved = time.monotonic()
    for batch in batches:
        for record in batch:
            if record.topic == desk.topics["links"]:
                Watch().arriving(desk, record)
            else:
                desk.take_statement(record)
        if time.monotonic() - saved > save_seconds:
            desk.seen.save()
            desk.said.save()
            saved = time.monotonic()
        if leaving.is_set():
            return
