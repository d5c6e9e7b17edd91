"""`saring ledger verify`: proof that every finished offset ended in exactly one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from agents.kafka.values import Partition
    from agents.proof import Proof

BROKEN = 1


def verify(config: Config = None, as_json: Json = False) -> None:
    """Hold the ledger against the committed offsets and the sources.

    Every offset from the oldest ledger entry to the committed one must have an outcome; with exactly-once delivery it
    has one and no more, with at-least-once repeats are counted. Exit 0 if so, 1 if not, 69 without a broker.
    """
    settings = settings_or_exit(config).settings
    from confluent_kafka import KafkaException

    from agents.kafka.topics import AdminError
    from agents.proof import prove

    try:
        proof = prove(settings)
    except (AdminError, KafkaException, TimeoutError) as error:
        complain(escape(str(error)))
        raise typer.Exit(UNREACHABLE) from None
    mode = settings.worker.delivery
    faults = [f"{_name(each.partition)}: {fault}" for each in proof.covered for fault in each.faults(mode)]
    if for_people(as_json):
        _show(proof, faults, mode == "exactly_once")
    else:
        unknown = [_name(each) for each in proof.unknown]
        json_line({"mode": mode, "partitions": proof.covered, "unknown": unknown, "faults": faults})
    raise typer.Exit(BROKEN if faults else 0)


def _show(proof: Proof, faults: list[str], exactly_once: bool) -> None:
    table("Ledger", ("partition", "from", "committed", "seen", "repeated"), (
        (_name(each.partition), each.first, each.committed, each.seen, each.repeated) for each in proof.covered
    ))  # fmt: skip
    if proof.unknown:
        out.print(f"no ledger entries yet, or no longer: {', '.join(_name(each) for each in proof.unknown)}")
    if faults:
        out.print("\n".join(f"[bold red]{escape(fault)}[/]" for fault in faults))
    elif proof.covered:
        repeated = sum(each.repeated for each in proof.covered)
        out.print("covered without overlap" if exactly_once or not repeated else f"covered, {repeated:,} repeated")


def _name(partition: Partition) -> str:
    return f"{partition.topic}-{partition.partition}"


def create() -> typer.Typer:
    """The group of commands."""
    app = typer.Typer(no_args_is_help=True, help="What the ledger proves.")
    app.command("verify")(verify)
    app.callback()(lambda: None)
    return app
