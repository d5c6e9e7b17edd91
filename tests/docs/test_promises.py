"""What the documents point at exists: files, commands, make targets, settings."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agents.cli.main import create

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)")
_COMMAND = re.compile(r"(?:`|\$ )saring ((?:[a-z]+[ \n]?)+)")
_TARGET = re.compile(r"(?:`|\$ )make ([a-z][a-z-]*)")
_OPTION = re.compile(r"`saring ([a-z]+(?: [a-z]+)?)[^`]*?(--[a-z][a-z-]+)")
GROUPS = frozenset(("lists", "checks", "config", "bench", "ledger", "suffixes"))


def found(pattern: re.Pattern[str]) -> list[tuple[str, tuple[str, ...]]]:
    return sorted({
        (str(path.relative_to(ROOT)), match.groups())
        for path in DOCUMENTS
        for match in pattern.finditer(path.read_text("utf-8"))
    }, key=str)  # fmt: skip


def slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip("# \n").lower()).replace(" ", "-")


@pytest.mark.parametrize(("document", "target"), found(_LINK))
def test_links_lead_somewhere(document: str, target: tuple[str, str | None]) -> None:
    path, heading = target
    file = (ROOT / document).parent / path
    assert file.exists(), f"{document} links to {path}"
    if heading:
        headings = [line for line in file.read_text("utf-8").splitlines() if line.startswith("#")]
        assert heading in map(slug, headings), f"{document} links to {path}#{heading}"


@cache
def words(name: str = "") -> str:
    """The help of a command; empty when there is no such command."""
    asked = CliRunner().invoke(create(), [*name.split(), "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    return asked.stdout if asked.exit_code == 0 else ""


def commands() -> list[str]:
    named = {" ".join(match[0].split()[:2]) for _, match in found(_COMMAND)}
    return sorted({name if name.split()[0] in GROUPS else name.split()[0] for name in named})


@pytest.mark.parametrize("name", commands())
def test_commands_that_documents_name_exist(name: str) -> None:
    assert words(name), f"there is no `saring {name}`"


def test_targets_that_documents_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {match[0] for _, match in found(_TARGET)}
    assert named
    assert sorted(name for name in named if f"\n{name}:" not in makefile) == []


@pytest.mark.parametrize(("command", "option"), sorted({match for _, match in found(_OPTION)}))
def test_options_that_documents_name_exist(command: str, option: str) -> None:
    name = command if command.split()[0] in GROUPS else command.split()[0]
    assert option in words(name), f"`saring {name}` has no {option}"
