"""A broker inside this process for the demo and quick tests: librdkafka's mock cluster, driven through ctypes.

Nothing is stored: about 5 MiB a partition are kept, and all is gone with the process. Transactions are not supported.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import confluent_kafka

_POINTERS = ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new")
_NEEDED = (
    "rd_kafka_mock_cluster_destroy",
    "rd_kafka_mock_cluster_bootstraps",
    "rd_kafka_mock_topic_create",
    "rd_kafka_mock_group_initial_rebalance_delay_ms",
    "rd_kafka_mock_broker_set_down",
    "rd_kafka_mock_broker_set_up",
    "rd_kafka_mock_broker_set_rtt",
    "rd_kafka_mock_push_request_errors_array",
    "rd_kafka_destroy",
)
_PRODUCER = 0  # RD_KAFKA_PRODUCER: the mock cluster lives inside a client handle of any type


class EmbeddedBrokerUnavailableError(RuntimeError):
    """This machine's librdkafka does not export its mock cluster; a real Kafka is needed instead."""


def _library() -> ctypes.CDLL:
    folder = Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs"
    names = [*sorted(folder.glob("librdkafka*")), "librdkafka.so.1", "librdkafka.1.dylib"]
    for name in names:
        try:
            return _typed(ctypes.CDLL(str(name)))
        except (OSError, AttributeError):  # not on this machine, or without the symbols: try the next
            continue
    raise EmbeddedBrokerUnavailableError(
        "no embedded broker here: librdkafka is missing or exports no mock cluster; "
        "point SARING_KAFKA__BOOTSTRAP_SERVERS to a Kafka"
    )


def _typed(library: ctypes.CDLL) -> ctypes.CDLL:
    for name in _POINTERS:
        getattr(library, name).restype = ctypes.c_void_p
    for name in _NEEDED:
        getattr(library, name)  # raises AttributeError when the symbol is absent
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    library.rd_kafka_mock_cluster_destroy.restype = None
    library.rd_kafka_destroy.restype = None
    return library


def unavailable() -> str:
    """Why there can be no embedded broker on this machine; empty when there can."""
    try:
        _library()
    except EmbeddedBrokerUnavailableError as error:
        return str(error)
    return ""


class EmbeddedBroker:
    """A running broker with the given topics (name to partitions) for as long as the context is open."""

    def __init__(self, topics: Mapping[str, int]) -> None:
        self._library = _library()
        self._topics = dict(topics)
        self._handle = ctypes.c_void_p()
        self._cluster = ctypes.c_void_p()
        self.bootstrap = ""

    def __enter__(self) -> EmbeddedBroker:
        library, reason = self._library, ctypes.create_string_buffer(512)
        conf = ctypes.c_void_p(library.rd_kafka_conf_new())
        library.rd_kafka_conf_set(conf, b"log_level", b"3", reason, ctypes.c_size_t(512))  # it has no broker
        self._handle = ctypes.c_void_p(library.rd_kafka_new(_PRODUCER, conf, reason, ctypes.c_size_t(512)))
        if not self._handle:
            raise EmbeddedBrokerUnavailableError(reason.value.decode(errors="replace"))
        self._cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(self._handle, 1))
        self.bootstrap = library.rd_kafka_mock_cluster_bootstraps(self._cluster).decode()
        library.rd_kafka_mock_group_initial_rebalance_delay_ms(self._cluster, 0)
        for name, partitions in self._topics.items():
            self.create(name, partitions)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._library.rd_kafka_mock_cluster_destroy(self._cluster)
        self._library.rd_kafka_destroy(self._handle)

    def create(self, topic: str, partitions: int) -> None:
        """Add a topic; the mock has no admin requests, so `saring setup` cannot."""
        self._checked(self._library.rd_kafka_mock_topic_create(self._cluster, topic.encode(), partitions, 1))

    def down(self) -> None:
        """Refuse connections; log, offsets and port are kept: a restart of a durable broker."""
        self._checked(self._library.rd_kafka_mock_broker_set_down(self._cluster, 1))

    def up(self) -> None:
        """Accept connections again."""
        self._checked(self._library.rd_kafka_mock_broker_set_up(self._cluster, 1))

    def rtt(self, milliseconds: int) -> None:
        """Delay every answer."""
        self._checked(self._library.rd_kafka_mock_broker_set_rtt(self._cluster, 1, milliseconds))

    def errors(self, api_key: int, *codes: int) -> None:
        """Answer the next requests of one kind with these error codes, before anything is written."""
        array = (ctypes.c_int * len(codes))(*codes)
        count = ctypes.c_size_t(len(codes))
        self._library.rd_kafka_mock_push_request_errors_array(self._cluster, ctypes.c_int16(api_key), count, array)

    def _checked(self, code: int) -> None:
        if code:
            raise ValueError(f"the embedded broker refused (error {code})")
