"""`saring config`: effective settings, checks of a file, and the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from pydantic import SecretStr

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import for_people, json_line, out, table
from config.load import Place
from config.settings import Settings


def create() -> typer.Typer:
    """The sub-commands of `saring config`."""
    app = typer.Typer(no_args_is_help=True, help="Show, check or describe the settings.")
    app.command("show")(show)
    app.command("check")(check)
    app.command("schema")(schema)
    return app


def show(config: Config = None, as_json: Json = False) -> None:
    """Print every setting in force and where it came from; secrets are hidden."""
    loaded = settings_or_exit(config)
    rows = [(".".join(place), value, loaded.origins.get(place, "default")) for place, value in _leaves(loaded.settings)]
    if for_people(as_json):
        table("Settings in force", ("setting", "value", "from"), rows)
    else:
        for name, value, origin in rows:
            json_line({"setting": name, "value": value, "from": origin})


def check(config: Config = None) -> None:
    """Check the settings; exit 2 and a list of every mistake when they cannot be used."""
    settings_or_exit(config)
    out.print("The settings are fine.")


def schema() -> None:
    """Print the JSON Schema of the settings file."""
    json_line(Settings.model_json_schema())


def _leaves(value: Any, place: Place = ()) -> Iterator[tuple[Place, object]]:
    if isinstance(value, Settings):
        value = value.model_dump()
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*place, str(key)))
    elif isinstance(value, SecretStr):
        yield place, "(set)" if value.get_secret_value() else ""
    else:
        yield place, str(value) if hasattr(value, "__fspath__") else value
