"""What commands print: tables and colours on a terminal, plain JSON lines in a pipe; errors without tracebacks."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

out: Final = Console(highlight=False)
err: Final = Console(stderr=True, highlight=False)

OK: Final = 0
FLAGGED: Final = 1
USAGE: Final = 2
UNREADABLE: Final = 3
UNREACHABLE: Final = 69


def for_people(as_json: bool) -> bool:
    """Whether to draw tables: on a terminal, unless JSON was asked for."""
    return not as_json and sys.stdout.isatty()


def json_line(value: Any) -> None:
    """Print one value as one line of JSON."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    grid = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for name in columns:
        grid.add_column(name, overflow="fold")
    for row in rows:
        grid.add_row(*(str(cell) for cell in row))
    out.print(grid)


def complain(text: str) -> None:
    """Print an error for a person."""
    err.print(f"[bold red]saring:[/] {text}", soft_wrap=True)
