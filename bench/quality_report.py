"""The figures of `saring bench quality` as tables in Markdown and as a plot."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

Report: TypeAlias = Mapping[str, Any]

_LEFT, _TOP, _WIDTH, _HEIGHT = 60, 20, 560, 320
_LOWEST, _HIGHEST = 1e-5, 1e-1  # false-alert rates on the plot
_COLOURS: Final = {"clean": "#1b6ca8", "labelled": "#b8602f"}


def tables(report: Report) -> Iterator[str]:
    """Every figure, one table after the other, in the order in which to read them."""
    yield f"{report['messages']:,} messages, {report['links']:,} links, {report['seconds']:.0f} s"
    yield from _ranked(report)
    yield from _shipped(report["shipped"])
    yield from _gates(report["gates"])
    yield from _carried(report["carried"])
    yield from _per_day(report["clean"]["per_million_messages"])
    yield from _checks(report["checks"])
    yield from _brand_alone(report["brand_alone"])
    yield from _ablation(report["ablation"])
    yield from _slices("Flagged share of parts", "part", report["slices"])
    yield from _slices(
        "False alerts on a source, threshold set without it",
        "source",
        {row["source"]: {name: row[name] for name in row if name != "source"} for row in report["sources_left_out"]},
    )
    yield from _languages("By language", report["languages"])
    for name, rows in report["gate_languages"].items():
        yield from _languages(f"By language, {name} of the gates", rows)
    yield from _swapped(report["swapped"])
    yield from _calibration(report["calibration"]["bins"])
    yield "\nBest fit to these messages: offset {offset:.2f}, slope {slope:.2f}".format(**report["calibration"])
    yield from _false_alerts(report["false_alerts"])


def _ranked(report: Report) -> Iterator[str]:
    rates = [point["rate"] for point in report["clean"]["all_links"]]
    yield from _head("Recall at false alerts per message", ["labels, tier", *(f"{rate:.2%}" for rate in rates)])
    for labels in ("clean", "labelled"):
        for tier in ("all_links", "automatic"):
            points = report[labels][tier]
            cells = (f"{p['recall']:.1%} [{p['low']:.0%}-{p['high']:.0%}]" for p in points)
            yield _row([f"{labels} ({report[labels]['positives']}), {tier.replace('_', ' ')}", *cells])


def _shipped(tiers: Report) -> Iterator[str]:
    yield from _head("Tiers of the default settings", ["tier", "recall", "false alerts", "per million messages"])
    for name, row in tiers.items():
        yield _row([name, f"{row['recall']:.1%}", row["false_alerts"], row["per_million"]])


def _gates(gates: Sequence[Report]) -> Iterator[str]:
    yield from _head("Gates", ["gate", "messages", "automatic", "any tier", "share", "95 % bound", "asked", "holds"])
    for gate in gates:
        asked = f"<= {gate['most']:.1%}" if gate["most"] is not None else f">= {gate['least']:.0%}"
        counts = [gate["name"], gate["messages"], gate["automatic"], gate["any_tier"]]
        yield _row(
            [*counts, f"{gate['share']:.2%}", f"{gate['upper_bound']:.2%}", asked, "yes" if gate["passed"] else "NO"]
        )


def _carried(rows: Sequence[Report]) -> Iterator[str]:
    yield from _head("Threshold set on one half, seen on the other", ["rate", "set on half", "false alerts", "recall"])
    for row in rows:
        yield _row([f"{row['rate']:.2%}", row["set_on"], f"{row['false_alert_rate']:.4%}", f"{row['recall']:.1%}"])


def _per_day(rows: Sequence[Report]) -> Iterator[str]:
    title = "Alerts a day at a million messages, true + false"
    yield from _head(title, ["threshold", "0.01 % scams", "0.1 % scams", "0.5 % scams"])
    for rate in dict.fromkeys(row["rate"] for row in rows):
        cells = (f"{row['true']} + {row['false']}" for row in rows if row["rate"] == rate)
        yield _row([f"{rate:.2%}", *cells])


def _checks(checks: Report) -> Iterator[str]:
    yield from _head("Each check by itself", ["check", "mode", "messages", "scams", "precision"])
    for name, row in checks.items():
        yield _row([f"`{name}`", row["mode"], row["messages"], row["scams"], f"{row['precision']:.1%}"])


def _ablation(rows: Report) -> Iterator[str]:
    yield from _head("Recall without a check", ["without", *(f"{float(rate):.2%}" for rate in rows["none"])])
    for name, recalls in rows.items():
        yield _row([name, *(f"{recall:.1%}" for recall in recalls.values())])


def _slices(title: str, of: str, rows: Report) -> Iterator[str]:
    rates = [name for name in next(iter(rows.values()), {}) if name != "messages"]
    yield from _head(title, [of, "messages", *(f"{float(rate):.2%}" for rate in rates)])
    for name, row in rows.items():
        digits = 1 if name.startswith("scam") else 3
        yield _row([name, row["messages"], *(f"{row[rate]:.{digits}%}" for rate in rates)])


def _languages(title: str, rows: Sequence[Report]) -> Iterator[str]:
    yield from _head(title, ["language", "messages", "automatic", "automatic or review"])
    for row in rows:
        side = "scam" if row["label"] else "harmless"
        yield _row([f"{row['language']}, {side}", row["messages"], *_shares(row)])


def _brand_alone(sets: Report) -> Iterator[str]:
    title = "Automatic alerts that rest on a brand in the host alone"
    yield from _head(title, ["set", "messages", "scams raised", "harmless raised"])
    for name, row in sets.items():
        yield _row([name, f"{row['messages']:,}", row["scams"], row["harmless"]])


def _swapped(rows: Sequence[Report]) -> Iterator[str]:
    yield from _head("Texts and links swapped", ["message", "messages", "automatic", "automatic or review"])
    for row in rows:
        yield _row([row["set"], row["messages"], *_shares(row)])


def _shares(row: Report) -> Iterator[str]:
    for tier in ("automatic", "any_tier"):
        low, high = row[f"{tier}_interval"]
        yield f"{row[tier]}: {row[tier] / row['messages']:.2%} [{low:.2%}-{high:.2%}]"


def _calibration(rows: Sequence[Report]) -> Iterator[str]:
    yield from _head("Probability told and seen", ["told from", "to", "messages", "told", "seen"])
    for row in rows:
        yield _row([row["from"], row["to"], row["messages"], f"{row['predicted']:.2%}", f"{row['seen']:.2%}"])


def _false_alerts(rows: Sequence[Report]) -> Iterator[str]:
    yield from _head("Harmless messages with the highest sums", ["sum", "link", "findings", "text"])
    for row in rows:
        findings = ", ".join(f"{name} {weight:+}" for name, weight in row["findings"].items())
        yield _row([row["sum"], row["link"][:80], findings, row["text"][:120].replace("\n", " ").replace("|", "/")])


def _head(title: str, names: Sequence[str]) -> Iterator[str]:
    yield f"\n**{title}**\n"
    yield _row(names)
    yield _row(["---"] * len(names))


def _row(cells: Iterable[object]) -> str:
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def plot(report: Report, path: Path) -> None:
    """Recall against the rate of false alerts as an SVG: no library draws one that is as small."""
    path.write_text("\n".join(["".join(_frame()), *_curves(report), "</svg>\n"]), encoding="utf-8")


def _curves(report: Report) -> Iterator[str]:
    for number, (labels, colour) in enumerate(_COLOURS.items()):
        points = " ".join(f"{_x(rate):.1f},{_y(recall):.1f}" for rate, recall in report[labels]["curve"])
        yield f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        at = _TOP + 18 + 18 * number
        yield f'<text x="{_LEFT + 12}" y="{at}" fill="{colour}">{labels} labels</text>'


def _frame() -> Iterator[str]:
    size = f"{_LEFT + _WIDTH + 20} {_TOP + _HEIGHT + 50}"
    yield f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="12">\n'
    yield f'<rect width="{_LEFT + _WIDTH + 20}" height="{_TOP + _HEIGHT + 50}" fill="#fff"/>\n'
    for exponent in range(-5, 0):
        x = _x(10**exponent)
        yield f'<path d="M{x:.1f} {_TOP}V{_TOP + _HEIGHT}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 16}" text-anchor="middle">{10**exponent:.3%}</text>\n'
    for tenth in range(0, 11, 2):
        y = _y(tenth / 10)
        yield f'<path d="M{_LEFT} {y:.1f}H{_LEFT + _WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{tenth * 10} %</text>\n'
    middle = _LEFT + _WIDTH / 2
    yield f'<text x="{middle}" y="{_TOP + _HEIGHT + 38}" text-anchor="middle">false alerts per message</text>\n'
    yield f'<text x="{_LEFT + 12}" y="{_TOP + _HEIGHT - 10}">recall of scam messages</text>'


def _x(rate: float) -> float:
    share = (math.log10(max(rate, _LOWEST)) - math.log10(_LOWEST)) / (math.log10(_HIGHEST) - math.log10(_LOWEST))
    return _LEFT + _WIDTH * min(1.0, share)


def _y(recall: float) -> float:
    return _TOP + _HEIGHT * (1 - recall)
