"""What one worker has told of in this hour, so that ten thousand copies of a link are a handful of sightings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

Made = TypeVar("Made")
Named = TypeVar("Named")

HOUR_MS: Final = 3_600_000
SINGLY: Final = 64  # sightings of one link in an hour that are told one by one, if users differ
MOST: Final = 200_000  # links remembered; at about 300 bytes each
MOST_PAIRS: Final = 500_000  # of a link and a speaker; at about 80 bytes each


class Told:
    """Counts by link and speaker for one hour of one worker. Forgetting is harmless: something is told twice."""

    __slots__ = ("_hour", "_last", "_pairs", "_pending", "_totals")

    def __init__(self) -> None:
        self._hour = 0
        self._last: dict[tuple[str, int], int] = {}
        self._totals: dict[str, int | str] = {}  # of a link that was seen once: by whom
        self._pairs: set[int] = set()  # hashes: the names would take four times the memory
        self._pending: dict[str, int] = {}

    def begin(self, topic: str, partition: int, first: int, last: int, timestamp: int) -> None:
        """Note a chunk of one partition by its first and last offset and its last timestamp. Records that come again
        were not delivered: they must be told again."""
        place = (topic, partition)
        hour = timestamp // HOUR_MS
        full = len(self._totals) > MOST or len(self._pairs) > MOST_PAIRS
        if full or hour > self._hour or first <= self._last.get(place, -1):
            self._hour = max(hour, self._hour)
            self._totals.clear()
            self._pairs.clear()
            self._pending.clear()
        self._last[place] = last

    def count(self, key: str, speaker: str) -> int:
        """How many sightings to tell of now: 0 for one that is only counted, and told with a later one."""
        totals = self._totals
        total = totals.get(key)
        if total is None:  # as three of five: no more is remembered than needed, should it come again
            totals[key] = speaker
            return 1
        if isinstance(total, str):
            self._pairs.add(hash((key, total)))
            total = 1
        pair = hash((key, speaker))
        total = totals[key] = total + 1
        if total <= SINGLY and pair not in self._pairs:
            self._pairs.add(pair)
        elif total & (total - 1):  # only powers of two are told: the count stays right within a factor of two
            self._pending[key] = self._pending.get(key, 0) + 1
            return 0
        return 1 + self._pending.pop(key, 0) if self._pending else 1


class Remembered(dict[str, Made]):
    """The answers of a function, up to a bound; a dict, as asking one costs a tenth of calling anything."""

    __slots__ = ("_make", "_most")

    def __init__(self, make: Callable[[str], Made], most: int = 50_000) -> None:
        super().__init__()
        self._make, self._most = make, most

    def __missing__(self, name: str) -> Made:
        if len(self) >= self._most:
            self.clear()
        made = self[name] = self._make(name)
        return made


class Numbered(dict[Named, int]):
    """Names in order of appearance, each with its number."""

    __slots__ = ()

    def __missing__(self, name: Named) -> int:
        number = self[name] = len(self)
        return number
