"""What `saring checks` does: which checks there are, in which mode, and the brakes on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from msgspec import Struct

from agents import connect
from agents.feeds.clock import in_seconds, now_text
from agents.feeds.desired import Desired, after
from agents.feeds.naming import span_seconds
from agents.feeds.orders import lift, order
from agents.feeds.wire import Control, Lifted, control_key
from agents.kafka.connection import Connection
from agents.kafka.reader import read
from config.settings import Settings
from stream import feedback
from stream.checks.load import load
from stream.lists.match import CHECK as LISTED
from stream.precision import Case, Measured, measured
from stream.score import CHECK as MODEL

CONTROL: Final = "check"


class CheckState(Struct, frozen=True):
    """One check: its mode by the settings, and the brake on it if there is one."""

    check: str
    kind: str
    mode: str
    off_until: str = ""
    off_by: str = ""


@dataclass(frozen=True, slots=True)
class ChecksDesk:
    """Reads and writes the controls of checks; nothing connects before it is asked."""

    settings: Settings
    connection: Connection
    by: str

    async def states(self) -> list[CheckState]:
        """Every check there is, by name."""
        brakes = {control.name: control for control in await self._brakes()}
        return [self._state(name, kind, brakes.get(name)) for name, kind in sorted(names().items())]

    def _state(self, name: str, kind: str, brake: Control | None) -> CheckState:
        mode = self.settings.checks.get(name, "shadow")
        until = (brake.expires_at or "lifted by hand") if brake else ""
        return CheckState(name, kind, mode, until, brake.by if brake else "")

    async def measured(self) -> tuple[Measured, ...]:
        """What each shadow check would have raised, joined with what was raised, listed or said since."""
        topics = connect.topics(self.settings)
        shadow: dict[str, list[Case]] = {}
        for record in await read(self.connection, [topics["shadow"]]):
            if record.key and (case := _case(record.value)):
                shadow.setdefault(record.key.decode(), []).append(case)
        said = await read(self.connection, [topics["alerts"], topics["review"]])
        words = await read(self.connection, [topics["feedback"]])
        cases = filter(None, (_case(record.value) for record in said))
        return measured(shadow, cases, filter(None, (feedback.decode(record.value) for record in words)))

    async def switch_off(self, name: str, span: str, note: str) -> str:
        """Switch a check off everywhere; raises LookupError when there is none of that name."""
        _known(name)
        expires_at = in_seconds(span_seconds(span)) if span else ""
        await order(self.connection, self._topic, Control(CONTROL, name, self.by, now_text(), "", note, expires_at))
        return f"{name} is off everywhere within ten seconds{f', until {expires_at}' if expires_at else ''}"

    async def switch_on(self, name: str, note: str) -> str:
        """Lift the brake; the check is again in the mode that the settings name."""
        _known(name)
        await lift(self.connection, self._topic, control_key(CONTROL, name), Lifted(self.by, now_text(), note))
        return f"{name} is {self.settings.checks.get(name, 'shadow')} again"

    @property
    def _topic(self) -> str:
        return connect.topics(self.settings)["entries"]

    async def _brakes(self) -> list[Control]:
        topics = connect.topics(self.settings)
        records = await read(self.connection, [topics["entries"]])
        desired = after(Desired(), records, topics["lists"], topics["entries"])
        return [control for control in desired.in_force(now_text()) if control.control == CONTROL]


class _Link(Struct):
    key: str


class _Alert(Struct):
    case_id: str
    type: str
    basis: str
    link: _Link


_alerts: Final = msgspec.json.Decoder(_Alert)


def _case(value: bytes | None) -> Case | None:
    """The case of an alert; None for a record that is none, such as that of a campaign."""
    try:
        alert = _alerts.decode(value or b"")
    except msgspec.DecodeError:
        return None
    return Case(alert.case_id, alert.link.key, alert.type == "late" or alert.basis != "inferred")


def names() -> dict[str, str]:
    """Every name that findings can carry, with what it looks at."""
    return load().kinds() | {LISTED: "lists", MODEL: "model"}


def _known(name: str) -> None:
    if name not in names():
        raise LookupError(f"there is no check {name}; saring checks status names them")
