"""`saring alerts`: what was said, as a table or as JSON lines; a random sample for review."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import USAGE, complain, for_people, json_line, out, table

if TYPE_CHECKING:
    from config.settings import Settings
    from stream.alert import Alert

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
PAUSE_SECONDS = 1.0


def alerts(
    group: Annotated[str, typer.Option(help="Only this group: its id, or a host or tenant.")] = "",
    since: Annotated[str, typer.Option(help="How far back: 30m, 24h, 7d, or a time (RFC 3339).")] = "24h",
    sample: Annotated[int, typer.Option(help="A random sample of so many cases, each as likely as any other.")] = 0,
    review: Annotated[bool, typer.Option("--review", help="The review tier too.")] = False,
    test: Annotated[bool, typer.Option("--test", help="Those on test links too, as the canary sends them.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as they come, until Ctrl-C.")] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show alerts by the rule for consumers: repeats dropped, the last word on each case.

    With --sample what is printed can be judged with `saring feedback CASE … --sampled`: only words on a random sample
    may be counted into precision.
    """
    begin = since_seconds(since, time.time())
    if begin is None:
        complain(f"--since {escape(since)}: give 30m, 24h, 7d, or a time such as 2026-11-23T04:00:00Z")
        raise typer.Exit(USAGE)
    settings = settings_or_exit(config).settings
    from agents.said import KINDS, alerts_since, sampled, standing

    kinds = KINDS if review else KINDS[:1]
    wanted = Wanted(group, test)
    found = (alert for alert in alerts_since(settings, begin, kinds) if wanted.holds(alert))
    chosen = sampled(found, sample, os.urandom(16)) if sample else standing(found).values()
    people = for_people(as_json)
    _show(sorted(chosen, key=lambda alert: alert.time), people)
    if people and not chosen:
        out.print(f"none since {escape(since)}" + ("" if review else "; --review shows the review tier too"))
    if follow:
        _follow(settings, kinds, wanted, people)


def since_seconds(text: str, now: float) -> float | None:
    """The time in seconds since the epoch; None for a text that is none."""
    if span := re.fullmatch(r"(\d+)([smhd])", text):
        return now - int(span[1]) * _UNITS[span[2]]
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alerts a person wants to see."""

    group: str
    test: bool

    def holds(self, alert: Alert) -> bool:
        """Whether this is one of them."""
        return (self.test or not alert.test) and (not self.group or self.group in (alert.group.id, alert.group.key))


def _follow(settings: Settings, kinds: tuple[str, ...], wanted: Wanted, people: bool) -> None:
    from agents.said import alerts_since

    shown, begin = set[str](), time.time()
    while True:
        time.sleep(PAUSE_SECONDS)
        now = time.time()
        new = {alert.id: alert for alert in alerts_since(settings, begin - 5, kinds) if alert.id not in shown}
        begin = now
        shown = {*new, *(shown if len(shown) < 100_000 else ())}
        _show([alert for alert in new.values() if wanted.holds(alert)], people)


def _show(found: Iterable[Alert], people: bool) -> None:
    if not people:
        for alert in found:
            json_line(alert)
        return
    rows = [_row(alert) for alert in found]
    if rows:
        table("Alerts", ("time", "type", "tier", "severity", "p", "link", "case"), rows)


def _row(alert: Alert) -> tuple[Any, ...]:
    shown = escape(alert.link.defanged)
    return (alert.time[:19], alert.type, alert.tier, alert.severity, f"{alert.probability:.2f}", shown, alert.case_id)
