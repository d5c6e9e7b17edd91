"""Whose crates the native part is made of is said where licences and dependencies are."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCK = tomllib.loads((ROOT / "native" / "Cargo.lock").read_text("utf-8"))
OURS = tomllib.loads((ROOT / "native" / "Cargo.toml").read_text("utf-8"))
LOCKED = [each["name"] for each in LOCK["package"] if "source" in each]


def names(page: str) -> set[str]:
    return set(re.findall(r"[a-z0-9_-]+", (ROOT / page).read_text("utf-8")))


@pytest.mark.parametrize("crate", LOCKED)
def test_notice_names_every_crate(crate: str) -> None:
    assert crate in names("NOTICE")


@pytest.mark.parametrize("crate", OURS["dependencies"])
def test_architecture_says_what_each_is_for(crate: str) -> None:
    assert re.search(
        rf"^\| [^|]*\b{crate}\b[^|]* \| .+ \|$", (ROOT / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE
    )
