"""`saring keeper`: the one process that fetches and publishes lists."""

from __future__ import annotations

import asyncio

import typer

from agents.cli.options import Config, settings_or_exit


def keeper(config: Config = None) -> None:
    """Fetch feeds, admit their updates, publish sets of lists to all workers, and measure every group's lag.

    One keeper works at a time: a second one takes over and the first ends with exit code 77.
    """
    settings = settings_or_exit(config).settings
    from agents import log as logs
    from agents.keep import keep

    logs.set_up(settings.logs)
    raise typer.Exit(asyncio.run(keep(settings)))
