"""Errors that a broker answers with, and what must come of them; on the embedded broker, which gives them on demand."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from aiokafka.errors import KafkaConnectionError

from agents.kafka import run
from agents.kafka.connection import Connection
from agents.kafka.embedded import EmbeddedBroker, unavailable
from agents.kafka.exits import Exit
from agents.kafka.run import BrokerUnreachableError, reach
from agents.kafka.topics import AdminError, commit_first
from agents.kafka.values import Partition
from tests.support.field import Field
from tests.support.lab import open_lab

pytestmark = pytest.mark.embedded
PRODUCE, OFFSET_COMMIT, JOIN_GROUP, SYNC_GROUP = 0, 8, 11, 14
LOADING, NO_COORDINATOR, ANOTHER_COORDINATOR, UNHEARD_OF, GROUP_DENIED = 14, 15, 16, 3, 30
GROUP_FULL, OTHER_ASSIGNOR, SESSION_SHORT = 81, 23, 26
INVALID_REQUEST, TOPIC_DENIED, NOT_LEADER, NOT_ENOUGH_REPLICAS = 42, 29, 6, 19


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """One for each test: pushed errors must not reach another."""
    if reason := unavailable():
        pytest.skip(reason)
    with EmbeddedBroker({}) as broker:
        yield broker


@pytest.fixture
def field(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Field]:
    field = Field(open_lab(broker), partitions=2, log=tmp_path / "log")
    yield field
    field.throw_away()


def test_a_group_error_is_healed_once(field: Field, broker: EmbeddedBroker) -> None:
    """Faust alone stays a member that never reads again: alive, and silent."""
    field.produce(2000)
    broker.errors(SYNC_GROUP, INVALID_REQUEST)
    worker = field.start()
    assert field.drain(30)
    assert "joining again" in field.said()
    assert field.stop(worker) == Exit.OK


@pytest.mark.parametrize(
    ("request_kind", "code"),
    [
        (SYNC_GROUP, INVALID_REQUEST),
        (JOIN_GROUP, GROUP_FULL),
        (JOIN_GROUP, OTHER_ASSIGNOR),
        (JOIN_GROUP, SESSION_SHORT),
    ],
)
def test_a_group_error_that_comes_back_ends_the_process(
    field: Field, broker: EmbeddedBroker, request_kind: int, code: int
) -> None:
    broker.errors(request_kind, *[code] * 20)
    assert field.ended(field.start(), 30) == Exit.STUCK


@pytest.mark.parametrize("code", [NOT_LEADER, NOT_ENOUGH_REPLICAS])
def test_a_passing_write_error_is_waited_out(field: Field, broker: EmbeddedBroker, code: int) -> None:
    field.produce(2000)
    broker.errors(PRODUCE, code, code)
    worker = field.start()
    assert field.drain(30)
    assert field.stop(worker) == Exit.OK
    assert field.verdict().good("at_least_once", 0), field.verdict()


def test_a_refused_write_ends_the_process_and_commits_nothing(field: Field, broker: EmbeddedBroker) -> None:
    """Faust alone logs the refusal, and commits the message whose alert is gone."""
    field.produce(2000)
    broker.errors(PRODUCE, TOPIC_DENIED)
    assert field.ended(field.start(), 30) == Exit.UNDELIVERED
    assert sum(field.lab.committed(field.group, field.source).values()) < 2000
    field.start()
    assert field.drain(30)
    verdict = field.verdict()
    assert (verdict.lost, verdict.invented, verdict.faults) == (0, 0, ()), verdict


def test_a_stop_while_the_broker_is_away_ends(field: Field, broker: EmbeddedBroker) -> None:
    """Faust alone waits for ever."""
    field.options["stop_limit_seconds"] = 3.0
    field.produce(2000)
    worker = field.start()
    assert field.drain(30)
    broker.down()
    assert field.stop(worker, 12) in (Exit.OK, Exit.SLOW_STOP)
    broker.up()


def test_no_broker_at_the_start_is_said_and_ends(field: Field) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    field.options["start_limit_seconds"] = 1.0
    worker = field.start(bootstrap=f"127.0.0.1:{port}")
    assert field.ended(worker, 20) == Exit.BROKER_UNREACHABLE
    assert field.said().count("no broker answers") >= 2


@pytest.mark.parametrize(
    ("starts", "reason", "code"),
    [
        (False, KafkaConnectionError(), Exit.BROKER_UNREACHABLE),  # it answered a moment ago and is gone
        (False, ValueError(), Exit.INTERNAL),
        (True, KafkaConnectionError(), Exit.STUCK),  # as when partitions were assigned and the broker left
        (True, ValueError(), Exit.INTERNAL),
    ],
)
async def test_a_broker_that_leaves_is_no_fault_of_ours(
    starts: bool, reason: Exception, code: Exit, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def start() -> None:
        if not starts:
            raise reason

    def leave(code: Exit, _reason: str) -> None:
        raise SystemExit(code)

    app = SimpleNamespace(start=start, crash_reason=reason, _crashed=asyncio.Event(), _stopped=asyncio.Event())
    app._crashed.set()
    monkeypatch.setattr(run, "leave", leave)
    with pytest.raises(SystemExit) as ended:
        await run._until_asked(app, asyncio.Event())
    assert ended.value.code == code


async def test_reach_tells_the_address() -> None:
    with pytest.raises(BrokerUnreachableError, match=r"no broker answers at 127\.0\.0\.1:1"):
        await reach(Connection("127.0.0.1:1"), 0.3)


@pytest.mark.parametrize("code", [LOADING, NO_COORDINATOR, ANOTHER_COORDINATOR, UNHEARD_OF])
def test_a_first_offset_is_committed_once_the_coordinator_is_ready(broker: EmbeddedBroker, code: int) -> None:
    """A broker that has just started refuses for a while; `saring setup` and retro's first start do not end for it."""
    lab = open_lab(broker)
    topic, group = lab.topic("t"), lab.name("g")
    broker.errors(OFFSET_COMMIT, *[code] * 10)  # more than the client tries by itself
    assert commit_first(lab.admin, group, [topic], "beginning") == {Partition(topic, 0): 0}
    assert lab.committed(group, topic) == {Partition(topic, 0): 0}


def test_a_first_offset_that_is_refused_is_an_error(broker: EmbeddedBroker) -> None:
    lab = open_lab(broker)
    topic, group = lab.topic("t"), lab.name("g")
    broker.errors(OFFSET_COMMIT, GROUP_DENIED)
    with pytest.raises(AdminError, match=f"first offsets of group {group}"):
        commit_first(lab.admin, group, [topic], "beginning")
