"""The short form of `python -m bench.list_faults`: swaps under load, keepers killed, topics that stay small."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.cluster import Cluster
from bench.list_faults import kills, sizes, swaps
from bench.list_scene import scene

pytestmark = [pytest.mark.kafka, pytest.mark.faults]


async def test_no_chunk_sees_a_mixture_and_no_swap_pauses_the_line(kafka: Cluster, tmp_path: Path) -> None:
    figures = await swaps(scene(kafka.bootstrap, tmp_path), 12, 5_000)
    assert figures["swaps"] == 12
    assert figures["mixtures"] == 0
    assert figures["longest_pause_milliseconds"] < 50
    assert figures["memory_grown_bytes"] < 10_000_000
    assert figures["sets_mapped_at_the_end"] <= 2  # a base and a delta


async def test_a_killed_keeper_leaves_nothing_broken(kafka: Cluster, tmp_path: Path) -> None:
    figures = await kills(scene(kafka.bootstrap, tmp_path), 3, 2_000)
    assert figures["broken_sets"] == 0
    assert figures["slowest_ready_seconds"] < 20


async def test_the_chunks_topic_stays_small(kafka: Cluster, tmp_path: Path) -> None:
    figures = await sizes(scene(kafka.bootstrap, tmp_path), 8, 500, kafka.folder, patience=0)
    assert figures["publications"] >= 8
    assert figures["chunks_alive"] <= 6  # a base; deltas: in force, three kept for a rollback, one on its way
