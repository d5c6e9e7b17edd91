"""`saring ledger verify`: proof that every finished offset ended in exactly one way."""

from __future__ import annotations

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import complain, for_people, json_line, out, table

BROKEN = 1
UNREACHABLE = 69


def verify(config: Config = None, as_json: Json = False) -> None:
    """Hold the ledger against the committed offsets and the sources.

    Every offset from the oldest ledger entry to the committed one must have an outcome; with exactly-once delivery it
    has one and no more, with at-least-once repeats are counted. Exit 0 if so, 1 if not, 69 without a broker.
    """
    settings = settings_or_exit(config).settings
    from agents.kafka.topics import AdminError
    from agents.proof import prove

    try:
        found = prove(settings)
    except (AdminError, TimeoutError) as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None
    mode = settings.worker.delivery
    faults = [
        f"{each.partition.topic}-{each.partition.partition}: {fault}" for each in found for fault in each.faults(mode)
    ]
    if for_people(as_json):
        table("Ledger", ("partition", "from", "committed", "seen", "repeated"), (
            (f"{each.partition.topic}-{each.partition.partition}", each.first, each.committed, each.seen, each.repeated)
            for each in found
        ))  # fmt: skip
        out.print(
            "\n".join(escape(fault) for fault in faults) or "covered" + (" without overlap" * (mode == "exactly_once"))
        )
    else:
        json_line({"mode": mode, "partitions": found, "faults": faults})
    raise typer.Exit(BROKEN if faults else 0)


def create() -> typer.Typer:
    """The group of commands."""
    app = typer.Typer(no_args_is_help=True, help="What the ledger proves.")
    app.command("verify")(verify)
    app.callback()(lambda: None)
    return app
