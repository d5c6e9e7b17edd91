"""`saring setup`: make or verify the topics, and say where the group begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, USAGE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

    from agents.kafka.topics import From
    from agents.topics import Difference
    from config.settings import Settings


def setup(
    begin: Annotated[
        str, typer.Option("--from", help="Where a new group begins: now, beginning, or a time (RFC 3339).")
    ] = "now",
    config: Config = None,
    as_json: Json = False,
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
        admin = admin_client(connect.connection(settings.kafka, "saring-setup"))
        _show(_set_up(admin, settings, start), for_people(as_json))
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


@dataclass(frozen=True, slots=True)
class _Done:
    """What was made, what was there, what differs, and where the group begins."""

    topics: list[tuple[str, int, int, str]]  # name, partitions, replicas, state
    differences: list[Difference]
    group: str
    first_offsets: int


def _set_up(admin: AdminClient, settings: Settings, begin: From) -> _Done:
    from agents import connect
    from agents.kafka import topics as kafka
    from agents.topics import differences, planned, sources

    brokers = kafka.brokers(admin)
    specs = planned(settings, brokers) + sources(settings, brokers)
    there = kafka.describe(admin, [spec.name for spec in specs])
    missing = [spec for spec in specs if spec.name not in there]
    kafka.create(admin, missing)
    made = {spec.name for spec in missing}
    rows = [
        (spec.name, spec.partitions, spec.replication, "created" if spec.name in made else "there") for spec in specs
    ]
    ours = [spec for spec in planned(settings, brokers) if spec.name in there]
    group = connect.group(settings, "scan")
    written = kafka.commit_first(admin, group, [source.topic for source in settings.sources.values()], begin)
    return _Done(rows, [each for spec in ours for each in differences(spec, there[spec.name])], group, len(written))


def _show(done: _Done, people: bool) -> None:
    if not people:
        for name, partitions, replicas, state in done.topics:
            json_line({"topic": name, "partitions": partitions, "replicas": replicas, "state": state})
        for each in done.differences:
            json_line(each)
        json_line({"group": done.group, "first_offsets_committed": done.first_offsets})
        return
    table("Topics", ("topic", "partitions", "replicas", "state"), done.topics)
    _report(done.differences)
    written = f"{done.first_offsets} first offsets committed" if done.first_offsets else "has its offsets"
    out.print(f"Group {done.group}: {written}")


def _report(found: list[Difference]) -> None:
    if not found:
        return
    out.print(f"\n[yellow]{len(found)} differences from the plan[/]; nothing was changed:")
    for each in found:
        out.print(f"  {escape(each.topic)}: {escape(each.what)}\n    [dim]{escape(each.mend)}[/]", soft_wrap=True)
