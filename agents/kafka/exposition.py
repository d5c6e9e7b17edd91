"""The metrics pages of several processes as one page, each sample with a `process` label."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?(\s+\S+.*)$")


def merge(pages: Mapping[str, str]) -> str:
    """One page in Prometheus' text format; families stay together, as the format demands."""
    headers: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for process, page in pages.items():
        family = ""
        for line in page.splitlines():
            if line.startswith("# ") and len(words := line.split(" ", 3)) > 2:
                family = words[2]
                lines = headers.setdefault(family, [])
                if line not in lines:
                    lines.append(line)
            elif match := _SAMPLE.match(line):
                samples.setdefault(family or match[1], []).append(_labelled(match, process))
    families = [*headers, *(family for family in samples if family not in headers)]
    return "".join(f"{line}\n" for family in families for line in (*headers.get(family, ()), *samples.get(family, ())))


def _labelled(match: re.Match[str], process: str) -> str:
    name, labels, value = match.groups()
    inner = f'process="{process}"' + (f",{labels}" if labels else "")
    return f"{name}{{{inner}}}{value}"
