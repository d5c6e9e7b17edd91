"""Campaigns after a restart; many kills of both roles that look back: `python -m tests.faults.look_back`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition

from agents.start import NICE
from bench.cluster import Cluster
from tests.support.look_back import SPREADING, at_work, begun, lag, made, message, reached


@pytest.mark.faults
@pytest.mark.kafka
def test_a_campaign_that_was_told_is_not_told_again(kafka: Cluster, tmp_path: Path) -> None:
    """A process that died before its commit reads the sightings again; one that was restarted counts on."""
    stage = made(kafka.bootstrap, tmp_path)
    users = [message(f"c{number}", "lembah.test", SPREADING) for number in range(6)]
    begun(stage, "campaigns")
    with at_work(stage, "worker"):
        with at_work(stage, "campaigns"):
            stage.send(*users[:5])
            stage.deployment.until(lambda: bool(stage.of_type("campaign")), "a campaign")
            ours, nice = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, stage.deployment.roles[-1].pid))
            assert nice == max(NICE, ours)
        admin, ends, _ = reached(stage, "campaigns")
        again = [TopicPartition(*place, 0) for place in ends]
        group = f"{stage.deployment.name}.saring.campaigns"
        altered = admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(group, again)])
        assert not any(each.error for each in altered[group].result(20).topic_partitions)
        with at_work(stage, "campaigns"):
            stage.send(*users[5:])
            stage.deployment.until(lambda: lag(stage, "campaigns") == 0, "all read again")
    assert len(stage.of_type("campaign")) == 1
