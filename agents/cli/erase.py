"""`saring erase`: what is there of a person or a message, and until when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, USAGE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from agents.erase import Trace, Wanted
    from config.settings import Settings


def erase(
    user: Annotated[str, typer.Option(help="The platform's own id of a user.")] = "",
    message: Annotated[str, typer.Option(help="The platform's own id of a message …")] = "",
    source: Annotated[str, typer.Option(help="… and its source, if ids are not unique over all.")] = "",
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Find what a request to be forgotten is about: alerts, by case, and dead letters, with the day they expire.

    It deletes nothing: Kafka cannot delete single records. Drop the cases that it names wherever alerts were stored.
    """
    settings = settings_or_exit(config).settings
    from confluent_kafka import KafkaException

    from agents import connect
    from agents.erase import traces
    from agents.kafka.topics import AdminError

    wanted = _wanted(settings, user, message, source)
    try:
        connection = connect.connection(settings.kafka, "saring-erase")
        found = list(traces(settings, connection, wanted, user or message))
    except (AdminError, KafkaException, TimeoutError) as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None
    _show(found, for_people(as_json))


def _wanted(settings: Settings, user: str, message: str, source: str) -> Wanted:
    from agents.erase import of_message, of_user
    from config.rules import rules_from

    if bool(user) == bool(message):
        complain("give --user or --message")
        raise typer.Exit(USAGE)
    if message:
        return of_message(source, message)
    key = rules_from(settings).privacy.user_key
    if not key:
        complain("no privacy.user_key is set: alerts hold nothing of users, so nobody can be found by a user id")
        raise typer.Exit(USAGE)
    return of_user(key, user)


def _show(found: list[Trace], people: bool) -> None:
    if not people:
        json_line({"found": found, "cases": sorted({each.case_id for each in found if each.case_id})})
        return
    table("Found", ("topic", "partition", "offset", "case", "type", "written", "expires"), (
        (each.topic, each.partition, each.offset, each.case_id or "", each.type, each.time, each.expires or "never")
        for each in found
    ))  # fmt: skip
    out.print(f"{len(found):,} records; nothing was deleted: Kafka deletes them at the time given")
