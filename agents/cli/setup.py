"""`saring setup`: make or verify the topics, and say where the group begins."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, settings_or_exit
from agents.cli.output import USAGE, complain, out, table

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

    from agents.kafka.topics import From
    from agents.topics import Difference
    from config.settings import Settings

UNREACHABLE = 69


def setup(
    begin: Annotated[
        str, typer.Option("--from", help="Where a new group begins: now, beginning, or a time (RFC 3339).")
    ] = "now",
    config: Config = None,
) -> None:
    """Create the topics that are missing, verify the others, and commit the group's first offsets.

    What differs from the plan is printed with the command that mends it; nothing that exists is changed. Workers never
    create topics, so run this once before the first worker, with the rights to create topics.
    """
    settings = settings_or_exit(config).settings
    start = _start(begin)
    from agents import connect
    from agents.kafka.topics import AdminError, admin_client

    try:
        _set_up(admin_client(connect.connection(settings.kafka, "saring-setup")), settings, start)
    except AdminError as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None


def _start(text: str) -> From:
    if text == "now":
        return "now"
    if text == "beginning":
        return "beginning"
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        complain(f"--from {escape(text)}: give now, beginning, or a time such as 2026-11-23T04:00:00Z")
        raise typer.Exit(USAGE) from None


def _set_up(admin: AdminClient, settings: Settings, begin: From) -> None:
    from agents import connect
    from agents.kafka import topics as kafka
    from agents.topics import differences, planned, sources

    brokers = kafka.brokers(admin)
    specs = planned(settings, brokers) + sources(settings, brokers)
    there = kafka.describe(admin, [spec.name for spec in specs])
    missing = [spec for spec in specs if spec.name not in there]
    kafka.create(admin, missing)
    made = {spec.name for spec in missing}
    table("Topics", ("topic", "partitions", "replicas", "state"), (
        (spec.name, spec.partitions, spec.replication, "created" if spec.name in made else "there") for spec in specs
    ))  # fmt: skip
    ours = [spec for spec in planned(settings, brokers) if spec.name in there]
    _report([each for spec in ours for each in differences(spec, there[spec.name])])
    group = connect.group(settings, "scan")
    written = kafka.commit_first(admin, group, [source.topic for source in settings.sources.values()], begin)
    out.print(
        f"Group {group}: {len(written)} first offsets committed" if written else f"Group {group}: has its offsets"
    )


def _report(found: list[Difference]) -> None:
    if not found:
        return
    out.print(f"\n[yellow]{len(found)} differences from the plan[/]; nothing was changed:")
    for each in found:
        out.print(f"  {escape(each.topic)}: {escape(each.what)}\n    [dim]{escape(each.mend)}[/]", soft_wrap=True)
