"""`saring suffixes`: the public suffix list of this deployment, and fetching a newer one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import aiohttp
import typer
from rich.markup import escape

from agents.cli.options import Config, settings_or_exit
from agents.cli.output import USAGE, complain, out
from config.suffixes import URL, save_refreshed

_SECONDS = 30


def create() -> typer.Typer:
    """The command group."""
    app = typer.Typer(
        no_args_is_help=True, help="The public suffix list: where the name that somebody registered begins."
    )
    app.callback()(lambda: None)
    app.command("refresh")(refresh)
    return app


def refresh(
    source: Annotated[str, typer.Option("--from", help="Address of the list, or a file that holds it.")] = URL,
    config: Config = None,
) -> None:
    """Fetch the list into `cache_dir` for the next start of each role; without it the bundled one stays in use."""
    folder = settings_or_exit(config).settings.cache_dir
    if folder is None:
        complain("no cache_dir is set: say where to keep the list, in saring.toml or with SARING_CACHE_DIR")
        raise typer.Exit(USAGE)
    try:
        text = asyncio.run(_fetched(source)) if "://" in source else Path(source).read_text(encoding="utf-8")
        rules = save_refreshed(text, folder)
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
        complain(f"the list in use stays: {escape(str(error) or type(error).__name__)}")
        raise typer.Exit(1) from None
    out.print(f"{rules:,} rules are kept in {folder}; each role reads them when it starts next.")


async def _fetched(url: str) -> str:
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
        session.get(url) as response,
    ):
        response.raise_for_status()
        return await response.text(encoding="utf-8")
