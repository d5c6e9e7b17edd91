"""The rights that are printed suffice for what each role reads and writes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from agents import connect, retro
from agents.app import OUTPUTS
from agents.kafka.acls import Rule, kinds, rules
from config.load import load
from tests.support.secured import granted

SCRIPT = Path(__file__).parents[2] / "deploy" / "kafka" / "acls.sh"
ROLES = ("scan", "keeper", "retro", "campaigns")


@pytest.mark.parametrize("role", ROLES)
def test_printed_rights_cover_the_role(role: str) -> None:
    settings = load(None, {}).settings
    command = ["sh", str(SCRIPT)]
    printed = subprocess.run(command, env={"PATH": "/bin:/usr/bin"}, capture_output=True, text=True, check=True).stdout
    has = set(granted(printed, role))
    needs = rules(role, connect.topics(settings), ["messages"], connect.group(settings, role))
    assert [rule for rule in needs if not any(_covers(each, rule) for each in has)] == []


def _covers(given: Rule, needed: Rule) -> bool:
    named = needed.name.startswith(given.name) if given.prefix else needed.name == given.name
    return named and (given.kind, given.operation) == (needed.kind, needed.operation)


def test_roles_read_and_write_what_they_are_said_to() -> None:
    assert set(OUTPUTS) <= kinds("scan")
    assert {*retro.READS, *retro.WRITES} <= kinds("retro")
