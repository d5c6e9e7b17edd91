"""docs/checks.md names every check there is, in its mode, by its own description; its figures may grow old."""

from __future__ import annotations

import re

from bench.checks_page import BEGIN, END, PAGE, rows
from tests.support.field import ROOT


def without_figures(row: str) -> str:
    return re.sub(r"(\| [^|]*){3}\|\n$", "", row)


def test_the_page_names_every_check_as_it_is() -> None:
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    table = page.partition(BEGIN)[2].partition(END)[0].splitlines(keepends=True)[2:]
    assert [without_figures(row) for row in table] == [without_figures(row) for row in rows({})]
