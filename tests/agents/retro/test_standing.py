"""What stands of a case, and what a word takes back: tables."""

from __future__ import annotations

import pytest

from agents.lookback.back import last_standing
from agents.lookback.desk import TYPES, Statement, stand
from stream.feedback import Feedback, Shown, retracts

# Types in the order in which they were said, all in the automatic tier; the tier that stands, and how many alerts do.
SAID = {
    "flagged": ("automatic", 1),
    "flagged retracted": ("none", 0),
    "flagged retracted flagged": ("none", 0),  # a crash repeated it, under the id that readers have
    "flagged retracted late": ("automatic", 1),
    "late": ("automatic", 1),
    "campaign": ("automatic", 1),
    "campaign retracted": ("none", 0),
    "campaign retracted campaign": ("none", 0),  # a restart forgets, and counts it again
}


@pytest.mark.parametrize("said", SAID)
def test_stand(said: str) -> None:
    case = [Statement(1, time, time, 0, 0, TYPES.index(kind)) for time, kind in enumerate(said.split())]
    assert (stand(case).tier, len(last_standing(case))) == SAID[said]


@pytest.mark.parametrize("said", SAID)
def test_the_effect_that_is_shown_counts_what_stands(said: str) -> None:
    word = Feedback(id="w", case_id="1", verdict="false", scope="host", kind="host", key="kelab.test", by="aida",
                    at="2026-11-23T00:00:00Z")  # fmt: skip
    shown = [Shown(kind, "1", kind, "kelab.test/jadual") for kind in said.split()]
    assert retracts(word, shown) == SAID[said][1]


def test_a_word_on_another_host_takes_nothing_back() -> None:
    word = Feedback(id="w", case_id="1", verdict="false", scope="host", kind="host", key="lain.test", by="aida",
                    at="2026-11-23T00:00:00Z")  # fmt: skip
    assert retracts(word, [Shown("a", "1", "campaign", "kelab.test/jadual")]) == 0
