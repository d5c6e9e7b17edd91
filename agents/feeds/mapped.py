"""Compiled lists on disk: mapped, checked against their hash, written aside and put in place whole."""

from __future__ import annotations

import hashlib
import mmap
import os
import tempfile
from pathlib import Path

from stream.lists.layer import BrokenError, Layer


def open_layer(path: Path) -> Layer:
    """The compiled set in a file, mapped: processes that open the same file share its pages."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            raise BrokenError("not a compiled list: empty file")
        return Layer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def sha256_of(path: Path) -> str:
    """The hash of a file's content, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_whole(path: Path, data: bytes) -> None:
    """The file with this content or as it was before: written aside, flushed to disk, renamed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
