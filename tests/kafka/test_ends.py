"""Every way in which a worker must end by itself, and what must not end it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.kafka.embedded import EmbeddedBroker, unavailable
from agents.kafka.exits import Exit
from tests.support.field import Field
from tests.support.lab import open_lab

pytestmark = pytest.mark.embedded
JOIN_GROUP, LOADING = 11, 14
HANG: dict[str, Any] = {"failpoint": "hang", "probability": 1.0}
BLOCK: dict[str, Any] = {"failpoint": "block", "probability": 1.0}


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """One for each test: pushed errors must not reach another."""
    if reason := unavailable():
        pytest.skip(reason)
    with EmbeddedBroker({}) as broker:
        yield broker


@pytest.fixture
def field(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Field]:
    field = Field(open_lab(broker), partitions=1, log=tmp_path / "log")
    yield field
    field.throw_away()


@pytest.mark.parametrize(
    ("word", "options", "changes", "code", "said"),
    [
        ("spin", {"cpu_deadline_seconds": 0.5}, {}, Exit.CPU_DEADLINE, "judging took longer than 0.5 s"),
        ("leak", {"memory_limit_bytes": 200 << 20}, {}, Exit.MEMORY, "the limit is 200 MiB"),
        ("ok", {"stuck_seconds": 2.0}, BLOCK, Exit.STUCK, "the event loop stands still"),
        ("ok", {"stuck_seconds": 2.0}, HANG, Exit.STUCK, "nothing finished for"),
        ("ok", {"delivery_deadline_seconds": 1.0}, HANG, Exit.UNDELIVERED, "not acknowledged within 1 s"),
        ("fail", {"probe_seconds": [0.1, 0.1]}, {}, Exit.INTERNAL, "judging keeps failing at"),
        ("ok", {}, {"failpoint": "coordination"}, Exit.STUCK, "the group coordination ended"),
    ],
)
def test_a_worker_that_cannot_go_on_says_why_and_ends(
    field: Field, word: str, options: dict[str, Any], changes: dict[str, Any], code: Exit, said: str
) -> None:
    field.options |= options
    field.produce(100, every=10, word=word)
    assert field.ended(field.start(**changes), 30) == code
    assert f"exit {int(code)} {code.name}: " in field.said()
    assert said in field.said()
    assert sum(field.lab.committed(field.group, field.source).values()) == 0


def test_a_start_that_hangs_ends(field: Field) -> None:
    """As when the broker dies between two answers: before the watchdog is there, nobody else would notice."""
    field.options["start_limit_seconds"] = 2.0
    assert field.ended(field.start(failpoint="connect"), 30) == Exit.BROKER_UNREACHABLE
    assert "the start did not end in time" in field.said()


def test_a_worker_that_never_joins_ends(field: Field, broker: EmbeddedBroker) -> None:
    """aiokafka asks for ever, without an error that anybody would see."""
    field.options["stuck_seconds"] = 3.0
    broker.errors(JOIN_GROUP, *[LOADING] * 5000)
    assert field.ended(field.start(), 30) == Exit.STUCK
    assert "not a member of the group" in field.said()


def test_delivery_may_take_longer_than_judging(field: Field) -> None:
    """The CPU deadline is not about waiting for a broker."""
    field.options |= {"cpu_deadline_seconds": 0.5, "delivery_deadline_seconds": 20.0}
    field.produce(100)
    worker = field.start(**HANG, hang_seconds=2.0)
    assert field.drain(30)
    assert field.stop(worker) == Exit.OK


def test_an_idle_time_is_no_standstill(field: Field) -> None:
    """The first message after a quiet while is work in hand, and nothing finished for as long as it was quiet."""
    field.options |= {"stuck_seconds": 4.0, "delivery_deadline_seconds": 20.0}
    worker = field.start(**HANG, hang_seconds=1.5)
    time.sleep(6.0)
    field.produce(100)
    assert field.drain(30), field.said()
    assert field.stop(worker) == Exit.OK


def test_a_stop_ends_at_its_limit(field: Field) -> None:
    field.options["stop_limit_seconds"] = 1.0
    field.produce(100)
    worker = field.start(**HANG)
    time.sleep(6.0)  # a crowded machine needs some to start one
    began = time.monotonic()
    assert field.stop(worker) == Exit.SLOW_STOP
    assert time.monotonic() - began < 4


def test_failing_work_pauses_and_goes_on_when_it_is_mended(field: Field, tmp_path: Path) -> None:
    """No message is called dead for a fault of ours."""
    broken = tmp_path / "broken"
    broken.touch()
    field.options["probe_seconds"] = [0.2] * 200
    field.produce(2000)
    worker = field.start(fail_file=str(broken))
    _until(lambda: "internal failures: paused, probing" in field.said())
    assert field.lag() == 2000
    broken.unlink()
    assert field.drain(30)
    assert "probe succeeded: going on" in field.said()
    assert field.said().count("paused (True,)") == field.said().count("paused (False,)") > 0
    assert field.stop(worker) == Exit.OK
    assert field.verdict().good("at_least_once", 0), field.verdict()


def _until(true: Any, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
