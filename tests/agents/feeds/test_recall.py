"""The short form of `python -m bench.list_recall`: found however it is spelled, and quiet otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.feeds.load import parsed_file, read_lists_file
from bench.list_recall import TRICKS, alone, false_alerts, recall
from config.load import load
from config.rules import rules_from
from stream.canonical import canonicalizer
from stream.links import find_links
from stream.lists.entries import host_of

DATA = Path(__file__).parents[4] / "shared" / "data"
BLOCKLIST, STREAM = DATA / "blocklist_asof_2026-01-01.tsv.gz", DATA / "dev_stream.jsonl.gz"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not BLOCKLIST.exists(), reason="the block list of the evaluation data is not beside the project"
    ),
]


def test_a_path_behind_a_final_dot_is_part_of_the_link() -> None:
    [found] = find_links("see http://scam.example./pay now")
    assert found.url.endswith("/pay")


def test_found_in_every_spelling_and_quiet_otherwise(tmp_path: Path) -> None:
    rules = alone(rules_from(load(environment={}).settings))
    canonicalize = canonicalizer(rules.suffixes)
    entries = parsed_file(BLOCKLIST.read_bytes(), BLOCKLIST.name, canonicalize).entries
    lists = read_lists_file(BLOCKLIST, canonicalize, tmp_path)
    figures = recall(entries, 1_000, rules, lists)
    assert figures["not_looked_up"] == 0
    for trick in TRICKS:
        assert figures["found"][trick] == 1, figures["examples"][trick]
    quiet = false_alerts(STREAM, rules, lists, frozenset(host_of(entry.key) for entry in entries), 50_000)
    assert quiet["per_10000"]["alerts"] <= 1
    assert quiet["per_10000"]["findings"] < quiet["per_10000"]["covered_by_an_entry"] / 5
