"""The canary: a message with a test link goes into a source and must come back as an alert, as all others do."""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from agents import connect
from agents.kafka.topics import AdminError, admin_client, watermarks
from agents.kafka.values import Partition
from agents.metrics import Metrics
from config.settings import Settings
from config.sources import sources_by_topic
from stream.cues import TEST_HOST
from stream.mapping import Pointer, SourceSpec

log = logging.getLogger("saring.canary")
LIMIT_SECONDS: Final = 30.0
Headers = Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Canary:
    """Clients that are kept between trips, and where it flies from and to."""

    admin: AdminClient
    producer: Producer
    reader: Consumer
    source: SourceSpec
    alerts: str

    def close(self) -> None:
        """Disconnect."""
        self.reader.close()


@dataclass(frozen=True, slots=True)
class Trip:
    """How far it came: `seconds` from writing the message to reading its alert, None when no alert came in time;
    `written` is where the message lies, None when no broker took it.
    """

    seconds: float | None = None
    written: tuple[Partition, int] | None = None


def open_canary(settings: Settings, source: str = "") -> Canary:
    """A canary for the named source, or the first one; needs to write to it and to read the alerts."""
    by_name = {spec.name: spec for spec in sources_by_topic(settings).values()}
    connection = connect.connection(settings.kafka, "saring-canary")
    config = connection.librdkafka()
    reading = {"group.id": "saring.canary", "enable.auto.commit": False, "isolation.level": "read_committed"}
    return Canary(
        admin_client(connection),
        Producer(config | {"acks": "all", "message.timeout.ms": int(LIMIT_SECONDS * 1000)}),
        Consumer(config | reading),  # the library wants a group; it is never joined
        by_name[source] if source else next(iter(by_name.values())),
        connect.topics(settings)["alerts"],
    )


def trip(canary: Canary, limit_seconds: float = LIMIT_SECONDS) -> Trip:
    """Send one message and wait for its alert. Blocks.

    Every trip takes a partition by chance, so that in time all of them are tried.
    """
    token, lies = uuid.uuid4().hex, list[tuple[Partition, int]]()

    def acknowledged(error: KafkaError | None, message: Message) -> None:
        at = message.topic(), message.partition(), message.offset()
        if error is None and at[0] is not None and at[1] is not None and at[2] is not None:
            lies.append((Partition(at[0], at[1]), at[2]))

    ends = watermarks(canary.admin, [canary.alerts])
    canary.reader.assign([TopicPartition(*at, high) for at, (_, high) in ends.items()])
    try:
        value, headers = event(canary.source, f"https://{TEST_HOST}/{token}", token)
        began = time.monotonic()
        canary.producer.produce(
            canary.source.topic, value, key=token.encode(), headers=list(headers), on_delivery=acknowledged
        )
        if canary.producer.flush(limit_seconds) or not lies:
            return Trip()
        came = _came(canary.reader, token.encode(), began + limit_seconds)
        return Trip(time.monotonic() - began if came else None, lies[0])
    finally:
        canary.reader.unassign()


def _came(reader: Consumer, token: bytes, end: float) -> bool:
    while time.monotonic() < end:
        for message in reader.consume(500, timeout=0.1):
            if message.error() is None and token in (message.value() or b""):
                return True
    return False


def event(source: SourceSpec, text: str, identity: str) -> tuple[bytes, Headers]:
    """A message of the source with that text, such as its mapping reads."""
    if source.format == "text":
        return text.encode(), ()
    fields = source.fields
    document = _placed(fields.text[0], text)
    if fields.id:
        document = _merged(document, _placed(fields.id[0], identity))
    if fields.only:
        document = _merged(document, _placed(fields.only.pointer, min(fields.only.values)))
    headers: Headers = ()
    if source.format == "cloudevents":
        about = {"ce_specversion": "1.0", "ce_id": identity, "ce_source": "/saring/canary", "ce_type": "saring.canary"}
        headers = [*((name, value.encode()) for name, value in about.items()), ("content-type", b"application/json")]
    return msgspec.json.encode(document), headers


def _placed(steps: Pointer, value: object) -> Any:
    for step in reversed(steps):
        value = [value] if step == "0" else {step: value}
    return value


def _merged(one: Any, other: Any) -> Any:
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        both = {key: _merged(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    return one


async def fly(settings: Settings, metrics: Metrics, interval_seconds: float, source: str = "") -> None:
    """Send a canary every so many seconds for ever and note when it came back; run as a task of the keeper.

    An interval of 0 means off, as it is until the canary has its rights: it returns at once.
    """
    metrics.canary_interval.set(interval_seconds)
    if not interval_seconds:
        return
    canary, well = open_canary(settings, source), True
    try:
        while True:
            took, why = await asyncio.to_thread(_try, canary)
            if took is not None:
                metrics.canary_last_success.set(time.time())
                metrics.canary_round_trip.set(took)
            if well != (took is not None):
                well = took is not None
                log.info("canary came back again") if well else log.warning("canary lost: %s", why)
            await asyncio.sleep(interval_seconds)
    finally:
        canary.close()


def _try(canary: Canary) -> tuple[float | None, str]:
    try:
        ended = trip(canary)
    except (AdminError, KafkaException, BufferError, TimeoutError) as error:
        return None, str(error)
    return ended.seconds, f"no alert for it within {LIMIT_SECONDS:g} s" if ended.written else "no broker took it"
