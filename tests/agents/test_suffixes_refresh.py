"""`saring suffixes refresh` keeps a newer list, or says why the one in use stays; `saring bench links` runs."""

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli.main import create
from bench.links import run
from config.load import load
from config.rules import rules_from
from config.suffixes import FILE_NAME, snapshot_text


def test_a_refreshed_list_is_in_force_at_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARING_CACHE_DIR", str(tmp_path))
    newer = tmp_path / "newer.dat"
    newer.write_text(snapshot_text().replace("\ncom.my\n", "\ncom.my\nnew.my\n"), encoding="utf-8")
    result = CliRunner().invoke(create(), ["suffixes", "refresh", "--from", str(newer)])
    assert result.exit_code == 0, result.output
    assert (tmp_path / FILE_NAME).is_file()
    rules = rules_from(load(environment={"SARING_CACHE_DIR": str(tmp_path)}).settings)
    assert rules.suffixes.split("a.b.new.my")[0] == "b.new.my"


@pytest.mark.parametrize("source", ["http://127.0.0.1:9/list", "no-such-file.dat"])
def test_what_cannot_be_fetched_changes_nothing(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARING_CACHE_DIR", str(tmp_path))
    result = CliRunner().invoke(create(), ["suffixes", "refresh", "--from", source])
    assert result.exit_code == 1
    assert "the list in use stays" in result.output
    assert list(tmp_path.iterdir()) == []


def test_link_finders_are_measured_on_the_same_messages(tmp_path: Path) -> None:
    stream = tmp_path / "stream.jsonl.gz"
    rows = [
        {"text": "klik https://pay.example/a", "bad_url": "https://pay.example/a"},
        {"text": "klik hxxps://pay[.]example/b", "bad_url": "https://pay.example/b"},
        {"text": "apa khabar", "bad_url": "", "kind": "benign_nourl"},
        {"text": "dengar di radio.example.com/a", "bad_url": "", "kind": "benign_nourl"},
    ]
    stream.write_bytes(gzip.compress("\n".join(map(json.dumps, rows)).encode()))
    figures = run(stream, None, lambda _: None)
    assert set(figures["finders"]) == {"saring", "linkify-it-py", "urlextract", "iocextract"}
    assert figures["finders"]["saring"]["labelled_found_percent"] == 100
    assert (figures["labelled"], figures["link_free"]) == (2, 2)
    assert figures["saring_link_free_with_a_link_percent"] == 50
