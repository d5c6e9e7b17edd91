"""The delivery suite that both publishers pass, on a real broker."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from agents.kafka.exits import Exit
from agents.kafka.options import Mode
from agents.kafka.topics import TopicSpec, create
from bench.cluster import Cluster
from tests.support.field import Field
from tests.support.lab import open_lab

pytestmark = pytest.mark.kafka


@pytest.fixture(params=["at_least_once", "exactly_once"])
def mode(request: pytest.FixtureRequest) -> Mode:
    found: Mode = request.param
    return found


@pytest.fixture
def field(kafka: Cluster, mode: Mode) -> Iterator[Field]:
    field = Field(open_lab(kafka.bootstrap), mode)
    yield field
    field.throw_away()


def test_everything_once_and_a_quick_stop(field: Field) -> None:
    field.produce(20_000)
    worker = field.start()
    assert field.drain()
    began = time.monotonic()
    assert field.stop(worker) == Exit.OK
    assert time.monotonic() - began < 3
    verdict = field.verdict()
    assert verdict.good(field.mode, 0), verdict
    assert verdict.alerts == 1000


def test_a_planned_handover_repeats_nothing(field: Field) -> None:
    """There and back: for what comes back the first worker must make itself known anew, or it is taken for a ghost."""
    field.produce(60_000)
    first = field.start()
    assert field.finished(1000)
    second = field.start()
    assert field.joined(2)
    field.produce(2000)
    assert field.finished(62_000)
    assert field.stop(second) == Exit.OK
    field.produce(2000)
    assert field.finished(64_000)
    assert field.stop(first) == Exit.OK
    verdict = field.verdict()
    assert verdict.good(field.mode, 0), verdict


def test_a_revocation_commits_what_is_finished(field: Field) -> None:
    """Faust forgets what was acknowledged before it commits. Here nothing else would commit before the test ends."""
    field.options |= {"commit_interval_seconds": 300.0, "commit_records": 1_000_000}
    field.produce(20_000)
    first = field.start()
    end = time.monotonic() + 40
    while len(field.lab.read(field.alerts)) < 1000:
        assert time.monotonic() < end
    field.start()
    assert field.finished(20_000)
    assert field.stop(first) == Exit.OK
    verdict = field.verdict()
    assert verdict.good(field.mode, 0), verdict


def test_partitions_that_were_given_to_nobody_are_noticed(kafka: Cluster) -> None:
    """As after a restart of the broker, which may know the group before it knows the topic."""
    field = Field(open_lab(kafka.bootstrap), options={"metadata_seconds": 1.0})
    field.source = field.lab.name("unknown")
    worker = field.start()
    try:
        time.sleep(6)  # it joined, and got nothing
        create(field.lab.admin, [TopicSpec(field.source, 4, 1, {})])
        field.produce(2000)
        assert field.drain(20)
        assert field.stop(worker) == Exit.OK
    finally:
        field.throw_away()


def test_a_kill_loses_nothing(field: Field) -> None:
    field.produce(60_000)
    worker = field.start()
    assert field.finished(5000)
    field.kill(worker)
    field.start()
    assert field.drain()
    verdict = field.verdict()
    assert verdict.good(field.mode, field.duplicate_limit()), verdict


def test_bad_and_too_large_records_go_to_the_dead_letters(kafka: Cluster, mode: Mode) -> None:
    field = Field(open_lab(kafka.bootstrap), mode, alerts_config={"max_message_bytes": "2000"})
    words = ("ok", "bad", "scam", "big")
    field.lab.produce(field.source, (f"{words[number % 4]} {number}".encode() for number in range(400)), 4)
    field.start()
    try:
        assert field.drain()
        written = field.lab.read(field.dead)
        assert sum(value is None for value in (record.value() for record in written)) == 0
        assert len(written) == 200
        assert len(field.lab.values(field.alerts)) == 100
    finally:
        field.throw_away()


def test_a_frozen_worker_that_wakes_up_is_shut_out(field: Field) -> None:
    field.produce(40_000)
    worker = field.start()
    assert field.finished(2000)
    worker.send_signal(signal.SIGSTOP)
    field.crashes += 1
    field.start()
    assert field.drain()
    worker.send_signal(signal.SIGCONT)
    field.produce(2000)
    assert field.drain()
    field.stop_all()
    verdict = field.verdict()
    assert verdict.good(field.mode, field.duplicate_limit()), verdict
