"""What a worker notes about the records it is judging, where its supervisor can still read it after a crash."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from agents.kafka.values import Chunk


class Page(Protocol):
    """Notes the range in hand, and knows the ranges that ended a process before."""

    def hold(self, chunks: Sequence[Chunk]) -> None:
        """These records are judged now."""

    def release(self) -> None:
        """Judging ended, whatever its result."""

    def parts(self, chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
        """The chunks as they must be judged: all together, or suspects one record at a time."""

    def deaths(self, chunks: Sequence[Chunk]) -> int:
        """How many processes this record ended, once that is enough not to try it again; else 0."""


class NoPage:
    """A worker without a supervisor: nothing is noted, nothing is suspect."""

    def hold(self, chunks: Sequence[Chunk]) -> None:
        """Nothing."""

    def release(self) -> None:
        """Nothing."""

    def parts(self, chunks: Sequence[Chunk]) -> Iterator[Sequence[Chunk]]:
        """All together."""
        yield chunks

    def deaths(self, chunks: Sequence[Chunk]) -> int:
        """None."""
        return 0
