"""`saring bench speed`: what a message costs, whole and by part, beside the alternatives on the same input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agents.start import calm_collector
from bench import speed_core as core
from bench.speed_data import Row, default_rules, read_lists, read_records
from bench.speed_mixes import mixes
from bench.speed_peers import microseconds
from bench.speed_worker import OTHER_PYTHON, drained
from stream.model import Lists
from stream.rules import Rules

MIXED = 20_000  # messages of each kind of traffic
WITHOUT_OTHERS = " (quixstreams and bytewax are left out: make peers installs them)"
SAMPLED = 3_000  # messages for what takes long: single checks, popular parts


def run(
    stream: Path | None = None, passes: int = 3, kafka: bool = True, say: Callable[[str], None] = lambda _text: None
) -> dict[str, Any]:
    """All figures; without a Kafka to start, those of the core alone."""
    rules, records, lists = default_rules(), read_records(stream), read_lists()
    calm_collector()
    turn = core.calibration_seconds()
    say(f"the line, {len(records):,} messages")
    cold = core.line(rules, lists, records, passes)
    figures = {
        "messages": len(records),
        "calibration_turns_per_message": round(cold / turn / 1e6),
        "calibration_turn_nanoseconds": round(turn * 1e9, 1),
        "core": _rates(cold) | {"warm": _rates(core.line(rules, lists, records, passes, warm=True))},
    }
    figures |= _parts(rules, lists, records, passes, say)
    say("beside it: urlextract, tldextract and a set")
    peers: dict[str, Any] = {"popular_parts": _rates(microseconds(records[:SAMPLED]))}
    if kafka:
        say("the whole worker on a real Kafka, and others there" + ("" if OTHER_PYTHON.exists() else WITHOUT_OTHERS))
        worker, others = drained(records)
        figures["worker"] = worker
        peers |= others
    return figures | {"peers": peers}


def _parts(
    rules: Rules, lists: Lists, records: Sequence[Row], passes: int, say: Callable[[str], None]
) -> dict[str, Any]:
    say("stage by stage")
    parts: dict[str, Any] = {"stages_microseconds": core.stages(rules, lists, records, passes)}
    say("check by check")
    parts["checks_nanoseconds"] = core.shares(rules, records[:SAMPLED], passes)
    say("kinds of traffic")
    kinds = mixes(rules, records, MIXED)
    parts["traffic"] = {name: _rates(core.line(rules, lists, rows, passes)) for name, rows in kinds.items()}
    return parts


def _rates(microseconds_each: float) -> dict[str, float]:
    return {"messages_per_second": round(1e6 / microseconds_each), "microseconds": round(microseconds_each, 2)}
