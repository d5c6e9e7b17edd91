"""`saring demo`: everything at work in one terminal."""

from __future__ import annotations

import signal
import threading
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from agents.cli.output import USAGE, complain, err, json_line, out

SAMPLE_SECONDS = 30.0
SAMPLE_RATE = 400.0
SHOWN_PER_SECOND = 2.0
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
        _run(feeds.from_file(feed) if feed else feeds.sample(), pace, as_json)
    except RoleEndedError as error:
        complain(str(error))
        raise typer.Exit(INTERNAL) from None


def _run(events: Any, pace: Any, as_json: bool) -> None:
    from agents.demo import run, view

    began = time.monotonic()
    first: list[float] = []
    with (
        run.stage() as stage,
        view.status_line(err if as_json else out) as live,
    ):
        shown = 0.0

        def alert(value: dict[str, Any]) -> None:
            nonlocal shown
            now = time.monotonic()
            if not first:
                first.append(now - began)
            if as_json:
                json_line(value)
            elif value["tier"] == "automatic" and now - shown > 1 / SHOWN_PER_SECOND:
                shown = now
                view.show_alert(live.console, value)

        def idle(tally: Any) -> None:
            elapsed = max(0.001, time.monotonic() - began)
            live.update(view.figures(tally, sum(tally.outcomes.values()) / elapsed, None, stage.metrics))

        tally = run.perform(run.Show(events, pace, alert, idle), stage)
        text = view.figures(tally, sum(tally.outcomes.values()) / (time.monotonic() - began), None, stage.metrics)
    _summary(tally, text, first, as_json)


def _summary(tally: Any, text: str, first: list[float], as_json: bool) -> None:
    scams, caught = tally.caught("scam")
    harmless, wrong = tally.caught("harmless")
    if as_json:
        json_line({
            "summary": True, "produced": tally.produced, "ledger": tally.ledger, "outcomes": dict(tally.outcomes),
            "alerts": dict(tally.alerts), "dead_letters": tally.dead,
            "planted": {"scams": scams, "caught": caught, "harmless": harmless, "flagged": wrong},
            "first_alert_seconds": round(first[0], 2) if first else None,
        })  # fmt: skip
        return
    out.print(text, highlight=False)
    if first:
        out.print(f"── first alert after {first[0]:.1f} s · {tally.produced:,} sent = {tally.ledger:,} in the ledger")
