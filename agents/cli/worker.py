"""`saring worker`: the scan role."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import typer

from agents.cli.options import Config, settings_or_exit

if TYPE_CHECKING:
    from agents.app import ScanApp

log = logging.getLogger("saring")


def worker(config: Config = None) -> None:
    """Judge messages: sources in, alerts out. Run as many as there are partitions; each ends loudly if it cannot work.

    Exit codes: 0 asked to stop, 2 settings or topics wrong, 69 no broker answers, 70 and above see docs/operate.md.
    """
    settings = settings_or_exit(config).settings
    from agents import log as logs
    from agents.app import create_app

    logs.set_up(settings.logs)
    raise typer.Exit(asyncio.run(_serve(create_app(settings))))


async def _serve(scan: ScanApp) -> int:
    from agents.http import pages
    from agents.kafka.run import run_app

    metrics = scan.settings.metrics
    async with pages(metrics.host, metrics.port, scan.metrics.registry, scan.unready) as port:
        log.info("metrics on http://%s:%d/metrics", metrics.host, port)
        return await run_app(scan.app, scan.line, scan.connection, scan.prepare)
