"""A Faust app that reads chunks and leaves to us what Faust gets wrong."""

from __future__ import annotations

from typing import TypeAlias

import faust
from faust.transport.drivers import aiokafka as driver
from yarl import URL

from agents.kafka.connection import Connection
from agents.kafka.consumer import ChunkConsumer
from agents.kafka.line import Line
from agents.kafka.options import DeliveryOptions, Events

App: TypeAlias = faust.App

_NEVER_SECONDS = 86_400.0


class ChunkTransport(driver.Transport):  # type: ignore[misc]  # Faust's annotations are skipped
    """Faust's transport with our consumer; the app finds the line's options and hooks here."""

    Consumer = ChunkConsumer
    options: DeliveryOptions
    events: Events
    line: Line | None = None


class ChunkApp(faust.App):  # type: ignore[misc]  # Faust's annotations are skipped
    """A Faust app without tables, which therefore has nothing to keep on disk."""

    def _create_directories(self) -> None:
        """Nothing: Faust would leave an empty folder in the working directory."""


def create_faust_app(
    connection: Connection, group: str, options: DeliveryOptions, events: Events | None = None
) -> faust.App:
    """An app for one consumer group; nothing connects before it is started."""
    urls = [URL(f"kafka://{server.strip()}") for server in connection.bootstrap_servers.split(",")]
    app = ChunkApp(group, broker=urls, **_settings(connection, options))
    app.transport = ChunkTransport(urls, app=app, loop=None)
    app.transport.options = options
    app.transport.events = events or Events()
    return app


def _settings(connection: Connection, options: DeliveryOptions) -> dict[str, object]:
    return {
        "broker_credentials": connection.faust(),
        "broker_client_id": connection.client_id,
        "broker_check_crcs": connection.check_crcs,
        "broker_commit_interval": options.commit_interval_seconds,
        "broker_session_timeout": options.session_timeout_seconds,
        "broker_heartbeat_interval": options.heartbeat_seconds,
        "broker_rebalance_timeout": options.rebalance_timeout_seconds,
        "broker_request_timeout": options.request_timeout_seconds,
        "broker_max_poll_records": options.poll_records,
        # aiokafka lets a worker without partitions, which therefore never polls, leave the group for good.
        "broker_max_poll_interval": _NEVER_SECONDS,
        # A broker that has just started may know the group and not yet the topic: the partitions are given to nobody,
        # all are standby and content, until the picture of the topics is renewed. The default is five minutes.
        "consumer_metadata_max_age_ms": int(options.metadata_seconds * 1000),
        "stream_buffer_maxsize": options.fetches_waiting,  # counts fetches here; the default of 4096 is no limit at all
        "stream_wait_empty": True,  # False would acknowledge what a stop interrupts
        "consumer_max_fetch_size": options.fetch_bytes,
        "consumer_auto_offset_reset": "none",  # a reset is a silent jump; see ConsumerThread
        "producer_request_timeout": options.request_timeout_seconds,  # 20 minutes otherwise
        "topic_allow_declare": False,  # `saring setup` creates topics, never a worker
        "topic_disable_leader": True,
        "table_standby_replicas": 0,  # no tables: their assignor and their recovery lose data
        "store": "memory://",
        "web_enabled": False,
        "worker_redirect_stdouts": False,
    }
