"""A list given as a file: any format, packed or not, compiled once."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import cramjam
import pytest

from agents.feeds import load
from agents.feeds.load import read_lists_file
from agents.feeds.unpack import PackedError, open_any, unpacked
from stream.canonical import canonicalize
from tests.support.lists_lab import found

PLAIN = b"scam.test\nhttps://page.test/pay\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "bz2": bz2.compress,
    "zstd": lambda data: bytes(cramjam.zstd.compress(data)),
}


@pytest.mark.parametrize("name", PACKERS)
def test_packed_or_not(name: str, tmp_path: Path) -> None:
    path = tmp_path / "my.list"
    path.write_bytes(PACKERS[name](PLAIN))
    lists = read_lists_file(path, canonicalize)
    assert found(lists, "a.scam.test/x") == [("my", "scam.test")]
    assert found(lists, "page.test/pay?x") == [("my", "page.test/pay")]
    assert lists.snapshot
    assert lists.checked == 1
    with open_any(path) as lines:
        assert list(lines) == PLAIN.splitlines(keepends=True)


@pytest.mark.parametrize("name", sorted(set(PACKERS) - {"plain"}))
def test_an_archive_that_is_cut_off_or_too_large_is_refused(name: str) -> None:
    packed = PACKERS[name](PLAIN * 10_000)
    with pytest.raises(PackedError):
        unpacked(packed[: len(packed) // 2], 10_000_000)
    with pytest.raises(PackedError, match="more than 1000 bytes"):
        unpacked(packed, 1000)


def test_a_large_file_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "big.txt"
    path.write_bytes(b"".join(b"scam%d.test\n" % number for number in range(80_000)))
    first = read_lists_file(path, canonicalize, tmp_path / "cache")
    [cached] = (tmp_path / "cache").rglob("*.list")
    written = cached.stat().st_mtime_ns
    again = read_lists_file(path, canonicalize, tmp_path / "cache")
    assert cached.stat().st_mtime_ns == written
    assert found(first, "scam7.test") == found(again, "scam7.test") == [("big", "scam7.test")]
    cached.write_bytes(b"broken")
    assert found(read_lists_file(path, canonicalize, tmp_path / "cache"), "scam7.test")
    assert cached.stat().st_size > 100


def test_a_file_that_is_no_list_is_an_error_and_not_an_empty_list(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(b"<html><body>404</body></html>")
    with pytest.raises(ValueError, match="web page"):
        load.read_lists_file(path, canonicalize)
