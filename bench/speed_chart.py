"""The README's chart: `saring bench speed --json | python -m bench.speed_chart > docs/speed.svg`."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from html import escape
from typing import Any, Final

NAMES: Final = {
    "raw_client": "raw Kafka client, nothing done",
    "saring_transport_no_op": "Saring's delivery, nothing done",
    "core": "Saring's line, one core, every check on",
    "worker": "Saring's whole worker on Kafka",
    "stock_faust_no_op": "stock Faust, nothing done",
    "popular_parts": "urlextract + tldextract + a set",
}
_OURS: Final = frozenset(("core", "worker", "saring_transport_no_op"))
_LEFT, _WIDTH, _ROW = 270, 360, 26


def chart(figures: Mapping[str, Any]) -> str:
    """An SVG of bars on a logarithmic scale, the fastest first."""
    known: dict[str, Any] = {**figures["peers"], "core": figures["core"], "worker": figures.get("worker")}
    rates = {name: known[name]["messages_per_second"] for name in NAMES if known.get(name)}
    ordered = sorted(rates.items(), key=lambda each: -each[1])
    top = math.log10(max(rates.values(), default=10)) - 2
    rows = "".join(_bar(at, name, rate, (math.log10(rate) - 2) / top) for at, (name, rate) in enumerate(ordered))
    height = _ROW * len(ordered) + 34
    size = f'viewBox="0 0 720 {height}" font-family="sans-serif" font-size="13"'
    below = f'<text x="10" y="{height - 8}" fill="#666">messages a second and process, logarithmic scale</text>'
    paper = f'<rect width="720" height="{height}" fill="#fff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{paper}{rows}{below}</svg>\n'


def _bar(at: int, name: str, rate: float, share: float) -> str:
    y, width = 8 + at * _ROW, max(2, round(_WIDTH * share))
    colour = "#0b6e4f" if name in _OURS else "#9aa5a0"
    return (
        f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end" fill="#222">{escape(NAMES[name])}</text>'
        f'<rect x="{_LEFT}" y="{y}" width="{width}" height="18" fill="{colour}"/>'
        f'<text x="{_LEFT + width + 6}" y="{y + 14}" fill="#222">{rate:,.0f}</text>'
    )


if __name__ == "__main__":
    sys.stdout.write(chart(json.load(sys.stdin)))
