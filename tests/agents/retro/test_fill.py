"""Retro's store is filled from the topics, and what is in it already is on disk when a start is broken off."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from agents import connect
from agents.kafka.spans import Kept
from agents.lookback.desk import Desk
from agents.lookback.fill import fill
from agents.lookback.store import SIGHTING, STATEMENT, open_store
from bench.retro import ROWS, records
from config.load import load
from config.rules import rules_from
from stream.canonical import canonicalizer
from stream.checks.load import load as load_checks
from stream.hosts import facts_cache
from stream.lists.memory import NO_LISTS

BATCHES = 4


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    settings = load(None, {}).settings
    rules, topics = rules_from(settings), connect.topics(settings)
    seen, said = open_store(tmp_path / "seen", SIGHTING), open_store(tmp_path / "said", STATEMENT)
    facts, canonicalize = facts_cache(rules, load_checks()), canonicalizer(rules.suffixes)
    return Desk(rules, lambda: NO_LISTS, facts, canonicalize, topics, seen, said)


def batches(desk: Desk, leaving: Event, last: int) -> Iterator[list[Kept]]:
    """An alert and a record of sightings each time; somebody asks to leave during the one with the number `last`."""
    sightings = list(records(BATCHES * ROWS, random.Random(1)))
    for number in range(BATCHES):
        if number == last:
            leaving.set()
        said = {"case_id": f"{number:032}", "type": "flagged", "link": {"key": f"kelab-{number}.test/jadual"}}
        seen = Kept(desk.topics["links"], 0, number, 1, None, sightings[number].value)
        yield [seen, Kept(desk.topics["alerts"], 1, number, 1, None, json.dumps(said).encode())]


@pytest.mark.parametrize(("last", "taken"), [(BATCHES, BATCHES), (2, 3), (0, 1)])
@pytest.mark.parametrize("save_seconds", [0.0, 60.0])
def test_taken_in_until_there_is_no_more_or_we_leave(desk: Desk, last: int, taken: int, save_seconds: float) -> None:
    leaving = Event()
    fill(desk, batches(desk, leaving, last), save_seconds, leaving)
    assert (len(desk.seen), len(desk.said)) == (taken * ROWS, taken)
    kept = [open_store(store.folder, store.dtype) for store in (desk.seen, desk.said)]
    on_disk = 0 if save_seconds else taken
    assert [len(store) for store in kept] == [on_disk * ROWS, on_disk]
    assert [store.next for store in kept] == ([desk.seen.next, desk.said.next] if on_disk else [{}, {}])
