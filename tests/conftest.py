"""Brokers for tests, one of each kind a session: tests use fresh topic and group names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.kafka.embedded import EmbeddedBroker, unavailable
from bench.cluster import Cluster, library


@pytest.fixture(scope="session")
def jars() -> Path:
    """What a real Kafka is started from."""
    found = library()
    if found is None:
        pytest.skip("a real Kafka needs Java 17 on the PATH, and Maven once to download it")
    return found


@pytest.fixture(scope="session")
def kafka(jars: Path) -> Iterator[Cluster]:
    """One real broker for the whole session."""
    with Cluster(jars) as cluster:
        yield cluster


@pytest.fixture
def kafka3(jars: Path) -> Iterator[Cluster]:
    """Three real brokers for one test that kills some of them."""
    with Cluster(jars, brokers=3) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedBroker]:
    """The broker inside the process; `embedded.create(topic, partitions)` adds topics."""
    if reason := unavailable():
        pytest.skip(reason)
    with EmbeddedBroker({}) as broker:
        yield broker
