"""Where a process keeps what it can always make again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def cache_root(cache_dir: Path | None) -> Path:
    """The configured directory, else one of the user's own under the system's temporary directory."""
    if cache_dir is None:
        cache_dir = Path(tempfile.gettempdir()) / f"saring-{os.getuid()}"
    cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if cache_dir.stat().st_uid != os.getuid():
        raise PermissionError(f"{cache_dir} belongs to another user: set cache_dir")
    return cache_dir
