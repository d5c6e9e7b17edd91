"""What we work round in Faust and aiokafka: as long as these hold, the work-rounds are needed.

When one fails after an upgrade, the library has been mended there: look whether our code for it can go.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiokafka.conn
import pytest
from aiokafka.consumer.fetcher import OffsetResetStrategy
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP
from intervaltree import IntervalTree  # type: ignore[import-untyped]  # comes with Faust, untyped

from agents.kafka.app import create_faust_app
from agents.kafka.connection import Connection, Sasl, Tls
from agents.kafka.consumer import ChunkConsumer
from agents.kafka.embedded import EmbeddedBroker
from agents.kafka.exits import Exit
from agents.kafka.line import Work, attach
from agents.kafka.options import DeliveryOptions
from agents.kafka.publisher import Writing, create_publisher
from agents.kafka.run import run_app
from agents.kafka.values import Batch
from tests.support.lab import open_lab

P = TP("messages", 0)


def _stock(committed: int | None, acked: list[int]) -> Any:
    """Faust's own consumer with nothing but its book-keeping."""
    consumer = driver.Consumer.__new__(driver.Consumer)
    consumer._acked = defaultdict(list, {P: list(acked)})
    consumer._acked_index = defaultdict(set, {P: set(acked)})
    consumer._gap = defaultdict(IntervalTree)
    consumer._committed_offset = defaultdict(lambda: committed)
    return consumer


@pytest.mark.parametrize(
    ("committed", "acked", "wrong"),
    [
        (100, [101, 102, 103], 104),  # 100 is not finished
        (None, [7, 8], 9),  # nothing before 7 is finished
    ],
)
def test_faust_commits_past_an_unfinished_message(committed: int | None, acked: list[int], wrong: int) -> None:
    assert _stock(committed, acked)._new_offset(P) == wrong


async def test_faust_takes_its_own_message_for_a_gap() -> None:
    consumer = _stock(None, [16])
    await consumer._add_gap(P, 15, 15)  # 15 is in flight
    assert consumer._new_offset(P) == 17


def test_faust_reads_uncommitted_records() -> None:
    source = Path(driver.__file__).read_text("utf-8")
    assert 'isolation_level: str = "read_uncommitted"' in source


def test_aiokafka_asks_for_its_limit_at_each_connection() -> None:
    assert "StreamReader(limit=READER_LIMIT" in Path(aiokafka.conn.__file__).read_text("utf-8")


def test_faust_never_looks_for_errors_of_the_group() -> None:
    assert "check_errors" not in Path(driver.__file__).read_text("utf-8")


def test_the_reset_policy_that_tells_is_known_to_aiokafka() -> None:
    assert OffsetResetStrategy.from_str("none") == OffsetResetStrategy.NONE


def test_the_app_is_as_the_promise_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = DeliveryOptions(session_timeout_seconds=7.0)
    app = create_faust_app(Connection("localhost:1,localhost:2"), "saring.scan", options)
    conf = app.conf
    wanted = {
        "broker_max_poll_interval": 86_400.0,
        "broker_session_timeout": 7.0,
        "broker_commit_interval": 0.2,
        "stream_buffer_maxsize": 4,
        "stream_wait_empty": True,
        "consumer_metadata_max_age_ms": 10_000,
        "consumer_auto_offset_reset": "none",
        "consumer_group_instance_id": None,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "table_standby_replicas": 0,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
    }
    assert {name: getattr(conf, name) for name in wanted} == wanted
    assert app.transport.Consumer is ChunkConsumer
    app._create_directories()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("connection", "protocol", "kind"),
    [
        (Connection("h:1"), "PLAINTEXT", "NoneType"),
        (Connection("h:1", tls=Tls()), "SSL", "SSLCredentials"),
        (Connection("h:1", sasl=Sasl("PLAIN", "u", "p")), "SASL_PLAINTEXT", "SASLCredentials"),
        (Connection("h:1", tls=Tls(), sasl=Sasl("SCRAM-SHA-512", "u", "p")), "SASL_SSL", "SASLCredentials"),
        (Connection("h:1", tls=Tls(), sasl=Sasl("OAUTHBEARER", token=lambda: "t")), "SASL_SSL", "OAuthCredentials"),
    ],
)
def test_three_libraries_are_told_the_same(connection: Connection, protocol: str, kind: str) -> None:
    credentials = connection.faust()
    assert type(credentials).__name__ == kind
    assert connection.aiokafka()["security_protocol"] == connection.librdkafka()["security.protocol"] == protocol
    assert credentials is None or credentials.protocol.value == protocol


@pytest.mark.embedded
async def test_nothing_of_faust_grows_with_what_was_read(embedded: EmbeddedBroker) -> None:
    """With automatic acknowledgement Faust keeps every offset until its own rule commits it, which is never asked."""
    lab = open_lab(embedded)
    topic, options = lab.topic("grows", 2), DeliveryOptions(chunk_records=10, session_timeout_seconds=6.0)
    lab.produce(topic, (b"%d" % number for number in range(5000)), 2)
    app, done = create_faust_app(lab.connection, lab.name("group"), options), asyncio.Event()
    writing = Writing(lab.connection, "group", [], options)

    def count(_note: object, _chunks: object) -> None:
        if sum(app.consumer.progress.finished().values()) > 4900:
            done.set()

    work = Work(lambda chunks: Batch(), count)
    running = asyncio.ensure_future(
        run_app(app, attach(app, [topic], work, create_publisher(writing), options), lab.connection)
    )
    try:
        async with asyncio.timeout(30):
            await done.wait()
        kept = [sum(map(len, each.values())) for each in (app.consumer._acked, app.consumer._acked_index)]
        waiting = len(app.consumer._unacked_messages)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
    assert await running == Exit.OK
    assert (kept, waiting < 20) == ([0, 0], True)
