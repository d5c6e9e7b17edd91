"""`saring checks`: which checks judge, and switching one off in a hurry."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.lists import Note, Span, run
from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import for_people, json_line, out, table

if TYPE_CHECKING:
    from agents.checks_desk import ChecksDesk
    from stream.precision import Measured

Check = Annotated[str, typer.Argument(metavar="CHECK", help="Its name, as alerts and `saring checks status` show it.")]


def create() -> typer.Typer:
    """The command group."""
    app = typer.Typer(no_args_is_help=True, help="Which checks judge, and the brakes on them.")
    app.command("status")(status)
    app.command("measured")(measured)
    app.command("off")(off)
    app.command("on")(on)
    return app


def _desk(config: Path | None) -> ChecksDesk:
    from agents import connect
    from agents.checks_desk import ChecksDesk

    settings = settings_or_exit(config).settings
    return ChecksDesk(settings, connect.connection(settings.kafka, "saring-checks"), getpass.getuser())


def status(config: Config = None, as_json: Json = False) -> None:
    """Every check with its mode: live counts in verdicts, shadow is only measured, off does not run."""
    states = run(_desk(config).states())
    if for_people(as_json):
        rows = [(each.check, each.kind, each.mode, each.off_until, each.off_by) for each in states]
        table("Checks", ("check", "of", "mode", "off until", "by"), rows)
    else:
        for each in states:
            json_line(each)


def measured(config: Config = None, as_json: Json = False) -> None:
    """What each shadow check would have raised, and how often sampled words say that it is right (95 % interval)."""
    found = run(_desk(config).measured())
    if for_people(as_json):
        columns = ("check", "would raise", "raised anyway", "listed later", "judged", "scams", "precision")
        table("Shadow checks", columns, [_measured_row(each) for each in found])
    else:
        for each in found:
            json_line(each)


def _measured_row(each: Measured) -> tuple[object, ...]:
    precision = "–" if each.precision is None else f"{each.precision:.0%} [{each.low:.0%}-{each.high:.0%}]"
    counts = (each.would_raise, each.raised_anyway, each.listed_later, each.judged, each.scams)
    return (each.check, *counts, precision)


def off(check: Check, span: Span = "", note: Note = "", config: Config = None) -> None:
    """Switch a check off on every worker within ten seconds: `saring checks off lure_words --for 4h`."""
    out.print(run(_desk(config).switch_off(check, span, note)))


def on(check: Check, note: Note = "", config: Config = None) -> None:
    """Lift the brake on a check."""
    out.print(run(_desk(config).switch_on(check, note)))
