"""`saring lists`: what is listed, what waits for a person, and the brakes."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import UNREACHABLE, USAGE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from agents.feeds.desk import Desk

app = typer.Typer(no_args_is_help=True, help="The state of the lists, entries of your own, and the brakes.")

Feed = Annotated[str, typer.Argument(metavar="FEED", help="Name of a feed, as `saring lists status` shows it.")]
Note = Annotated[str, typer.Option("--note", help="Why; kept beside the entry.")]
Span = Annotated[str, typer.Option("--for", metavar="SPAN", help="How long, as 4h or 90d; without it until lifted.")]
_Result = TypeVar("_Result")


def create() -> typer.Typer:
    """The command group."""
    return app


def _desk(config: Path | None) -> Desk:
    from agents.feeds.desk import open_desk

    return open_desk(settings_or_exit(config).settings, getpass.getuser())


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result; what a person can mend is told in one line."""
    from aiokafka.errors import KafkaError

    try:
        return asyncio.run(work)
    except (ValueError, LookupError) as error:
        complain(escape(str(error.args[0] if error.args else error)))
    except TimeoutError as error:
        complain(f"the lists topics cannot be read: {escape(str(error) or type(error).__name__)}")
    except KafkaError as error:
        complain(f"the lists topics cannot be reached: {escape(str(error) or type(error).__name__)}")
        raise typer.Exit(UNREACHABLE) from None
    raise typer.Exit(USAGE)


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """Every feed: entries in force, when it last changed, what is held back and why, in one sentence."""
    state = run(_desk(config).state())
    if not for_people(as_json):
        json_line(state)
        return
    out.print(f"set [bold]{state.snapshot or 'none'}[/] (sequence {state.sequence}), {state.own} entries of your own")
    rows = [
        (
            memo.name,
            memo.entries,
            memo.last_change[:16],
            "stale" if memo.stale else "paused" if memo.paused else "ok" if memo.ok else "look",
            memo.quarantined or "",
            escape(memo.result),
        )
        for memo in state.feeds
        if memo.enabled or memo.entries
    ]
    table("Feeds", ("feed", "entries", "last change", "state", "held", "what happened"), rows)
    for control in state.controls:
        until = f" until {control.expires_at}" if control.expires_at else ""
        out.print(
            f"[yellow]in force[/]: {control.control} {control.name} {control.value[:40]}{until} (by {control.by})"
        )


@app.command()
def diff(feed: Feed, config: Config = None, as_json: Json = False) -> None:
    """What a held update would change, which entries were cut out, and which lines could not be read."""
    memo = run(_desk(config).memo(feed))
    if not for_people(as_json):
        json_line({"feed": memo.name, "held": memo.held, "cut": memo.cut_sample, "bad_lines": memo.bad_sample})
        return
    if held := memo.held:
        out.print(f"[yellow]held[/] since {held.at}: {escape(held.why)}; +{held.added} −{held.removed} entries")
        for sign, sample in (("+", held.added_sample), ("−", held.removed_sample)):
            for key in sample:
                out.print(f"  {sign} {escape(_defanged(key))}")
    for cut in memo.cut_sample:
        out.print(f"  cut out {cut.kind} {escape(_defanged(cut.key))}: {escape(cut.why)}")
    for bad in memo.bad_sample:
        out.print(f"  {escape(_defanged(bad))}")
    if not (memo.held or memo.cut or memo.bad_lines):
        out.print(f"nothing waits: {escape(memo.result)}")


def _defanged(text: str) -> str:
    from stream.redact import defang

    return defang(text)


@app.command()
def approve(
    feed: Feed,
    entries: Annotated[
        list[str] | None, typer.Argument(help="Entries that were cut out; none: the held update.")
    ] = None,
    retractions: Annotated[
        bool, typer.Option("--retractions", help="Take back the alerts that wait after a large withdrawal.")
    ] = False,
    note: Note = "",
    config: Config = None,
) -> None:
    """Let a held update come into force, entries that were cut out, or retractions that wait."""
    if retractions:
        out.print(escape(run(_desk(config).approve_retractions(feed, note))))
        return
    for done in run(_desk(config).approve(feed, entries or [], note)):
        out.print(escape(_defanged(done)))


@app.command()
def add(
    entry: Annotated[str, typer.Argument(help="A host (and all below it) or an address with a path.")],
    allow: Annotated[bool, typer.Option("--allow", help="Never flag it, whatever lists say.")] = False,
    kind: Annotated[str, typer.Option(help="url, prefix, host or domain, if not as it looks.")] = "",
    threat: Annotated[str, typer.Option(help="What it is listed for.")] = "phishing",
    span: Span = "",
    note: Note = "",
    config: Config = None,
) -> None:
    """Add an entry of your own: in force on every worker within ten seconds."""
    if kind not in ("", "url", "prefix", "host", "domain"):
        complain("--kind must be url, prefix, host or domain")
        raise typer.Exit(USAGE)
    action: Literal["allow", "block"] = "allow" if allow else "block"
    done = run(_desk(config).add(entry, action, kind=kind, threat=threat, span=span, note=note))
    out.print(escape(_defanged(done)))


@app.command()
def remove(
    entry: Annotated[str, typer.Argument(help="An entry of your own, as you added it.")],
    note: Note = "",
    config: Config = None,
) -> None:
    """Take an entry of your own back."""
    out.print(escape(_defanged(run(_desk(config).remove(entry, note)))))


@app.command()
def explain(url: Annotated[str, typer.Argument(help="A link.")], config: Config = None, as_json: Json = False) -> None:
    """Every entry that covers a link, from which list, since when, and whether it counts."""
    told = run(_desk(config).explain(url))
    if not for_people(as_json):
        json_line(told)
        return
    if not told.entries:
        out.print(f"on no list (set {told.snapshot or 'none'})")
    for said in told.entries:
        hit = said.hit
        since = f" since {hit.listed_at}" if hit.listed_at else ""
        out.print(f"{hit.action} {hit.kind} {escape(_defanged(hit.entry))} by {hit.feed}{since}: {escape(said.effect)}")


@app.command()
def rollback(
    to: Annotated[int | None, typer.Option(help="Sequence to go back to; default: the one before.")] = None,
    lift: Annotated[bool, typer.Option("--lift", help="End the rollback.")] = False,
    note: Note = "",
    config: Config = None,
) -> None:
    """Put an earlier set of lists in force everywhere; nothing new is published until it is lifted."""
    out.print(run(_desk(config).rollback(to, lift, note)))


@app.command()
def pause(
    feed: Feed,
    lift: Annotated[bool, typer.Option("--lift", help="End the pause.")] = False,
    span: Span = "",
    note: Note = "",
    config: Config = None,
) -> None:
    """Make a feed's entries not count, everywhere, and stop fetching it."""
    out.print(run(_desk(config).pause(feed, lift, span, note)))
