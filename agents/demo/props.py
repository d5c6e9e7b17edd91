"""What the demo puts on its stage: settings without foreign feeds, and a list of its own that changes meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Final

from config.feeds import default_feeds

SOURCE: Final = "kawan"
STAND_INS: Final = ("shop.example", "top.example", "my-id.example", "vip.test")  # for cheap and for false suffixes
LATE: Final = "late"  # entries of this feed come while the demo runs
MISSED: Final = "m-88218986"  # a planted scam on no list that reads like ordinary chat: an analyst tells of it
NEVER_TOLD: Final = "m-88219450"  # another, of which nobody tells


def write_settings(folder: Path, lists: Path) -> Path:
    """The settings file of the demo; the public feeds are off, so nothing leaves this machine."""
    settings: dict[str, dict[str, object]] = {f"feeds.{name}": {"enabled": False} for name in default_feeds()}
    settings |= {
        "kafka": {"check_crcs": False},
        f"sources.{SOURCE}": {"topic": "messages"},
        "links": {"extra_suffixes": ["example", "test", "invalid", *STAND_INS]},
        "logs": {"level": "error"},
        "feeds.demo": {"url": lists.as_uri(), "format": "tsv", "interval_seconds": 1},
    }
    path = folder / "saring.toml"
    path.write_text("".join(map(_table, settings, settings.values())), "utf-8")
    return path


def _table(name: str, values: Mapping[str, object]) -> str:
    """A TOML table; for names, numbers, truth values and lists of names JSON writes the same."""
    return f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def feed_file(folder: Path) -> Path:
    """The demo's list as it is at the start, without the late entries."""
    path = folder / "lists.tsv"
    path.write_text("".join(line for line in _lines() if not line.startswith(LATE)), "utf-8")
    return path


def list_late_entries(path: Path) -> None:
    """Let the late entries appear in the list."""
    path.write_text("".join(_lines()), "utf-8")


def withdraw_one(path: Path) -> None:
    """Take the first of the late entries back, as a publisher does who was wrong."""
    lines = _lines()
    lines.remove(next(line for line in lines if line.startswith(LATE)))
    path.write_text("".join(lines), "utf-8")


def _lines() -> list[str]:
    return resources.files("config").joinpath("demo", "lists.tsv").read_text("utf-8").splitlines(keepends=True)
