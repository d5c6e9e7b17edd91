"""Generated files are what their source says; written by hand, the next run would undo it."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.generate import generated

FILES = generated()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_committed_as_generated(path: Path) -> None:
    assert path.read_text("utf-8") == FILES[path], "run: python -m deploy.generate"
