"""The checks that are there: each module in `host/`, `link/` and `message/`, by file name. No list is kept anywhere."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import stream.checks.host
import stream.checks.link
import stream.checks.message
from stream.cues import ALWAYS
from stream.model import Finding, Host, HostFacts, Link, Message

if TYPE_CHECKING:
    from types import ModuleType

    from stream.rules import Rules

HostCheck: TypeAlias = "Callable[[Host, Rules], Finding | None]"
LinkCheck: TypeAlias = "Callable[[Link, HostFacts, Rules], Finding | None]"
MessageCheck: TypeAlias = "Callable[[Link, Message, HostFacts, Rules], Finding | None]"


class Checks(NamedTuple):
    """All checks by name, in alphabetical order, each with the cues that it needs (`stream/cues.py`)."""

    host: tuple[tuple[str, HostCheck, int], ...]
    link: tuple[tuple[str, LinkCheck, int], ...]
    message: tuple[tuple[str, MessageCheck, int], ...]

    def kinds(self) -> dict[str, str]:
        """What each check looks at (`host`, `link` or `message`) by its name."""
        return {name: kind for kind, checks in self._asdict().items() for name, *_ in checks}


@cache
def load() -> Checks:
    """Import every check once and return them all."""
    return Checks(*map(_found, (stream.checks.host, stream.checks.link, stream.checks.message)))


def _found(package: ModuleType) -> tuple[tuple[str, Any, int], ...]:
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = [(name, importlib.import_module(f"{package.__name__}.{name}")) for name in names]
    return tuple((name, module.check, getattr(module, "NEEDS", ALWAYS)) for name, module in modules)
