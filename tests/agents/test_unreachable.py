"""Without a broker: one line that says so and its exit code, not a fault of ours."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from aiokafka.errors import KafkaConnectionError
from confluent_kafka import KafkaError, KafkaException

from agents.kafka.admin import AdminError, is_refusal

NOBODY = "127.0.0.1:1"


@pytest.mark.parametrize("command", ["replay", "lists status"])
def test_nobody_answers(command: str) -> None:
    environment = os.environ | {"SARING_KAFKA__BOOTSTRAP_SERVERS": NOBODY}
    line = [sys.executable, "-m", "agents", *command.split()]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 69, done.stderr
    assert "internal fault" not in done.stderr
    assert "Unclosed" not in done.stderr


REFUSALS = (AdminError("no"), KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN)), KafkaConnectionError())


@pytest.mark.parametrize("error", [*REFUSALS, TimeoutError("no answer")])
def test_what_the_cluster_refuses(error: Exception) -> None:
    assert is_refusal(error)


@pytest.mark.parametrize("error", [ValueError("a fault"), KeyError("a fault"), RuntimeError("a fault")])
def test_our_own_faults(error: Exception) -> None:
    assert not is_refusal(error)
