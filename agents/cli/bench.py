"""`saring bench`: figures beside the alternatives, in one run; each command calls one module of `bench`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

import typer

from agents.cli.options import Json
from agents.cli.output import complain, err, for_people, json_line, table

Delivery: TypeAlias = Literal["at_least_once", "exactly_once"]


def create() -> typer.Typer:
    """The command group."""
    app = typer.Typer(no_args_is_help=True, help="Measure on this machine, beside the alternatives, in one run.")
    app.command("speed")(speed)
    app.command("quality")(quality)
    app.command("lists")(lists)
    app.command("links")(links)
    app.command("latency")(latency)
    app.command("transport")(transport)
    return app


@contextmanager
def progress() -> Iterator[Any]:
    """A function that tells a waiting person what is being done; silent in a pipe."""
    with err.status("starting") as shown:
        yield shown.update


def show(figures: dict[str, Any], as_json: bool) -> None:
    """One JSON object, or on a terminal one table for each part of it."""
    if not for_people(as_json):
        json_line(figures)
        return
    plain = [(name, _cell(value)) for name, value in figures.items() if not isinstance(value, dict)]
    table("Run", ("what", "figure"), plain)
    for name, part in figures.items():
        if not isinstance(part, dict):
            continue
        if part and all(isinstance(value, dict) for value in part.values()):
            columns = list(dict.fromkeys(key for value in part.values() for key in value))
            rows = [(row, *(_cell(value.get(key, "")) for key in columns)) for row, value in part.items()]
            table(name, ("", *(column.replace("_", " ") for column in columns)), rows)
        else:
            table(name, ("what", "figure"), [(key.replace("_", " "), _cell(value)) for key, value in part.items()])


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(part)}" for name, part in value.items())
    return f"{value:,}" if isinstance(value, int | float) else str(value)


def speed(
    stream: Annotated[Path | None, typer.Option(help="JSON lines of message events.")] = None,
    passes: Annotated[int, typer.Option(min=1, help="Each chunk counts at its fastest of so many.")] = 3,
    kafka: Annotated[bool, typer.Option(help="Also drain a real Kafka with the whole worker, beside others.")] = True,
    as_json: Json = False,
) -> None:
    """Messages a second of one core and of one worker, whole and by stage, beside the alternatives."""
    from bench.speed import run

    with progress() as say:
        figures = run(stream, passes, kafka, say)
    show(figures, as_json)


def lists(
    entries: Annotated[int, typer.Option(min=10_000, help="How many made-up entries the index holds.")] = 1_000_000,
    as_json: Json = False,
) -> None:
    """The list index: size, memory and speed, beside a set, a hash table, SQLite and LMDB."""
    from bench.lists import run

    with progress() as say:
        figures = run(entries, say)
    show(figures, as_json)


def links(
    stream: Annotated[Path, typer.Option(help="Messages: JSON lines with text and, where labelled, bad_url and kind.")],
    vectors: Annotated[Path | None, typer.Option(help="Folder with twitter-text/ and linkify-it/ vectors.")] = None,
    as_json: Json = False,
) -> None:
    """Link finding: time a message and conformance, beside linkify-it-py, urlextract and iocextract."""
    from bench.links import run

    with progress() as say:
        figures = run(stream, vectors, say)
    show(figures, as_json)


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


def latency(
    seconds: Annotated[float, typer.Option(min=1, help="How long at each rate.")] = 20.0,
    alone: Annotated[bool, typer.Option("--delivery-alone", help="A trivial decision instead of the line.")] = False,
    delivery: Annotated[
        Delivery | None, typer.Option(help="Only this one; otherwise both, one after the other.")
    ] = None,
    as_json: Json = False,
) -> None:
    """From produced to readable as an alert, in milliseconds, on a real Kafka that is started for it."""
    from bench import latency as measure

    show(_measured(lambda: measure.run(seconds, "trivial" if alone else "saring", delivery)), as_json)


def transport(
    messages: Annotated[int, typer.Option(min=100_000, help="How many are drained.")] = 2_000_000,
    turns: Annotated[int, typer.Option(min=1, help="The best of so many.")] = 1,
    as_json: Json = False,
) -> None:
    """How fast one process drains a topic of a real Kafka with next to no decision, beside Faust as it comes."""
    from bench import transport as measure

    show(_measured(lambda: measure.run(messages, turns)), as_json)


def _measured(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        with err.status("a real Kafka is started and loaded"):
            return measure()
    except RuntimeError as error:
        complain(str(error))
        raise typer.Exit(1) from None
