"""What the demo shows: alerts as they come, one line of figures under them, a summary at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.text import Text

from agents.demo.tally import Tally
from stream.redact import defang

COLOURS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
WORDS = {"flagged": "", "late": "LATE ALERT: ", "retracted": "RETRACTED: ", "campaign": "CAMPAIGN: "}


@contextmanager
def status_line(console: Console) -> Iterator[Live]:
    """A line at the bottom that alerts scroll over; plain output gets none."""
    with Live(
        Text(""), console=console, refresh_per_second=4, transient=True, auto_refresh=console.is_terminal
    ) as live:
        yield live


def show_alert(console: Console, alert: Mapping[str, Any]) -> None:
    """One alert in a few lines: when, what, how sure, who is imitated; the link defanged; why."""
    doubt = "LIKELY " if alert["basis"] == "inferred" else ""
    title = WORDS[alert["type"]] + doubt + alert["category"].replace("_", " ").upper()
    colour = COLOURS[alert["severity"]]
    brand = alert["brand"]["name"] if alert["brand"] else ""
    console.print(
        f"{alert['time'][11:19]}  [{colour}]{title}[/]  {alert['severity']}  {alert['probability']:.2f}  "
        f"[bold]{escape(brand)}[/]",
        soft_wrap=True,
    )
    console.print(f"  [dim]{escape(alert['link']['defanged'])}[/]", soft_wrap=True)
    for line in textwrap.wrap(alert["explanation"], 92):
        console.print(f"  {escape(line)}", soft_wrap=True)
    if about := after(alert):
        console.print(f"  [dim]{about}[/]", soft_wrap=True)


def after(alert: Mapping[str, Any]) -> str:
    """What an alert adds that was not raised by one message when it came."""
    if late := alert.get("late"):
        return f"raised {late['delay_seconds']:,.0f} s after the message, when {defang(late['entry'])} was listed"
    if campaign := alert.get("campaign"):
        return f"{campaign['users']} users, {campaign['messages']} messages since {campaign['first_seen'][11:19]}"
    return ""


def show_missed(console: Console, text: str) -> None:
    """A scam that nothing spoke against, and the command by which an analyst tells of it."""
    before, _, link = text.rpartition(" ")
    address = defang(link)
    console.print(f"[bold magenta]MISSED SCAM[/]  on no list, and nothing in it to see; an analyst tells of it:\n"
                  f"  “{escape(before)} {escape(address)}”\n  [dim]saring feedback {escape(address)} missed[/]",
                  soft_wrap=True)  # fmt: skip


def figures(tally: Tally, rate: float, metrics: str) -> str:
    """The figures of the moment in two lines."""
    finished = max(1, sum(tally.outcomes.values()))
    share = 100 * tally.outcomes["clean"] / finished
    latency = tally.latency(0.99)
    p99 = f" · alert p99 {latency * 1000:,.0f} ms" if latency is not None else ""
    others = "".join(f" · {kind} {number:,}" for kind, number in sorted(tally.others.items()))
    return (
        f"── {rate:,.0f} messages/s · clean {share:.1f} % · flagged {tally.alerts['automatic']:,} · "
        f"review {tally.alerts['review']:,} · skipped {tally.outcomes['skipped']:,} · "
        f"dead {tally.outcomes['dead']:,}{others}{p99}\n── {planted(tally)}metrics {metrics}"
    )


def planted(tally: Tally) -> str:
    """How the planted messages fared; nothing where the feed has none."""
    scams, caught = tally.caught("scam")
    harmless, wrong = tally.caught("harmless")
    if not scams and not harmless:
        return ""
    return (
        f"planted scams {scams}: caught {caught}, missed {scams - caught} · "
        f"harmless look-alikes {harmless}: flagged {wrong} · "
    )
