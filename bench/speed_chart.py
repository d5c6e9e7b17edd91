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
    "core": "Saring's line, every check on",
    "worker": "Saring's whole worker on Kafka",
    "stock_faust_no_op": "stock Faust, nothing done",
    "quixstreams_no_op": "quixstreams, nothing done",
    "bytewax_no_op": "bytewax, nothing done",
    "popular_parts": "urlextract + tldextract + a set",
}
_OURS: Final = frozenset(("core", "worker", "saring_transport_no_op"))
_IDLE: Final = frozenset(
    ("raw_client", "saring_transport_no_op", "stock_faust_no_op", "quixstreams_no_op", "bytewax_no_op")
)  # no message is looked at
_LEFT, _WIDTH, _ROW, _TOP, _WHOLE = 262, 380, 30, 62, 720
_LEAST = 3  # the scale begins at 10**3
_INK, _PALE, _GREEN, _GREY = "#1f2933", "#66727d", "#0b7a58", "#a3adb5"


def chart(figures: Mapping[str, Any]) -> str:
    """An SVG of bars on a logarithmic scale, the fastest first; what does no work is drawn pale."""
    known: dict[str, Any] = {**figures["peers"], "core": figures["core"], "worker": figures.get("worker")}
    rates = {name: known[name]["messages_per_second"] for name in NAMES if known.get(name)}
    ordered = sorted(rates.items(), key=lambda each: -each[1])
    most = max(_LEAST + 1, math.ceil(math.log10(max(rates.values(), default=1))))
    bottom = _TOP + _ROW * len(ordered)
    height = bottom + 34
    bars = "".join(_bar(at, name, rate, most) for at, (name, rate) in enumerate(ordered))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WHOLE} {height}" width="{_WHOLE}" height="{height}" '
        'font-family="system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif" font-size="13" '
        'role="img" aria-label="Messages a second of one process">'
        f'<rect width="{_WHOLE}" height="{height}" rx="8" fill="#fff"/>{_head()}{_grid(most, bottom)}{bars}</svg>\n'
    )


def _head() -> str:
    return (
        f'<text x="20" y="28" font-size="16" font-weight="600" fill="{_INK}">Messages a second, one process</text>'
        f'<text x="20" y="47" fill="{_PALE}">logarithmic scale; pale: passes messages on without looking at them</text>'
    )


def _grid(most: int, bottom: int) -> str:
    lines = ""
    for power in range(_LEAST, most + 1):
        x = _x(10**power, most)
        lines += f'<path d="M{x} {_TOP - 4}V{bottom}" stroke="#e3e7ea"/>'
        lines += f'<text x="{x}" y="{bottom + 18}" text-anchor="middle" fill="{_PALE}">{10**power:,}</text>'
    return lines


def _bar(at: int, name: str, rate: float, most: int) -> str:
    y, end = _TOP + at * _ROW, _x(rate, most)
    ours, pale = name in _OURS, 0.5 if name in _IDLE else 1
    weight = ' font-weight="600"' if ours else ""
    return (
        f'<text x="{_LEFT - 10}" y="{y + 18}" text-anchor="end" fill="{_INK}"{weight}>{escape(NAMES[name])}</text>'
        f'<rect x="{_LEFT}" y="{y + 4}" width="{max(2, end - _LEFT)}" height="20" rx="2" '
        f'fill="{_GREEN if ours else _GREY}" fill-opacity="{pale}"/>'
        f'<text x="{max(end, _LEFT + 2) + 7}" y="{y + 18}" fill="{_INK}"{weight} '
        f'stroke="#fff" stroke-width="3" paint-order="stroke">{rate:,.0f}</text>'
    )


def _x(rate: float, most: int) -> int:
    """Where a rate ends."""
    return _LEFT + round(_WIDTH * max(0.0, math.log10(rate) - _LEAST) / (most - _LEAST))


if __name__ == "__main__":
    sys.stdout.write(chart(json.load(sys.stdin)))
