"""What happens while the demo plays: alerts are shown as they come, figures are kept fresh, the list changes twice,
and an analyst tells of a scam that was missed."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rich.live import Live

from agents.cli.output import json_line
from agents.demo import props, view
from agents.demo.feed import text_of
from agents.demo.run import Stage
from agents.demo.tally import Tally

SHOWN_SECONDS = 0.5  # between two alerts on the screen: faster cannot be read
LATE_AT, MISSED_AT, WITHDRAWN_AT = 0.4, 0.5, 0.7  # of the time played
WHOLE_SECONDS = 15.0  # in so much time everything has its turn
WORD_SECONDS = 20.0


@dataclass
class Screen:
    """The state of the view. `seconds` is how long the feed plays; 0 means that the list does not change."""

    stage: Stage
    live: Live
    as_json: bool
    seconds: float
    began: float = field(default_factory=time.monotonic)
    first_alert: float | None = None
    first_finished: float | None = None
    shown: float = 0.0
    cues: list[tuple[float, Callable[[], None]]] = field(init=False)
    word: subprocess.Popen[bytes] | None = None  # the analyst's command

    def __post_init__(self) -> None:
        lists = self.stage.lists
        self.cues = [
            (LATE_AT * self.seconds, lambda: props.list_late_entries(lists)),
            (MISSED_AT * self.seconds, self._tell_of_missed),
            (WITHDRAWN_AT * self.seconds, lambda: props.withdraw_one(lists)),
        ] if self.seconds else []  # fmt: skip

    def alert(self, value: dict[str, Any]) -> None:
        """Show an alert: every one as JSON, for people as many as can be read, and all late and withdrawn ones."""
        now = time.monotonic()
        if self.first_alert is None:
            self.first_alert = now - self.began
        if self.as_json:
            json_line(value)
        elif value["type"] != "flagged" or (value["tier"] == "automatic" and now - self.shown > SHOWN_SECONDS):
            self.shown = now
            view.show_alert(self.live.console, value)

    def _tell_of_missed(self) -> None:
        text = text_of(props.MISSED)
        self.word = self.stage.run("feedback", text.split()[-1], "missed", "--yes", "--by", "analyst", "--json")
        if not self.as_json:
            view.show_missed(self.live.console, text)

    def told(self) -> bool:
        """Whether the analyst's word was written; waits for a command that still runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.word is not None and self.word.wait(WORD_SECONDS) == 0
        return False

    def complete(self, tally: Tally) -> bool:
        """Whether all that was planted was shown; a play too short for it promises nothing."""
        return self.seconds < WHOLE_SECONDS or all(tally.others[kind] for kind in ("late", "retracted", "campaign"))

    def idle(self, tally: Tally) -> None:
        """A few times a second: the next cue, and fresh figures."""
        if tally.ledger and self.first_finished is None:
            self.first_finished = time.monotonic()
        playing = time.monotonic() - (self.first_finished or time.monotonic())
        while self.cues and playing > self.cues[0][0]:
            self.cues.pop(0)[1]()
        self.live.update(self.figures(tally))

    def figures(self, tally: Tally) -> str:
        """The figures of the moment; the rate counts from the first finished message on."""
        elapsed = time.monotonic() - (self.first_finished or time.monotonic())
        return view.figures(tally, tally.ledger / elapsed if elapsed > 0.5 else 0.0, self.stage.metrics)
