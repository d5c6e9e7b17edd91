"""Describing and making topics, and first offsets, on a real broker."""

from __future__ import annotations

import time

import pytest

from agents.kafka.topics import (
    AdminError,
    TopicSpec,
    admin_client,
    brokers,
    commit_first,
    configure,
    create,
    describe,
    watermarks,
    without_first_offset,
)
from agents.kafka.values import Partition
from bench.cluster import Cluster
from tests.support.lab import Lab, open_lab

pytestmark = pytest.mark.kafka


@pytest.fixture
def lab(kafka: Cluster) -> Lab:
    return open_lab(kafka.bootstrap)


def test_create_describe_configure(lab: Lab) -> None:
    admin, name = admin_client(lab.connection), lab.name("t")
    create(admin, [TopicSpec(name, 3, 1, {"retention.ms": "60000"})])
    state = describe(admin, [name, "not-there"])[name]
    assert (state.partitions, state.replication, state.config["retention.ms"]) == (3, 1, "60000")
    configure(admin, name, {"cleanup.policy": "compact"})
    end = time.monotonic() + 10
    while (config := describe(admin, [name])[name].config)["cleanup.policy"] != "compact":  # a busy broker is late
        assert time.monotonic() < end
        time.sleep(0.1)
    assert config["retention.ms"] == "60000"
    assert brokers(admin) == 1


def test_every_refusal_is_named(lab: Lab) -> None:
    taken = lab.topic("t")
    with pytest.raises(AdminError, match=f"(?s){taken}.*bad name"):
        create(lab.admin, [TopicSpec(taken, 1, 1), TopicSpec("bad name", 1, 1)])


@pytest.mark.parametrize(("begin", "expected"), [("beginning", 0), ("now", 5), (0.0, 0), (4e9, 5)])
def test_first_offsets(lab: Lab, begin: float, expected: int) -> None:
    topic, group = lab.topic("t", 1), lab.name("g")
    lab.produce(topic, [b"x"] * 5)
    partition = Partition(topic, 0)
    assert without_first_offset(lab.admin, group, [topic]) == [partition]
    assert commit_first(lab.admin, group, [topic], begin) == {partition: expected}
    assert without_first_offset(lab.admin, group, [topic]) == []
    assert commit_first(lab.admin, group, [topic], "beginning") == {}  # what is there is never moved
    assert watermarks(lab.admin, [topic]) == {partition: (0, 5)}
