"""`saring doctor`: can a worker work here, and what does the mapping find."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from agents.doctor import Look, Sampled

NOT_WELL = 1
MARKS = {"ok": "[green]ok[/]  ", "warn": "[yellow]warn[/]", "fail": "[bold red]fail[/]"}


def doctor(
    sample: Annotated[int, typer.Option(help="Also decode this many of each source's latest records.")] = 0,
    canary: Annotated[
        bool, typer.Option("--canary", help="Also send a test link through a source and time it.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Look at everything a worker needs; nothing is written except for --canary.

    Exit 0 if it would work, 1 if not, 69 without a broker.
    """
    settings = settings_or_exit(config).settings
    from agents import connect
    from agents import doctor as looks
    from agents.kafka.topics import AdminError, admin_client

    people, well = for_people(as_json), True
    admin = admin_client(connect.connection(settings.kafka, "saring-doctor"))
    try:
        for each in looks.look(settings, admin):
            well &= each.state != "fail"
            _show(each, people)
        if canary:
            came = looks.canary(settings, admin)
            well &= came.state != "fail"
            _show(came, people)
    except AdminError as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None
    for sampled in looks.sample(settings, sample) if sample else ():
        _show_sample(sampled, people)
    raise typer.Exit(0 if well else NOT_WELL)


def _show(look: Look, people: bool) -> None:
    if not people:
        json_line(look if look.state != "ok" else replace(look, mend=""))
    else:
        mend = f"\n       [dim]mend: {escape(look.mend)}[/]" if look.mend and look.state != "ok" else ""
        out.print(f"{MARKS[look.state]}  {escape(look.what)}: {escape(look.found)}{mend}", soft_wrap=True)


def _show_sample(sampled: Sampled, people: bool) -> None:
    if not people:
        json_line({
            "source": sampled.source, "records": sampled.records, "outcomes": dict(sampled.outcomes),
            "reasons": dict(sampled.reasons), "filled": dict(sampled.filled), "ignored": dict(sampled.ignored),
        })  # fmt: skip
        return
    rows = [("outcome", *pair) for pair in sampled.outcomes.items()]
    rows += [("reason", *pair) for pair in sampled.reasons.items()]
    rows += [("filled", *pair) for pair in sampled.filled.items()]
    rows += [("ignored", *pair) for pair in sampled.ignored.items()]
    table(f"\nSource {sampled.source}: {sampled.records} records", ("", "what", "records"), rows)
