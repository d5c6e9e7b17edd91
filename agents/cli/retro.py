"""`saring retro`: the role that looks back."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import typer

from agents.cli.options import Config, settings_or_exit

if TYPE_CHECKING:
    from agents.retro import RetroApp

log = logging.getLogger("saring.retro")


def retro(config: Config = None) -> None:
    """Hold what was seen against new list entries, and what was said against withdrawn ones and feedback.

    Late alerts and retractions go to the alerts topics. Exit codes as for the worker; see docs/look-back.md.
    """
    settings = settings_or_exit(config).settings
    from agents import log as logs
    from agents.retro import create_retro
    from agents.start import give_way

    logs.set_up(settings.logs)
    give_way()
    raise typer.Exit(asyncio.run(_serve(create_retro(settings))))


async def _serve(role: RetroApp) -> int:
    from agents.http import pages
    from agents.kafka.run import run_app

    at = role.settings.metrics
    async with pages(at.host, at.port, role.metrics.registry, role.unready) as port:
        log.info("metrics on http://%s:%d/metrics", at.host, port)
        code = await run_app(role.app, role.line, role.connection, role.prepare)
        await role.close()
        return code
