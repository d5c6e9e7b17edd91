"""Which offsets may be committed: only a prefix of what was handed out, and only when it is finished.

Faust's own rule commits past an unfinished message (its guard is off by one, missing before the first commit, and
confused by offset gaps), so nothing of it is used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agents.kafka.values import Partition


@dataclass(slots=True)
class _Track:
    begun: int  # where reading began
    next: int  # offset expected to be handed out next
    done: int  # one past the finished prefix
    committed: int | None  # as the broker has it, as far as we know
    open: deque[int] = field(default_factory=deque)  # last offsets of what was handed out, in order
    finished: set[int] = field(default_factory=set)

    def ahead(self) -> int:
        """How far the finished prefix is from what is committed; reading nothing leaves no first offset behind."""
        return self.done - (self.begun if self.committed is None else self.committed)


class Progress:
    """Book-keeping of the partitions this process owns, from assignment to revocation."""

    def __init__(self) -> None:
        self._tracks: dict[Partition, _Track] = {}

    def begin(self, partition: Partition, position: int, committed: int | None) -> None:
        """Start reading at a position; one above the committed offset is committed even if no record ever comes."""
        self._tracks[partition] = _Track(position, position, position, committed)

    def forget(self, partitions: Iterable[Partition]) -> None:
        """Drop what is no longer ours; whoever reads it next starts at the committed offset."""
        for partition in partitions:
            self._tracks.pop(partition, None)

    def owns(self, partition: Partition) -> bool:
        """Whether reading of the partition has begun and was not given up."""
        return partition in self._tracks

    def expected(self, partition: Partition) -> int:
        """The offset that follows the last one handed out."""
        return self._tracks[partition].next

    def hand_out(self, partition: Partition, last: int) -> None:
        """Records up to `last` go to work, after everything handed out before."""
        track = self._tracks[partition]
        track.open.append(last)
        track.next = last + 1

    def finish(self, partition: Partition, last: int) -> None:
        """What ended at `last` was acknowledged; unknown work (of a former assignment) is ignored."""
        track = self._tracks.get(partition)
        if track is None or last not in track.open:
            return
        track.finished.add(last)
        while track.open and track.open[0] in track.finished:
            first = track.open.popleft()
            track.finished.discard(first)
            track.done = first + 1

    def committable(self) -> dict[Partition, int]:
        """Next offset to read after a restart, for each partition where it moved since the last commit."""
        return {partition: track.done for partition, track in self._tracks.items() if track.ahead()}

    def uncommitted(self) -> int:
        """Offsets that are finished and, as far as we know, not committed: what a crash now would repeat."""
        return sum(max(0, track.ahead()) for track in self._tracks.values())

    def committed(self, offsets: Mapping[Partition, int]) -> None:
        """The broker accepted these offsets."""
        for partition, offset in offsets.items():
            if track := self._tracks.get(partition):
                track.committed = offset

    def finished(self) -> dict[Partition, int]:
        """One past the finished prefix, or where reading began, for each partition."""
        return {partition: track.done for partition, track in self._tracks.items()}

    def unfinished(self) -> int:
        """How many pieces of work are handed out and not finished."""
        return sum(len(track.open) - len(track.finished) for track in self._tracks.values())

    def skip(self, partition: Partition, position: int) -> None:
        """What lay before the position no longer exists: go on there, after everything handed out before.

        The position is committed even if no record ever comes, or the lag would never reach zero again.
        """
        if position > self._tracks[partition].next:
            self.hand_out(partition, position - 1)
            self.finish(partition, position - 1)
        else:  # the log was cut at its end, and what was handed out from there never happened
            self.begin(partition, position, self._tracks[partition].committed)
