"""Patience with brokers that answer admin questions, and one error for those that refuse."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiokafka.errors import KafkaError as AioKafkaError
from confluent_kafka import KafkaError, KafkaException

SECONDS = 20.0
AGAIN_SECONDS = 0.2
_PASSING = {
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.UNKNOWN_TOPIC_OR_PART,  # a topic just made, at a coordinator that has not heard of it yet
}


class AdminError(RuntimeError):
    """The cluster refused or did not answer; the text says what and why."""


def patiently(ask: Callable[[], Any], what: str) -> Any:
    """The answer, once the brokers are over their own start: a new group's coordinator refuses for a while."""
    end = time.monotonic() + SECONDS
    while True:
        try:
            return ask()
        except KafkaException as error:
            if error.args[0].code() not in _PASSING or time.monotonic() > end:
                raise AdminError(f"{what}: {text(error)}") from error
            time.sleep(AGAIN_SECONDS)


def text(error: KafkaException) -> str:
    """What the broker said, without the library's wrapping."""
    return str(error.args[0].str()) if error.args else repr(error)


def is_refusal(error: BaseException) -> bool:
    """Whether the cluster did not answer or said no: nothing that is wrong with us."""
    return isinstance(error, (AdminError, KafkaException, AioKafkaError, TimeoutError))
