"""Now, as every record of the lists topics spells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now_text() -> str:
    """RFC 3339 in UTC with seconds."""
    return text_of(datetime.now(UTC))


def text_of(moment: datetime) -> str:
    """The moment in the one spelling in which times can be compared as texts."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def moment_of(text: str) -> datetime:
    """The moment of a text that `text_of` wrote."""
    return datetime.fromisoformat(text)


def in_seconds(seconds: float) -> str:
    """The text of the moment that many seconds from now."""
    return text_of(datetime.now(UTC) + timedelta(seconds=seconds))


def age_seconds(text: str) -> float:
    """Seconds since a moment; none at all for an empty text."""
    return (datetime.now(UTC) - moment_of(text)).total_seconds() if text else 0.0
