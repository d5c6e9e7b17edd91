"""Feedback v1: an analyst's word on one alert or link, and what follows from it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from stream.alert import Time
from stream.lists.entries import Action, Entry, EntryKind, covers_host, covers_rest, host_of
from stream.model import ListHit

Word: TypeAlias = Literal["false", "true", "missed", "unsure"]
Scope: TypeAlias = Literal["host", "url", "domain"]
LinkName: TypeAlias = tuple[str, str]  # key and registrable domain

SCHEMA: Final = "saring.feedback.v1"
LOCAL: Final = "local"  # the feed name of entries made by hand
_ACTIONS: Final[dict[Word, Action]] = {"false": "allow", "missed": "block"}


class Feedback(Struct, frozen=True, kw_only=True):
    """One word of one person. `kind` and `key` are what it extends to, as a list entry would say it."""

    id: str
    case_id: str  # of the alert; for a missed link the id of nothing yet, so empty
    verdict: Word
    scope: Scope
    kind: EntryKind
    key: Annotated[str, Meta(min_length=1)]
    by: Annotated[str, Meta(min_length=1)]
    at: Time
    expires_at: str = ""  # when the entry ends; empty = never
    note: Annotated[str, Meta(max_length=500)] = ""
    sampled: bool = False  # from a random sample: only these may be counted into precision
    schema: Literal["saring.feedback.v1"] = "saring.feedback.v1"


class Reach(Struct, frozen=True):
    """What a word extends to."""

    kind: EntryKind
    key: str


_decoder: Final = msgspec.json.Decoder(Feedback)


def decode(value: bytes | None) -> Feedback | None:
    """The feedback; None for bytes that are none."""
    try:
        return _decoder.decode(value or b"")
    except msgspec.DecodeError:
        return None


def encode(feedback: Feedback) -> bytes:
    """The record's bytes."""
    return msgspec.json.encode(feedback)


def new_id(case: str, by: str, at: str) -> str:
    """The id of a word: the same when a command is repeated within its second."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"saring:feedback:{case}:{by}:{at}"))


def reach(scope: Scope, link: LinkName, group: tuple[str, str]) -> Reach | None:
    """What a word on a link extends to: by default its host, its tenant on a platform, its address on a shortener;
    None where the scope does not exist for it, such as the domain of an address by number."""
    kind, key = group
    if scope == "domain":
        return Reach("domain", link[1]) if link[1] else None
    if scope == "url" or kind == "url":
        return Reach("url", link[0])
    host, slash, path = key.partition("/")
    return Reach("prefix", key) if slash and path else Reach("host", host)


def entry_of(feedback: Feedback) -> Entry | None:
    """The entry that a word makes; None for words that only count."""
    action = _ACTIONS.get(feedback.verdict)
    if action is None:
        return None
    return Entry(
        LOCAL, feedback.kind, feedback.key, action, "phishing", feedback.at, feedback.expires_at, feedback.note
    )


def covers(feedback: Feedback, link_key: str) -> bool:
    """Whether the word extends to a link."""
    host, _, rest = link_key.partition("/")
    if not covers_host(feedback.kind, host_of(feedback.key), host):
        return False
    listed = "/" + feedback.key.partition("/")[2]
    return feedback.kind in ("host", "domain") or covers_rest(feedback.kind, listed, "/" + rest)


def needs_second(feedback: Feedback, hits: Iterable[ListHit]) -> str:
    """Why another person has to say the same before it counts; empty when one is enough."""
    if entry_of(feedback) is None:
        return ""
    if feedback.scope == "domain":
        return "it covers a whole domain"
    lists = sorted({hit.feed for hit in hits if hit.feed != LOCAL and hit.action == "block"})
    return f"it contradicts {', '.join(lists)}" if feedback.verdict == "false" and lists else ""


def seconded(feedback: Feedback, others: Sequence[Feedback]) -> bool:
    """Whether somebody else said the same of the same."""
    return any(
        other.by != feedback.by
        and (other.verdict, other.kind, other.key) == (feedback.verdict, feedback.kind, feedback.key)
        for other in others
    )


def overruled(feedback: Feedback, others: Sequence[Feedback]) -> bool:
    """Whether something else was said of the same later: the last word counts."""
    return any(
        other.at > feedback.at and (other.kind, other.key) == (feedback.kind, feedback.key)
        and other.verdict != feedback.verdict and other.verdict != "unsure"
        for other in others
    )  # fmt: skip


class Shown(NamedTuple):
    """The part of an alert that an effect is counted from."""

    id: str
    case_id: str
    type: str
    key: str


def retracts(feedback: Feedback, said: Iterable[Shown]) -> int:
    """How many alerts a word would take back: cases that it extends to and that stand by the rule for consumers."""
    standing: dict[str, bool] = {}
    known: set[str] = set()
    for each in said:
        if each.id not in known and covers(feedback, each.key):
            known.add(each.id)
            standing[each.case_id] = each.type != "retracted"
    return sum(standing.values()) if feedback.verdict == "false" else 0


def effect(feedback: Feedback, taken_back: int, why_second: str) -> str:
    """What a word leads to, in a sentence."""
    until = f" until {feedback.expires_at[:10]}" if feedback.expires_at else ""
    what = f"{feedback.kind} {feedback.key}"
    if feedback.verdict == "false":
        text = f"will allow {what}{until} and retract {taken_back} alerts"
    elif feedback.verdict == "missed":
        text = f"will block {what}{until} and raise late alerts for what was seen in the last 72 hours"
    else:
        return "will be counted; nothing is allowed, blocked or retracted"
    return f"{text}, once a second person says the same: {why_second}" if why_second else text
