"""The table of docs/checks.md: every check with its mode and, from a report of `saring bench quality`, its figures.

Write it anew: `saring bench quality … --json > report.json`, then `python -m bench.checks_page report.json`.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from config.load import load as load_settings
from stream.checks.load import load

PAGE: Final = Path("docs/checks.md")
BEGIN, END = "<!-- checks: begin -->\n", "<!-- checks: end -->\n"
_HEAD: Final = "| check | of | mode | what it looks for | messages | scams | precision alone |\n" + "|---" * 7 + "|\n"


def rows(figures: Mapping[str, Any]) -> Iterator[str]:
    """A row for each check that there is, in the order of the folders."""
    modes = load_settings(environment={}).settings.checks
    for name, of in load().kinds().items():
        told = described(f"stream.checks.{of}.{name}")
        yield f"| `{name}` | {of} | {modes.get(name, 'shadow')} | {told} | {_figures(figures.get(name))} |\n"


def described(module: str) -> str:
    """The public description of a check: its docstring on one line."""
    return " ".join((importlib.import_module(module).__doc__ or "").split())


def _figures(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return "0 | 0 | –"
    return f"{row['messages']:,} | {row['scams']:,} | {row['precision']:.0%}"


def rewritten(page: str, figures: Mapping[str, Any]) -> str:
    """The page with its table made anew."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + _HEAD + "".join(rows(figures)) + END + rest.partition(END)[2]


def main() -> None:
    """Write the table of the page from a report."""
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["checks"]
    PAGE.write_text(rewritten(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
