"""`saring replay`: judge again what was judged before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, USAGE, complain, for_people, json_line, out

if TYPE_CHECKING:
    from agents.kafka.connection import Connection
    from agents.kafka.spans import Kept
    from agents.replay import Tally
    from config.settings import Settings
    from stream.pipeline import Scanner
    from stream.rules import Rules


def replay(
    file: Annotated[Path | None, typer.Option(help="Events, one JSON a line, instead of the dead letters.")] = None,
    begin: Annotated[str, typer.Option("--from", help="A source from this time on (RFC 3339) …")] = "",
    end: Annotated[str, typer.Option("--to", help="… up to this one.")] = "",
    source: Annotated[str, typer.Option(help="Which source; default: the only one.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Write the alerts; without it nothing is written.")] = False,
    into: Annotated[str, typer.Option(help="Topic to write to, default alerts.replay; it must exist.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Judge dead letters, a span of time or a file again, with the rules and lists of now.

    Messages keep their identity: an alert that existed before comes back with the same id, and says it is replayed.
    A dry run unless --write is given.
    """
    settings = settings_or_exit(config).settings
    if (file and (begin or end)) or (end and not begin):
        complain("give --file, or --from and perhaps --to, or neither for the dead letters")
        raise typer.Exit(USAGE)
    from confluent_kafka import KafkaException

    from agents import connect
    from agents.kafka.topics import AdminError
    from agents.replay import Tally

    connection, tally = connect.connection(settings.kafka, "saring-replay"), Tally()
    topic, span = _topic(settings, source, bool(file or begin)), (_time(begin), _time(end))
    target = (into or connect.prefixed(settings, "alerts.replay")) if write else ""
    try:
        records = _records(settings, connection, tally, (file, span, topic))
        _run(settings, connection, records, tally, target)
    except (AdminError, KafkaException, TimeoutError, OSError) as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None
    _show(tally, target, for_people(as_json))


def _topic(settings: Settings, source: str, needed: bool) -> str:
    names = list(settings.sources)
    if source not in names and (source or (needed and len(names) > 1)):
        complain(f"--source {escape(source)}: give one of {', '.join(names)}")
        raise typer.Exit(USAGE)
    return settings.sources[source or names[0]].topic


def _time(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).astimezone().timestamp() if text else None
    except ValueError:
        complain(f"{escape(text)}: give a time such as 2026-11-23T04:00:00Z")
        raise typer.Exit(USAGE) from None


def _records(
    settings: Settings,
    connection: Connection,
    tally: Tally,
    chosen: tuple[Path | None, tuple[float | None, float | None], str],
) -> Iterator[Kept]:
    from agents import replay as again

    file, (begin, end), topic = chosen
    if file:
        return again.lines(file, topic)
    if begin is not None:
        until = datetime.now().astimezone().timestamp() if end is None else end
        return again.between(connection, topic, begin, until)
    return again.dead_letters(settings, connection, tally)


def _run(settings: Settings, connection: Connection, records: Iterator[Kept], tally: Tally, into: str) -> None:
    from agents.replay import Into, judge

    rules, scanner = asyncio.run(_scanner(settings, connection))
    if not into:
        judge(records, scanner, rules, tally, lambda alert: None)
        return
    target = Into(connection, into)
    judge(records, scanner, rules, tally, target.write)
    target.close()


async def _scanner(settings: Settings, connection: Connection) -> tuple[Rules, Scanner]:
    """With the lists in force now."""
    from agents.lists_client import ListsClient
    from config.rules import rules_from
    from stream import pipeline

    rules, lists = rules_from(settings), ListsClient(connection, settings)
    await lists.start()
    await lists.stop()
    return rules, pipeline.line(rules)(lists.current())


def _show(tally: Tally, into: str, people: bool) -> None:
    counts = {"outcomes": dict(tally.outcomes), "reasons": dict(tally.reasons)}
    if not people:
        json_line({**counts, "alerts": tally.alerts, "passed": tally.passed, "written_to": into})
        return
    for kind, number in tally.outcomes.items():
        out.print(f"{kind:>8}  {number:,}")
    for reason, number in tally.reasons.most_common(5):
        out.print(f"          [dim]{number:,} × {escape(reason)}[/]")
    if tally.passed:
        out.print(f"{'passed':>8}  {tally.passed:,} cannot be judged again: cut, or of no source")
    where = f"written to {escape(into)}" if into else "a dry run: nothing was written (--write)"
    out.print(f"{'alerts':>8}  {tally.alerts:,}, {where}")
