"""What a shadow check would have raised, joined with what is known of it since."""

from __future__ import annotations

import pytest

from stream.feedback import Feedback, Word
from stream.precision import Case, interval, measured


def word(key: str, verdict: Word, *, sampled: bool = True, at: str = "2026-11-20T00:00:00Z") -> Feedback:
    return Feedback(
        id=f"{key}{at}",
        case_id="",
        verdict=verdict,
        scope="host",
        kind="host",
        key=key,
        by="ana",
        at=at,
        sampled=sampled,
    )


CASES = [Case(f"c{n}", f"h{n}.example/x") for n in range(4)]


def test_volume_overlap_and_later_listing_count_cases_once() -> None:
    said = [Case("c0", "h0.example/x"), Case("c1", "h1.example/x", listed=True), Case("other", "z.example/")]
    [one] = measured({"odd_port": [*CASES, CASES[0]]}, said, [])
    assert (one.would_raise, one.raised_anyway, one.listed_later, one.judged) == (4, 2, 1, 0)
    assert one.precision is None


def test_only_sampled_words_count_and_the_last_one_stands() -> None:
    words = [
        word("h0.example", "true"),
        word("h1.example", "missed"),
        word("h2.example", "true"),
        word("h2.example", "false", at="2026-11-21T00:00:00Z"),
        word("h3.example", "false", sampled=False),
    ]
    [one] = measured({"odd_port": CASES}, [], words)
    assert (one.judged, one.scams) == (3, 2)
    assert one.precision == pytest.approx(2 / 3)
    assert one.low < 2 / 3 < one.high


def test_a_word_of_doubt_is_none() -> None:
    [one] = measured({"odd_port": CASES}, [], [word("h0.example", "unsure")])
    assert one.judged == 0


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 100, 0.0, 0.037), (100, 100, 0.963, 1.0), (5, 10, 0.237, 0.763)],
)
def test_intervals(hits: int, trials: int, low: float, high: float) -> None:
    assert interval(hits, trials) == pytest.approx((low, high), abs=0.001)
