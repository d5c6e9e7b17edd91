"""`saring train`: the URL model from labelled addresses that an operator may use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.output import USAGE, complain, err


def train(
    rows: Annotated[
        Path, typer.Argument(help="TSV with the columns label (1 for a scam), source and url; may be .gz.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the weights.")] = Path("url-ngrams.npz"),
    sources: Annotated[
        str, typer.Option(help="Sources to learn from, by comma; default: those whose licence lets weights be shipped.")
    ] = "",
    every: Annotated[bool, typer.Option("--all", help="Learn from all rows: weights for your own use.")] = False,
    version: Annotated[str, typer.Option(help="What alerts call the model.")] = "own",
) -> None:
    """Train the URL model; the same rows give the same bytes. Name the file as model in the settings to use it."""
    from bench.train import train_file

    chosen = frozenset(filter(None, sources.split(","))) or None
    try:
        train_file(rows, out, None if every else chosen, version, everything=every, say=err.print)
    except (OSError, ValueError) as error:
        complain(f"{rows}: {error}")
        raise typer.Exit(USAGE) from None
