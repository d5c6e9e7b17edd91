"""Orders by hand: entries and controls, written to the entries topic and acknowledged."""

from __future__ import annotations

from aiokafka import AIOKafkaProducer

from agents.feeds.wire import Control, Lifted, Own, control_key, encode, own_key
from agents.kafka.connection import Connection


async def order(connection: Connection, topic: str, what: Own | Control) -> bytes:
    """Put an entry or a control in force; returns the record key by which it can be lifted."""
    key = own_key(what) if isinstance(what, Own) else control_key(what.control, what.name, what.value)
    await _send(connection, topic, key, encode(what))
    return key


async def lift(connection: Connection, topic: str, key: bytes, lifted: Lifted) -> None:
    """Take an entry or a control back; who did it and why stays readable."""
    await _send(connection, topic, key, encode(lifted))


async def _send(connection: Connection, topic: str, key: bytes, value: bytes) -> None:
    producer = AIOKafkaProducer(**connection.aiokafka(), acks="all", enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(topic, value, key=key)
    finally:
        await producer.stop()
