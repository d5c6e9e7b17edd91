"""How large a record may be, topic by topic: one that the broker refuses would fail its whole producer batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from agents.kafka.connection import Connection
from agents.kafka.exits import log
from agents.kafka.values import Outgoing, TooLarge

_RECORD_BYTES = 200  # more than the record batch format adds to one record
_HEADER_BYTES = 12
_BATCH_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Limits:
    """The `max.message.bytes` of each topic, and what to write in place of a record above it (None: nothing)."""

    topics: Mapping[str, int]
    otherwise: int
    too_large: TooLarge

    @property
    def request_bytes(self) -> int:
        """The largest request a producer may need."""
        return max(_BATCH_BYTES, self.otherwise, *self.topics.values()) + _RECORD_BYTES

    @property
    def batch_bytes(self) -> int:
        """A producer batch that every topic takes."""
        return min(_BATCH_BYTES, self.otherwise, *self.topics.values())

    def fit(self, outgoing: Sequence[Outgoing]) -> Sequence[Outgoing]:
        """The records, with those exchanged or left out that their topic would refuse."""
        if all(_bytes(each) <= self._limit(each.topic) for each in outgoing):
            return outgoing
        return [fitting for each in outgoing if (fitting := self._fitting(each)) is not None]

    def _fitting(self, outgoing: Outgoing) -> Outgoing | None:
        limit = self._limit(outgoing.topic)
        if _bytes(outgoing) <= limit:
            return outgoing
        other = self.too_large(outgoing, limit)
        if other is None or _bytes(other) <= self._limit(other.topic):
            return other
        log.error("a record of %d bytes for %s was replaced by one that is too large as well", limit, other.topic)
        return None

    def _limit(self, topic: str) -> int:
        return self.topics.get(topic, self.otherwise)


def _bytes(outgoing: Outgoing) -> int:
    headers = sum(len(name) + len(value) + _HEADER_BYTES for name, value in outgoing.headers)
    return len(outgoing.key or b"") + len(outgoing.value or b"") + headers + _RECORD_BYTES


async def read_limits(connection: Connection, topics: Sequence[str], otherwise: int) -> dict[str, int]:
    """The limit of each topic; the given one where we may not ask, or the broker does not know the question."""
    limits = dict.fromkeys(topics, otherwise)
    admin = AIOKafkaAdminClient(**connection.aiokafka())
    try:
        await admin.start()
        resources = [ConfigResource(ConfigResourceType.TOPIC, topic) for topic in topics]
        for response in await admin.describe_configs(resources):
            limits |= _read(response)
    except (KafkaError, AttributeError, NotImplementedError) as error:  # AttributeError: aiokafka, broker without admin
        log.warning("size limits of %s unknown (%r): taking %d bytes", ", ".join(topics), error, otherwise)
    finally:
        await admin.close()
    return limits


def _read(response: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for error_code, message, _kind, topic, entries in response.resources:
        if error_code:
            log.warning("size limit of %s unknown (%s)", topic, message or error_code)
        limits = [int(entry[1]) for entry in entries if entry[0] == "max.message.bytes"]
        found.update((topic, limit) for limit in limits)
    return found
