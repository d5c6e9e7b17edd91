"""The command line: one file a command, put together here."""

from __future__ import annotations

from importlib import metadata
from typing import Annotated

import typer

from agents.cli import (
    alerts,
    bench,
    campaigns,
    check,
    checks,
    config,
    demo,
    doctor,
    erase,
    feedback,
    keeper,
    ledger,
    lists,
    replay,
    retro,
    schema,
    setup,
    suffixes,
    train,
    worker,
)


def create() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        no_args_is_help=True,
        rich_markup_mode="rich",
        pretty_exceptions_enable=False,
        help="Flags scam links in message feeds: Kafka in, explained alerts out. Begin with [bold]saring demo[/].",
    )
    app.callback()(_root)
    app.command()(demo.demo)
    app.command()(check.check)
    app.command()(setup.setup)
    app.command()(doctor.doctor)
    app.command()(worker.worker)
    app.command()(keeper.keeper)
    app.command()(retro.retro)
    app.command()(campaigns.campaigns)
    app.command()(alerts.alerts)
    app.command()(feedback.feedback)
    app.command()(replay.replay)
    app.command()(erase.erase)
    app.command()(schema.schema)
    app.command()(train.train)
    app.add_typer(lists.create(), name="lists")
    app.add_typer(checks.create(), name="checks")
    app.add_typer(ledger.create(), name="ledger")
    app.add_typer(config.create(), name="config")
    app.add_typer(suffixes.create(), name="suffixes")
    app.add_typer(bench.create(), name="bench")
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(metadata.version("saring"))
        raise typer.Exit


def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    """Flags scam links in message feeds."""
