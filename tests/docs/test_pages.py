"""What the pages point at exists: files, headings, make targets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
_TARGET = re.compile(r"(?:`|\$ )make ([a-z][a-z-]*)")


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere."""
    links = _LINK.findall(page.read_text("utf-8"))
    return [
        f"{path}#{heading}" for path, heading in links if not _leads_on(page.parent / path if path else page, heading)
    ]


def _leads_on(file: Path, heading: str) -> bool:
    if not file.exists():
        return False
    lines = file.read_text("utf-8").splitlines() if heading else []
    return not heading or heading in (_slug(line) for line in lines if line.startswith("#"))


def _slug(heading: str) -> str:
    """The anchor that the usual renderers make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip("# \n").lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page) == []


def test_a_link_to_nowhere_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One two\n[a](#one-two) [b](page.md#one-two) [c](#three) [d](none.md)\n")
    assert broken(page) == ["#three", "none.md#"]


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {name for page in PAGES for name in _TARGET.findall(page.read_text("utf-8"))}
    assert "test" in named
    assert sorted(name for name in named if f"\n{name}:" not in makefile) == []
