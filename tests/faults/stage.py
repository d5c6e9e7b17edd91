"""What a fault scenario plays on; each ends with nothing left to read."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.cluster import Cluster
from tests.support.field import Field
from tests.support.proxy import Proxy


@dataclass(frozen=True)
class Stage:
    """What a scenario plays on: the field, its cluster, a seeded choice, and how many kills are wanted."""

    field: Field
    cluster: Cluster
    choose: random.Random
    kills: int
    relay: Proxy | None = None
    disk: Path | None = None  # the broker's own, and small

    def lose(self, share: float) -> None:
        if self.relay:
            self.relay.probability = share


@dataclass(frozen=True)
class Scenario:
    """A named way to break things. `quick` ones run in CI; `brokers` 3 needs a cluster of its own."""

    play: Callable[[Stage], None]
    quick: bool = False
    brokers: int = 1
    relay: bool = False  # between all clients and the broker
    disk_mebibytes: int = 0  # the broker on a disk of its own that can be filled
    field: Mapping[str, Any] = field(default_factory=dict)
    bounded: bool = True  # whether the stated bound on duplicates applies


def expect(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(f"expected {what}")
