from collections.abc import Callable, Mapping, Sequence, Set

from stream.outcome import Outcome

class Look:
    def __init__(
        self,
        *,
        odd: tuple[str, str, str],
        cut_off: Set[str],
        tops: Set[str],
        words: Sequence[tuple[str, bool, Sequence[Sequence[Sequence[str]]]]],
        plain: str,
        foreign: str,
        bounds: tuple[int, int, int],
        cues: tuple[int, int],
    ) -> None: ...
    def __call__(self, texts: Sequence[str]) -> list[str | tuple[int, ...] | None]: ...

class Shortcut:
    def __init__(
        self,
        look: Look,
        *,
        made: tuple[object, object, object, object, object],
        source: tuple[str, str, str],
        surface_bits: int,
        longest_value: int,
        latest: int,
        most: int,
    ) -> None: ...
    def learn(
        self,
        address: str,
        judged: tuple[object, object, object, object, object, object],
        sighted: tuple[str, bytes, int, tuple[str, int] | None] | None,
    ) -> None: ...
    def __call__(self, records: Sequence[object], rows: Rows | None = None) -> list[Outcome | None]: ...

class Memory:
    def __init__(self, person_of: Callable[[str], bytes], channel_of: Callable[[str], int]) -> None: ...
    def begin(self, topic: str, partition: int, first: int, last: int, timestamp: int) -> None: ...
    def count(self, key: str, speaker: str) -> int: ...

class Rows:
    def __init__(self, memory: Memory, numbers: Mapping[str, int], offset: int, timestamp: int) -> None: ...
    @property
    def links(self) -> int: ...
    @property
    def live(self) -> dict[str, int]: ...
    def buckets(self) -> list[tuple[bytes, bytes, int]]: ...
