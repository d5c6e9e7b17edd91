"""`saring campaigns`: the role that sees one link spread."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import typer

from agents.cli.options import Config, settings_or_exit

if TYPE_CHECKING:
    from agents.campaigns import CampaignsApp

log = logging.getLogger("saring.campaigns")


def campaigns(config: Config = None) -> None:
    """Count sightings by domain; one alert when many users post links to one new host.

    It never changes the verdict on a message. Exit codes as for the worker; see docs/look-back.md.
    """
    settings = settings_or_exit(config).settings
    from agents import log as logs
    from agents.campaigns import create_campaigns
    from agents.start import give_way

    logs.set_up(settings.logs)
    give_way()
    raise typer.Exit(asyncio.run(_serve(create_campaigns(settings))))


async def _serve(role: CampaignsApp) -> int:
    from agents.http import pages
    from agents.kafka.run import run_app

    at = role.settings.metrics
    async with pages(at.host, at.port, role.metrics.registry, role.unready) as port:
        log.info("metrics on http://%s:%d/metrics", at.host, port)
        code = await run_app(role.app, role.line, role.connection, role.prepare)
        await role.close()
        return code
