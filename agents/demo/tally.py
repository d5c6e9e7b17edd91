"""Counting the demo from outside: what Kafka's topics say, read by a stock client."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

OUTCOMES = ("clean", "flagged", "skipped", "dead")


@dataclass(slots=True)
class Tally:
    """Sums over the topics so far. Messages are known by the part of their id before the last dot."""

    produced: int = 0
    planted: dict[str, str] = field(default_factory=dict)  # name → scam or harmless
    outcomes: Counter[str] = field(default_factory=Counter)
    ledger: int = 0
    alerts: Counter[str] = field(default_factory=Counter)  # tier → flagged
    others: Counter[str] = field(default_factory=Counter)  # late, retracted, campaign → alerts
    dead: int = 0
    flagged: dict[str, str] = field(default_factory=dict)  # name → best tier
    delays: deque[float] = field(default_factory=lambda: deque(maxlen=1000))  # seconds from record to alert
    seen: set[str] = field(default_factory=set)  # alert ids: a repeat counts once

    def add_ledger(self, value: bytes) -> None:
        """Count one ledger record."""
        record = msgspec.json.decode(value)
        self.ledger += record["seen"]
        for kind in OUTCOMES:
            self.outcomes[kind] += record[kind]

    def add_alert(self, value: bytes) -> dict[str, Any] | None:
        """Count an alert and return it; None for one that was seen before."""
        alert: dict[str, Any] = msgspec.json.decode(value)
        if alert["id"] in self.seen:
            return None
        self.seen.add(alert["id"])
        if alert["type"] != "flagged":
            self.others[alert["type"]] += 1
            return alert
        self.alerts[alert["tier"]] += 1
        self.delays.append(_seconds(alert["message"]["recorded_at"], alert["time"]))
        name = str(alert["message"]["id"]).rpartition(".")[0]
        if self.flagged.get(name) != "automatic":
            self.flagged[name] = alert["tier"]
        return alert

    def latency(self, share: float) -> float | None:
        """The delay from record to alert, in seconds, that so great a share of the last thousand alerts kept."""
        return sorted(self.delays)[int(share * (len(self.delays) - 1))] if self.delays else None

    @property
    def unfinished(self) -> int:
        """Messages sent and not yet in the ledger."""
        return self.produced - self.ledger

    def caught(self, kind: str) -> tuple[int, int]:
        """How many distinct planted messages of a kind there were, and how many raised an automatic alert."""
        names = [name for name, planted in self.planted.items() if planted == kind]
        return len(names), sum(self.flagged.get(name) == "automatic" for name in names)


def _seconds(begin: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
