"""`saring worker`: the scan role."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agents.cli.options import Config, settings_or_exit
from agents.cli.output import USAGE, complain

if TYPE_CHECKING:
    from agents.app import ScanApp
    from config.settings import Settings

log = logging.getLogger("saring")


def worker(
    processes: Annotated[str, typer.Option(help="Workers on this machine: a number, or auto for one a core.")] = "1",
    config: Config = None,
    slot: Annotated[str, typer.Option(hidden=True, help="NUMBER:PORT:PAGE, as the supervisor starts it.")] = "",
) -> None:
    """Judge messages: sources in, alerts out. Run up to as many as there are partitions; each ends loudly if it cannot.

    Exit codes: 0 asked to stop, 2 settings or topics wrong, 69 no broker answers, 70 and above see docs/operate.md.
    """
    settings = settings_or_exit(config).settings
    from agents import log as logs
    from agents import workers

    logs.set_up(settings.logs)
    try:
        number = workers.count(processes)
    except ValueError:
        complain(f"--processes {processes}: give a number from 1 on, or auto")
        raise typer.Exit(USAGE) from None
    if processes != "1":
        raise typer.Exit(workers.run(settings, number, config))
    raise typer.Exit(_one(settings, slot))


def _one(settings: Settings, slot: str) -> int:
    from agents.app import create_app
    from agents.kafka.page import WorkerPage

    address = (settings.metrics.host, settings.metrics.port)
    scan = create_app(settings)
    if slot:
        number, port, page = slot.split(":", 2)
        scan.line.page = WorkerPage(Path(page), int(number))
        address = ("127.0.0.1", int(port))
    return asyncio.run(_serve(scan, address))


async def _serve(scan: ScanApp, address: tuple[str, int]) -> int:
    from agents.http import pages
    from agents.kafka.run import run_app
    from stream.native import form

    async with pages(*address, scan.metrics.registry, scan.unready) as port:
        log.info("metrics on http://%s:%d/metrics, judging in the %s form", address[0], port, form())
        return await run_app(scan.app, scan.line, scan.connection, scan.prepare)
