"""The pack of shared hosts as one value."""

from __future__ import annotations

import tomllib
from importlib import resources

from stream.platforms import Platforms


def load_platforms() -> Platforms:
    """Shorteners, messengers, shared platforms and popular sites from `packs/platforms.toml`."""
    text = resources.files("config").joinpath("packs/platforms.toml").read_text(encoding="utf-8")
    words = {name: value.split() for name, value in tomllib.loads(text).items()}
    by_host, by_path = frozenset(words["by_host"]), frozenset(words["by_path"])
    kinds = dict.fromkeys(words["popular"], "popular")
    kinds |= dict.fromkeys(by_path, "platform")
    kinds |= dict.fromkeys(words["messenger"], "messenger") | dict.fromkeys(words["shortener"], "shortener")
    return Platforms(kinds, by_host, by_path, frozenset(words["machine_named"]))
