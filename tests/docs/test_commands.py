"""Every command that a page names exists, with the options that it is given there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from agents.cli.main import create

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
PROGRAM = typer.main.get_command(create())


def named(text: str) -> Iterator[str]:
    """What stands between backticks or on a line of a block, from `saring` on."""
    yield from re.findall(r"`((?:\.venv/bin/)?saring [^`\n]+)`", text)
    for block in re.findall(r"^```(?:sh|bash|console)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        yield from re.findall(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?saring .+$", block, re.MULTILINE)


def missing(line: str) -> str:
    """What the line says that the program does not know; empty when all is known."""
    words = shlex.split(line.split("saring ", 1)[1].split("#")[0].split("|")[0].replace("…", " "), posix=False)
    command: Any = PROGRAM
    while hasattr(command, "commands") and words and not words[0].startswith(("-", "…")):
        if words[0] not in command.commands:
            return words[0]
        command, words = command.commands[words[0]], words[1:]
    known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)} | {"--help"}
    options = [re.split(r"[=,.)\]]", word.lstrip("["))[0] for word in words if word.lstrip("[").startswith("-")]
    return " ".join(option for option in options if option not in known and option not in ("-", "--"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_exist(page: Path) -> None:
    lines = sorted(set(named(page.read_text("utf-8"))))
    assert {line: what for line in lines if (what := missing(line))} == {}


@pytest.mark.parametrize("line", ["saring worker --proceses 2", "saring lists undo", "saring watch"])
def test_a_command_that_does_not_exist_is_seen(line: str) -> None:
    assert missing(line)
