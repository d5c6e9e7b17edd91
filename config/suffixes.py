"""The public suffix list for this process: the refreshed file in the cache directory, else tldextract's snapshot."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Final

from stream.suffixes import RESERVED, Suffixes, from_lines

URL: Final = "https://publicsuffix.org/list/public_suffix_list.dat"
FILE_NAME: Final = "public_suffix_list.dat"
_FEWEST_RULES: Final = 8000  # the list has had more than this since 2016; less is an error page or half a file


def load_suffixes(extra: Iterable[str] = RESERVED, cache_dir: Path | None = None) -> Suffixes:
    """Suffixes plus `extra` names; a refreshed list in `cache_dir` wins over the one that came with tldextract."""
    refreshed = cache_dir / FILE_NAME if cache_dir else None
    if refreshed is not None and refreshed.is_file():
        return from_lines(refreshed.read_text(encoding="utf-8").splitlines(), extra)
    return from_lines(snapshot_text().splitlines(), extra)


def snapshot_text() -> str:
    """The public suffix list as tldextract's wheel carries it."""
    return resources.files("tldextract").joinpath(".tld_set_snapshot").read_text(encoding="utf-8")


def save_refreshed(text: str, cache_dir: Path) -> int:
    """Keep a freshly fetched list for the next start and return its number of rules; ValueError if it is not one.

    Fetching is the caller's: `URL` is where the list lives.
    """
    rules = len(from_lines(text.splitlines(), ()).rules)
    if rules < _FEWEST_RULES or "===BEGIN ICANN DOMAINS===" not in text:
        raise ValueError(f"not a public suffix list: {rules} rules")
    cache_dir.mkdir(parents=True, exist_ok=True)
    aside = cache_dir / f"{FILE_NAME}.{os.getpid()}"
    aside.write_text(text, encoding="utf-8")
    aside.replace(cache_dir / FILE_NAME)
    return rules
