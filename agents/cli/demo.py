"""`saring demo`: everything at work in one terminal."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agents.cli.output import USAGE, complain, err, json_line, out

if TYPE_CHECKING:
    from agents.demo.feed import Event
    from agents.demo.play import Pace
    from agents.demo.tally import Tally

SAMPLE_SECONDS = 30.0
SAMPLE_RATE = 400.0
INTERNAL = 70


def demo(
    feed: Annotated[
        Path | None, typer.Option(help="Message events to play, one JSON a line, .gz too; else ours.")
    ] = None,
    duration: Annotated[
        float | None, typer.Option(help="Seconds to play; 0 = until Ctrl-C. Default: 30, or all of a file.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Messages a second; 0 = as fast as they are judged (a file's default).")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Alerts as on the topic, one a line; last a summary.")
    ] = False,
) -> None:
    """Watch scam links being flagged: embedded broker, sample feed and the real worker. Needs no Kafka, no Docker."""
    from agents.demo import feed as feeds
    from agents.demo.play import Pace
    from agents.demo.run import RoleEndedError
    from agents.kafka.embedded import unavailable

    if reason := unavailable():
        complain(reason)
        raise typer.Exit(USAGE)
    if feed is not None and not feed.is_file():
        complain(f"{feed}: no such file")
        raise typer.Exit(USAGE)
    asked = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: asked.set())
    seconds = duration if duration is not None else (0.0 if feed else SAMPLE_SECONDS)
    pace = Pace(rate if rate is not None else (0.0 if feed else SAMPLE_RATE), seconds, asked.is_set)
    try:
        _run(feeds.from_file(feed) if feed else feeds.sample(), pace, as_json, feed is None)
    except RoleEndedError as error:
        complain(str(error))
        raise typer.Exit(INTERNAL) from None


def _run(events: Iterator[Event], pace: Pace, as_json: bool, cues: bool) -> None:
    from agents.demo import run, view
    from agents.demo.screen import Screen

    with run.stage() as stage, view.status_line(err if as_json else out) as live:
        screen = Screen(stage, live, as_json, pace.seconds if cues else 0.0)
        tally = run.perform(run.Show(events, pace, screen.alert, screen.idle, screen.complete), stage)
        told, text = screen.told(), screen.figures(tally)
    if as_json:
        json_line(_summary(tally, screen.first_alert) | {"told_of_missed": told})
        return
    out.print(text, soft_wrap=True)
    if screen.first_alert is not None:
        out.print(
            f"── first alert {screen.first_alert:.1f} s after the start · "
            f"{tally.produced:,} messages sent = {tally.ledger:,} in the ledger",
            soft_wrap=True,
        )


def _summary(tally: Tally, first_alert: float | None) -> dict[str, Any]:
    scams, caught = tally.caught("scam")
    harmless, wrong = tally.caught("harmless")
    return {
        "summary": True,
        "produced": tally.produced,
        "ledger": tally.ledger,
        "outcomes": dict(tally.outcomes),
        "alerts": {"automatic": tally.alerts["automatic"], "review": tally.alerts["review"]} | dict(tally.others),
        "dead_letters": tally.dead,
        "planted": {"scams": scams, "caught": caught, "harmless": harmless, "flagged": wrong},
        "first_alert_seconds": first_alert and round(first_alert, 2),
    }
