"""The fault scenarios that fit into every run of the tests; `python -m tests.faults` plays all of them, and longer."""

from __future__ import annotations

import pytest

from agents.kafka.options import Mode
from bench.cluster import Cluster
from tests.faults.play import Act, play
from tests.faults.scenarios import SCENARIOS

QUICK = [name for name, scenario in SCENARIOS.items() if scenario.quick]
KILLS = 3
SEED = 1


@pytest.mark.faults
@pytest.mark.kafka
@pytest.mark.timeout(240)
@pytest.mark.parametrize("mode", ["at_least_once", "exactly_once"])
@pytest.mark.parametrize("name", QUICK)
def test_scenario(name: str, mode: Mode, kafka: Cluster) -> None:
    played = play(name, mode, Act(kafka, SEED, KILLS))
    assert not played.problem, played
