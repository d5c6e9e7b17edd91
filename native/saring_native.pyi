from collections.abc import Sequence, Set

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
