"""What the watchdog makes of a group that it finds in some state; the ends of whole processes are in `test_ends.py`."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace
from typing import Any

import pytest

from agents.kafka.exits import Exit
from agents.kafka.options import DeliveryOptions
from agents.kafka.page import NoPage
from agents.kafka.watchdog import Watchdog

STUCK = 5.0


def _app(generation: int | None, ended: bool = False) -> Any:
    """An app whose consumer is of that generation, or that has none."""
    task = SimpleNamespace(done=lambda: ended)
    coordinator = SimpleNamespace(_coordination_task=task, _pending_exception=None, generation=generation)
    thread = SimpleNamespace(_consumer=SimpleNamespace(_coordinator=coordinator))
    return SimpleNamespace(_consumer=None if generation is None else SimpleNamespace(_thread=thread))


@pytest.mark.parametrize(
    ("app", "later", "said"),
    [
        (_app(None), STUCK - 1, ""),
        (_app(None), STUCK + 1, "no consumer after the start"),
        (_app(-1), STUCK - 1, ""),
        (_app(-1), STUCK + 1, "not a member of the group for 6 s"),
        (_app(3), STUCK + 1, ""),
        (_app(3, ended=True), 0.0, "the group coordination ended"),
    ],
)
def test_the_group(app: Any, later: float, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[tuple[Exit, str]] = []
    monkeypatch.setattr("agents.kafka.watchdog.leave", lambda code, reason: left.append((code, reason)))
    line: Any = SimpleNamespace(options=DeliveryOptions(stuck_seconds=STUCK), page=NoPage())
    loop = asyncio.new_event_loop()
    try:
        Watchdog(app, line, loop)._look_at_group(time.monotonic() + later)
    finally:
        loop.close()
    assert left == ([(Exit.STUCK, said)] if said else [])
