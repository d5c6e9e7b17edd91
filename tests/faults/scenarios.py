"""All fault scenarios by name: everything that we do to workers and brokers while messages flow."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.on_brokers import (
    broker_disk_full,
    broker_frozen,
    broker_killed,
    broker_restarted,
    brokers_restarted_in_turn,
    late_acknowledgements,
    leader_killed,
    lost_answers,
    network_parted,
    replicas_lost,
)
from tests.faults.on_input import compacted_source, poison_flood, too_large, transactional_source
from tests.faults.on_workers import (
    clock_jumps,
    full_disk,
    joins_and_leaves,
    kill_at_failpoints,
    kill_at_random,
    kill_before_the_first_commit,
    one_id_twice,
    revoke_during_a_slow_chunk,
    stop_under_load,
    stop_with_the_broker_away,
    worker_frozen,
)
from tests.faults.stage import Scenario

SCENARIOS: Mapping[str, Scenario] = {
    "kill-at-random": Scenario(kill_at_random, quick=True),
    "kill-at-failpoints": Scenario(kill_at_failpoints, quick=True),
    "kill-before-the-first-commit": Scenario(kill_before_the_first_commit),
    "joins-and-leaves": Scenario(joins_and_leaves, quick=True, field={"partitions": 12}),
    "revoke-during-a-slow-chunk": Scenario(revoke_during_a_slow_chunk),
    "stop-under-load": Scenario(stop_under_load, quick=True),
    "stop-with-the-broker-away": Scenario(stop_with_the_broker_away, field={"options": {"stop_limit_seconds": 8.0}}),
    "broker-killed": Scenario(broker_killed, quick=True),
    "broker-restarted": Scenario(broker_restarted),
    "brokers-restarted-in-turn": Scenario(brokers_restarted_in_turn, brokers=3, field={"replication": 3}),
    "broker-frozen": Scenario(broker_frozen),
    "leader-killed": Scenario(leader_killed, brokers=3, field={"replication": 3}),
    "replicas-lost": Scenario(replicas_lost, brokers=3, field={"replication": 3}),
    "worker-frozen": Scenario(worker_frozen),
    "transactional-source": Scenario(transactional_source, quick=True),
    "compacted-source": Scenario(
        compacted_source,
        field={
            "source_config": {
                "cleanup_policy": "compact",
                "segment_ms": "1000",
                "min_cleanable_dirty_ratio": "0.01",
                "max_compaction_lag_ms": "1000",
            }
        },
    ),
    "poison-flood": Scenario(poison_flood),
    "too-large": Scenario(too_large, field={"alerts_config": {"max_message_bytes": "100000"}}),
    "late-acknowledgements": Scenario(late_acknowledgements),
    "full-disk": Scenario(full_disk),
    "broker-disk-full": Scenario(broker_disk_full, disk_mebibytes=400),
    "clock-jumps": Scenario(clock_jumps),
    "one-id-twice": Scenario(one_id_twice, bounded=False),
    "network-parted": Scenario(network_parted, relay=True),
    "lost-answers": Scenario(lost_answers, relay=True),
}
