from collections.abc import Callable, Mapping, Sequence, Set
from typing import Self, final, overload

from stream.model import Finding, FoundLink, Guard, HostFacts, Link, Message, Record, Verdict
from stream.outcome import Judged, Outcome
from stream.reading import Reading
from stream.sightings import Sighted

__all__ = ["Look", "Memory", "Records", "Rows", "Shortcut"]

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
        made: tuple[type[Message], type[FoundLink], type[Judged], type[Outcome]],
        sighted_of: Callable[[Judged], Sighted],
        source: tuple[str, str],
        longest_value: int,
        usual: tuple[int, bool, Sequence[tuple[str, str, int]]],
        most: tuple[int, int, int],
    ) -> Self: ...
    def learn(
        self,
        address: str,
        judged: tuple[Link, HostFacts, Verdict | None, Sequence[Finding], Sequence[Finding], tuple[Guard, ...]],
    ) -> bool: ...
    def learn_clean(
        self,
        text: str,
        lang: str,
        surface_bits: int,
        judged: tuple[Judged, ...],
        links: Sequence[tuple[int, int, Sighted]],
    ) -> None: ...
    def learn_told(self, text: str, lang: str, surface_bits: int, said: tuple[Reading, list[Judged]]) -> None: ...
    def __call__(
        self, records: Sequence[Record], rows: Rows | None = None
    ) -> tuple[list[int], list[tuple[int, Outcome]], list[tuple[int, Message, tuple[Reading, list[Judged]]]]]: ...

@final
class Records(Sequence[Record]):
    @staticmethod
    def unpacked(
        source: tuple[Callable[..., Record], str, int],
        fetched: bytes,
        between: tuple[int, int],
        body: bytes | None,
        least: int,
    ) -> Records | None: ...
    @staticmethod
    def joined(parts: Sequence[Records]) -> Records: ...
    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, asked: int, /) -> Record: ...
    @overload
    def __getitem__(self, asked: slice, /) -> Records: ...
    @property
    def offset(self) -> int: ...
    def timestamps(self) -> bytes: ...

@final
class Memory:
    def __new__(cls, person_of: Callable[[str], bytes], channel_of: Callable[[str], int]) -> Self: ...
    def begin(self, topic: str, partition: int, first: int, last: int, timestamp: int) -> None: ...
    def count(self, key: str, speaker: str) -> int: ...

@final
class Rows:
    def __new__(
        cls,
        memory: Memory,
        numbers: tuple[Mapping[tuple[str, str], int], Mapping[str, int]],
        case_of: Callable[[tuple[str, int, int], str], bytes],
        offset: int,
        timestamp: int,
    ) -> Self: ...
    @property
    def links(self) -> int: ...
    @property
    def counted(self) -> list[dict[str, int]]: ...
    def buckets(self) -> list[tuple[bytes, bytes, int]]: ...
