"""`saring bench quality` on a handful of messages: every table, the plot and the JSON come out of one report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli.main import create
from bench.quality_lang import language

SCAM = "Maybank: akaun anda telah digantung, sahkan maklumat akaun dalam 24 jam https://maybank2u-login.example/{n}"
HARMLESS = ("jumpa esok kat kedai https://kedai.example/{n}", "ok set {n}", "nota kuliah https://kolej.example/{n}")


def stream(path: Path) -> Path:
    rows = [{"id": f"s{n}", "text": SCAM.format(n=n), "label": 1} for n in range(5)]
    rows += [{"id": f"h{n}", "text": HARMLESS[n % 3].format(n=n), "label": 0} for n in range(60)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_report_is_tables_a_plot_and_json(tmp_path: Path) -> None:
    file, plot = stream(tmp_path / "stream.jsonl"), tmp_path / "plot.svg"
    shown = CliRunner().invoke(create(), ["bench", "quality", "--stream", str(file), "--plot", str(plot)])
    assert shown.exit_code == 0, shown.output
    titles = ("Recall at false alerts", "Gates", "Each check by itself", "Probability told and seen")
    for title in (*titles, "By language", "Texts and links swapped", "False alerts on a source"):
        assert f"**{title}" in shown.output
    assert "| clean (5), all links | 100.0%" in shown.output
    assert "| ms, scam | 5 | 5: 100.00% [56.55%-100.00%]" in shown.output
    assert "| both harmless | 2000 | 0: 0.00% [0.00%-0.19%]" in shown.output
    assert plot.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("korang tengok tak semalam dekat rumah awak", "ms"),
        ("kalo gue sih nggak bisa, cek aja rekening", "id"),
        ("see you at the station, the train is late", "en"),
        ("https://kedai.example/the/and/of 你好", "zh"),
        ("நாளை வருகிறேன் ok see you", "ta"),
        ("guten Tag, hier ist Ihr Paket", "other"),
        ("今日はいい天気", "other"),
        ("https://kedai.example/a", "other"),
    ],
)
def test_languages_are_told_roughly(text: str, told: str) -> None:
    assert language(text) == told
