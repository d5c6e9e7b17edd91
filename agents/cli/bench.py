"""`saring bench`: the figures of the documentation, measured again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agents.cli.options import Json
from agents.cli.output import err, json_line


def create() -> typer.Typer:
    """The command group."""
    app = typer.Typer(no_args_is_help=True, help="Measure this version: what it catches, and how fast.")
    app.command("quality")(quality)
    return app


def quality(
    stream: Annotated[Path, typer.Option(help="Labelled messages: JSON lines with id, text and label (1 for a scam).")],
    lists: Annotated[Path | None, typer.Option(help="Block lists as they were at the time of the messages.")] = None,
    issues: Annotated[Path | None, typer.Option(help="TSV of id, issue, reason: rows that no label fits.")] = None,
    urls: Annotated[Path | None, typer.Option(help="TSV of labelled addresses, for two gates on real hosts.")] = None,
    half: Annotated[
        int | None, typer.Option(min=0, max=1, help="Only this half: 0 is for tuning, 1 for figures.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Write recall against false alerts here, as SVG.")] = None,
    as_json: Json = False,
) -> None:
    """What is caught at which rate of false alerts, with intervals, gates, slices and a table of every check."""
    from bench import quality as measure
    from bench import quality_report

    report = measure.run(stream, lists, issues, urls, half=half, say=err.print)
    if plot:
        quality_report.plot(report, plot)
    if as_json:
        json_line(report)
    else:
        for line in quality_report.tables(report):
            typer.echo(line)
