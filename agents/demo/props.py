"""What the demo puts on its stage: settings without foreign feeds, and a list of its own that changes meanwhile."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Final

from config.feeds import default_feeds

SOURCE: Final = "kawan"
STAND_INS: Final = ("shop.example", "top.example", "my-id.example", "vip.test")  # for cheap and for false suffixes
LATE: Final = "late"  # entries of this feed come while the demo runs


def write_settings(folder: Path, lists: Path) -> Path:
    """The settings file of the demo; the public feeds are off, so nothing leaves this machine."""
    off = "".join(f"[feeds.{name}]\nenabled = false\n" for name in default_feeds())
    suffixes = ", ".join(f'"{suffix}"' for suffix in ("example", "test", "invalid", *STAND_INS))
    path = folder / "saring.toml"
    path.write_text(
        f"[kafka]\ncheck_crcs = false\n[sources.{SOURCE}]\ntopic = 'messages'\n[links]\nextra_suffixes = [{suffixes}]\n[logs]\nlevel = 'error'\n"
        f"{off}[feeds.demo]\nurl = '{lists.as_uri()}'\nformat = 'tsv'\ninterval_seconds = 1\n",
        "utf-8",
    )
    return path


def feed_file(folder: Path) -> Path:
    """The demo's list as it is at the start, without the late entries."""
    path = folder / "lists.tsv"
    path.write_text("".join(line for line in _lines() if not line.startswith(LATE)), "utf-8")
    return path


def list_late_entries(path: Path) -> None:
    """Let the late entries appear in the list."""
    path.write_text("".join(_lines()), "utf-8")


def _lines() -> list[str]:
    return resources.files("config").joinpath("demo", "lists.tsv").read_text("utf-8").splitlines(keepends=True)
