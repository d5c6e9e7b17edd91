"""`saring check`: the verdict on a text and its reasons, without Kafka."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape

from agents.cli.options import Config, Json, settings_or_exit
from agents.cli.output import FLAGGED, OK, UNREADABLE, USAGE, complain, for_people, json_line, out
from config.settings import Settings
from stream.model import Finding
from stream.outcome import Judged, Outcome
from stream.pipeline import Scanner
from stream.redact import defang

CHUNK = 500


class Line(msgspec.Struct, frozen=True, gc=False):
    """An input line in the place of a Kafka record."""

    value: bytes
    offset: int
    topic: str = ""
    partition: int = 0
    timestamp: int = 0
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes]] = ()


class _Named(msgspec.Struct):
    id: str | int | None = None


def check(
    text: Annotated[
        str, typer.Argument(metavar="[TEXT|FILE|-]", help="A text, a file, or - for standard input.")
    ] = "-",
    lists: Annotated[
        Path | None, typer.Option(help="Block list to judge with: hosts, URLs, or any feed format.")
    ] = None,
    events: Annotated[
        bool, typer.Option("--events", help="Read message events, one JSON a line; answer each.")
    ] = False,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Judge a text: every link in it, the findings on each, the verdict.

    Exit code: 0 clean, 1 flagged, 2 wrong usage or settings, 3 unreadable input. With --events a line of JSON comes
    back for every event, clean ones too.
    """
    settings = settings_or_exit(config).settings
    scanner = _scanner(settings, lists)
    topic = next(iter(settings.sources.values())).topic
    if events:
        raise typer.Exit(_events(_lines(text), scanner, topic))
    raise typer.Exit(_text(_whole(text), scanner, topic, for_people(as_json)))


def _scanner(settings: Settings, lists: Path | None) -> Scanner:
    from agents.feeds.load import read_lists_file
    from config.rules import rules_from
    from stream.canonical import canonicalizer
    from stream.lists.memory import NO_LISTS
    from stream.pipeline import scanner

    rules = rules_from(settings)
    if lists is None:
        return scanner(rules, NO_LISTS)
    try:
        return scanner(rules, read_lists_file(lists, canonicalizer(rules.suffixes)))
    except (OSError, ValueError) as error:
        complain(f"{lists}: {error}")
        raise typer.Exit(USAGE) from None


def _whole(text: str) -> bytes:
    if text == "-":
        return sys.stdin.buffer.read()
    return Path(text).read_bytes() if _is_file(text) else text.encode("utf-8", "surrogateescape")


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL: a text
        return False


def _lines(text: str) -> Iterator[bytes]:
    from agents.feeds.load import open_any

    if text == "-":
        yield from sys.stdin.buffer
    elif not _is_file(text):
        complain(f"{text}: no such file; --events reads a file or standard input (-)")
        raise typer.Exit(UNREADABLE)
    else:
        with open_any(Path(text)) as file:
            yield from file


def _events(lines: Iterator[bytes], scanner: Scanner, topic: str) -> int:
    flagged = dead = False
    offset = 0
    while batch := list(islice(lines, CHUNK)):
        records = [Line(value.rstrip(b"\r\n"), offset + at, topic) for at, value in enumerate(batch)]
        offset += len(records)
        for record, outcome in zip(records, scanner(records), strict=True):
            json_line(_answer(_id(record.value), outcome))
            flagged |= outcome.kind == "flagged"
            dead |= outcome.kind == "dead"
    return FLAGGED if flagged else UNREADABLE if dead else OK


def _id(value: bytes) -> str | None:
    try:
        name = msgspec.json.decode(value, type=_Named).id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if name is None else str(name)


def _answer(name: str | None, outcome: Outcome) -> dict[str, Any]:
    tiers = {judged.verdict.tier for judged in outcome.judged if judged.verdict}
    tier = next((tier for tier in ("automatic", "review") if tier in tiers), "none")
    answer: dict[str, Any] = {
        "id": name,
        "outcome": outcome.kind,
        "tier": tier,
        "alert": tier == "automatic",
        "probability": max((_probability(judged) for judged in outcome.judged), default=0.0),
        "links": [_link(judged) for judged in outcome.judged],
    }
    if outcome.reason:
        answer |= {"reason": outcome.reason, "field": outcome.field}
    return answer


def _probability(judged: Judged) -> float:
    return judged.verdict.probability if judged.verdict else 0.0


def _link(judged: Judged) -> dict[str, Any]:
    found, link, verdict = judged.found, judged.link, judged.verdict
    return {
        "raw": found.raw,
        "span": None if found.found_in == "given" else [found.start, found.end],
        "url": found.url,
        "key": link.key,
        "host": link.host,
        "registrable_domain": link.registrable or None,
        "rewrites": found.rewrites,
        "tier": verdict.tier if verdict else "none",
        "probability": _probability(judged),
        "findings": judged.live,
        "shadow": judged.shadow,
        "guards": verdict.guards if verdict else judged.vetoes,
    }


def _text(value: bytes, scanner: Scanner, topic: str, people: bool) -> int:
    try:
        event = msgspec.json.encode({"text": value.decode()})
    except UnicodeDecodeError as error:
        complain(f"the input is not UTF-8 (byte {error.start})")
        return UNREADABLE
    [outcome] = scanner([Line(event, 0, topic)])
    if people:
        _show(outcome)
    else:
        json_line(_answer(None, outcome))
    return FLAGGED if outcome.kind == "flagged" else UNREADABLE if outcome.kind == "dead" else OK


def _show(outcome: Outcome) -> None:
    if outcome.reason:
        out.print(f"[yellow]{outcome.kind}[/]: {outcome.reason} ({outcome.field or 'message'})")
    if not outcome.judged:
        out.print("[green]clean[/]: no link in it")
    for judged in outcome.judged:
        _show_link(judged)
    for alert in outcome.alerts:
        out.print(f"\n{escape(alert.explanation)}")


def _show_link(judged: Judged) -> None:
    verdict = judged.verdict
    tier = verdict.tier if verdict else "none"
    word = {"automatic": "[bold red]flagged[/]", "review": "[yellow]review[/]", "none": "[green]clean[/]"}[tier]
    shown = escape(defang(judged.found.url))
    out.print(f"{word}  {_probability(judged):.3f}  {shown}")
    _show_findings(judged.live, "")
    _show_findings(judged.shadow, " (shadow)")
    for guard in verdict.guards if verdict else judged.vetoes:
        out.print(f"   guard  {guard.guard}: {escape(guard.detail)}")


def _show_findings(findings: Iterable[Finding], mark: str) -> None:
    for finding in findings:
        out.print(f"   {finding.weight:+5.1f}  [bold]{finding.check}[/]{mark}: {escape(finding.reason)}")
