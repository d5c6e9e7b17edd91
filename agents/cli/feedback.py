"""`saring feedback`: an analyst's word on an alert or a link; what it leads to is shown before it is written."""

from __future__ import annotations

import getpass
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import USAGE, complain, for_people, json_line, out


class Verdict(StrEnum):
    """What can be said."""

    FALSE = "false"
    TRUE = "true"
    MISSED = "missed"
    UNSURE = "unsure"


class Extent(StrEnum):
    """How far it goes; `host` is the tenant on a platform and the address on a shortener."""

    HOST = "host"
    URL = "url"
    DOMAIN = "domain"


def feedback(
    case: Annotated[str, typer.Argument(help="The alert's case_id; for a missed scam its address.")],
    verdict: Annotated[Verdict, typer.Argument(help="What it was.")],
    scope: Annotated[Extent, typer.Option(help="How far it goes.")] = Extent.HOST,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it counts.")] = 90,
    note: Annotated[str, typer.Option(help="Why; goes into retractions.")] = "",
    by: Annotated[str, typer.Option(help="Who says so; default: you.")] = "",
    sampled: Annotated[bool, typer.Option("--sampled", help="The alert came from `saring alerts --sample`.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say that an alert was false, true or unsure, or that a scam was missed; shows the effect, then asks.

    `false` allows the host and takes its alerts back, `missed` blocks it and raises late alerts, everywhere within
    seconds. A whole domain, or a word against a list, counts once a second person has said the same.
    """
    settings = settings_or_exit(config).settings
    from agents.words import UnknownError, prepared, written

    moment = datetime.now(UTC)
    ends = moment + timedelta(days=days)
    said = {"note": note, "by": by or getpass.getuser(), "sampled": sampled}
    said |= {"at": _text(moment), "expires_at": _text(ends)}
    try:
        word, effect = prepared(settings, (case, verdict.value, scope.value), said, time.time())
    except UnknownError as error:
        complain(escape(str(error)))
        raise typer.Exit(USAGE) from None
    people = for_people(as_json)
    if people or not yes:
        out.print(f"{escape(word.verdict)} {escape(word.key)}: {escape(effect)}", soft_wrap=True)
    if not yes and not typer.confirm("Write it?"):
        raise typer.Exit(0)
    written(settings, word)
    if not people:
        json_line({"feedback": word, "effect": effect})


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
