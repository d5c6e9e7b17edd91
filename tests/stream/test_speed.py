"""The line's answers do not depend on how records are put together; and its cost has a guard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import speed_guard
from bench.speed_data import DEMO, STREAM, default_rules, read_lists, read_records
from bench.speed_digest import digest
from stream.lists.memory import NO_LISTS
from stream.native import is_there


def test_chunks_of_any_size_come_to_the_same() -> None:
    records = read_records(DEMO, 300)
    whole = digest(records, default_rules(), NO_LISTS, 500)
    assert whole == digest(records, default_rules(), NO_LISTS, 1) == digest(records, default_rules(), NO_LISTS, 7)


def test_a_day_of_talk_comes_to_the_same_one_by_one() -> None:
    if not STREAM.exists():
        pytest.skip("../shared/data/dev_stream.jsonl.gz is not here")
    records = read_records(STREAM, 4_000)
    lists = read_lists()
    assert digest(records, default_rules(), lists) == digest(records, default_rules(), lists, 1)


def test_the_guard_holds_a_run_against_the_last_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "speed.jsonl"
    lines = [
        {"turns": 1, "native": is_there()},
        {"turns": 100, "native": is_there()},
        {"turns": 1, "native": not is_there()},
    ]
    history.write_text("".join(json.dumps(line) + "\n" for line in lines))
    monkeypatch.setattr(speed_guard, "HISTORY", history)
    for turns, code in ((90.0, 0), (159.0, 0), (161.0, 1)):
        monkeypatch.setattr(speed_guard, "turns", lambda turns=turns: turns)
        assert speed_guard.main([]) == code
    assert "too slow" in capsys.readouterr().out
