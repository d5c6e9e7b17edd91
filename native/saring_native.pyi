from collections.abc import Callable, Mapping, Sequence, Set
from typing import Self, final

from stream.model import Finding, FoundLink, Guard, HostFacts, Link, Message, Record, Verdict
from stream.outcome import Judged, Outcome

__all__ = ["Look", "Memory", "Rows", "Shortcut"]

@final
class Look:
    def __new__(
        cls,
        *,
        odd: tuple[str, str, str],
        cut_off: Set[str],
        tops: Set[str],
        words: Sequence[tuple[str, bool, Sequence[Sequence[Sequence[str]]]]],
        plain: str,
        foreign: str,
        bounds: tuple[int, int, int],
        cues: tuple[int, int],
    ) -> Self: ...
    def __call__(self, texts: Sequence[str]) -> list[str | tuple[int, ...] | None]: ...

@final
class Shortcut:
    def __new__(
        cls,
        look: Look,
        *,
        made: tuple[type[Message], type[FoundLink], type[Judged], type[Outcome], Outcome],
        source: tuple[str, str, str],
        surface_bits: int,
        longest_value: int,
        usual: tuple[int, bool, Sequence[str]],
        most: tuple[int, int],
    ) -> Self: ...
    def learn(
        self,
        address: str,
        judged: tuple[Link, HostFacts, Verdict | None, Sequence[Finding], Sequence[Finding], tuple[Guard, ...]],
        sighted: tuple[str, bytes, int, tuple[str, int] | None] | None,
    ) -> None: ...
    def learn_text(
        self,
        text: str,
        lang: str,
        said: tuple[tuple[Judged, ...], tuple[int, int, tuple[str, bytes, int, tuple[str, int] | None]] | None] | None,
    ) -> None: ...
    def __call__(self, records: Sequence[Record], rows: Rows | None = None) -> list[Outcome | None]: ...

@final
class Memory:
    def __new__(cls, person_of: Callable[[str], bytes], channel_of: Callable[[str], int]) -> Self: ...
    def begin(self, topic: str, partition: int, first: int, last: int, timestamp: int) -> None: ...
    def count(self, key: str, speaker: str) -> int: ...

@final
class Rows:
    def __new__(cls, memory: Memory, numbers: Mapping[str, int], offset: int, timestamp: int) -> Self: ...
    @property
    def links(self) -> int: ...
    @property
    def live(self) -> dict[str, int]: ...
    def buckets(self) -> list[tuple[bytes, bytes, int]]: ...
