"""Only a finished prefix of what was handed out may be committed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.kafka.progress import Progress
from agents.kafka.values import Partition

P = Partition("messages", 0)


def _progress(position: int = 0, committed: int | None = None, handed_out: tuple[int, ...] = ()) -> Progress:
    progress = Progress()
    progress.begin(P, position, committed)
    for last in handed_out:
        progress.hand_out(P, last)
    return progress


@pytest.mark.parametrize(
    ("position", "committed", "handed_out", "finished", "expected"),
    [
        (0, None, (), (), None),  # reading nothing leaves no first offset behind
        (0, None, (4,), (), None),
        (0, None, (4,), (4,), 5),
        (0, None, (4, 9), (9,), None),  # Faust commits 10 here: without a first commit it has no guard
        (100, 100, (100, 103), (103,), None),  # and 104 here: its guard is off by one
        (100, 100, (100, 103), (100,), 101),
        (100, 100, (100, 103), (103, 100), 104),
        (7, 5, (), (), 7),  # 5 and 6 have expired: said so, so that the lag can reach zero
        (0, None, (5, 16), (16,), None),  # a hole at 6..15 is no reason to pass over 5
        (0, None, (5, 16), (5, 16), 17),
    ],
)
def test_committable(
    position: int, committed: int | None, handed_out: tuple[int, ...], finished: tuple[int, ...], expected: int | None
) -> None:
    progress = _progress(position, committed, handed_out)
    for last in finished:
        progress.finish(P, last)
    assert progress.committable().get(P) == expected


def test_a_refused_commit_is_tried_again() -> None:
    progress = _progress(handed_out=(4,))
    progress.finish(P, 4)
    assert progress.committable() == {P: 5}
    assert progress.committable() == {P: 5}
    progress.committed({P: 5})
    assert progress.committable() == {}


@pytest.mark.parametrize(
    ("position", "committed", "finished", "uncommitted"),
    [
        (0, None, (), 0),
        (0, None, (104,), 0),  # behind something unfinished
        (0, None, (102, 104), 105),
        (100, 100, (102,), 3),
        (100, 100, (102, 104), 5),
        (100, 120, (102,), 0),  # the log lost its end: read again from before the commit
    ],
)
def test_uncommitted(position: int, committed: int | None, finished: tuple[int, ...], uncommitted: int) -> None:
    progress = _progress(position, committed, (102, 104))
    for last in finished:
        progress.finish(P, last)
    assert progress.uncommitted() == uncommitted
    progress.committed(progress.committable())
    assert progress.uncommitted() == 0


def test_work_of_a_former_assignment_counts_for_nothing() -> None:
    progress = _progress(handed_out=(4,))
    progress.forget([P])
    progress.finish(P, 4)
    assert progress.committable() == {}
    progress.begin(P, 0, None)
    progress.finish(P, 4)
    assert progress.committable() == {}


def test_skipping_waits_for_what_is_in_hand() -> None:
    progress = _progress(handed_out=(4,))
    progress.skip(P, 50)
    assert progress.committable() == {}
    progress.finish(P, 4)
    assert progress.committable() == {P: 50}
    assert progress.expected(P) == 50


def test_a_log_cut_at_its_end_is_read_from_there() -> None:
    progress = _progress(100, 100, (120,))
    progress.finish(P, 120)
    progress.skip(P, 90)
    assert (progress.expected(P), progress.committable()) == (90, {P: 90})


@given(st.permutations(range(12)), st.integers(0, 12))
def test_never_past_an_unfinished_piece(order: list[int], count: int) -> None:
    progress = _progress(handed_out=tuple(range(9, 129, 10)))  # twelve pieces of ten records
    done = order[:count]
    for piece in done:
        progress.finish(P, piece * 10 + 9)
    prefix = next((piece for piece in range(12) if piece not in done), 12)
    assert progress.committable() == ({P: prefix * 10} if prefix else {})
    assert progress.unfinished() == 12 - prefix - sum(piece > prefix for piece in done)
