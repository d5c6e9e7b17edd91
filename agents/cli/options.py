"""Options that many commands share, and loading the settings with every mistake told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer
from rich.markup import escape

from agents.cli.output import USAGE, complain
from config.load import Loaded, SettingsError, load

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", "-c", help="Settings file; default: $SARING_CONFIG, else ./saring.toml if there is one."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="JSON, also on a terminal.")]


def settings_or_exit(path: Path | None) -> Loaded:
    """The effective settings; ends with exit code 2 after naming every mistake."""
    try:
        return load(path)
    except SettingsError as error:
        word = "mistake" if len(error.mistakes) == 1 else "mistakes"
        complain(f"{len(error.mistakes)} {word} in the settings:")
        for mistake in error.mistakes:
            complain(f"  {escape(str(mistake))}")
        raise typer.Exit(USAGE) from None
