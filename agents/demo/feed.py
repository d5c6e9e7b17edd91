"""What the demo plays: our sample feed in endless variation, or a file of message events."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

SEED = 20250101
ODD_EVERY = 60  # one broken or skip-worthy record among so many


@dataclass(frozen=True, slots=True)
class Event:
    """One record to send. `planted` is "scam", "harmless", "campaign" or empty; `name` tells planted ones apart."""

    value: bytes
    key: bytes
    planted: str = ""
    name: str = ""


def from_file(path: Path) -> Iterator[Event]:
    """The lines of a file of message events, gzip or plain, once."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as lines:
        for number, line in enumerate(lines):
            yield Event(line.rstrip(b"\r\n"), str(number % 997).encode())


def sample() -> Iterator[Event]:
    """The sample feed for ever: each round in another order, every message with an id of its own."""
    messages = [json.loads(line) for name in ("feed.jsonl", "campaign.jsonl") for line in _lines(name)]
    odd = [json.loads(line)["raw"].encode("utf-8", "surrogateescape") for line in _lines("odd.jsonl")]
    chance = random.Random(SEED)
    number = 0
    while True:
        chance.shuffle(messages)
        for message in messages:
            number += 1
            yield _event(message, number)
            if odd and number % ODD_EVERY == 0:
                yield Event(chance.choice(odd), str(number).encode())


def text_of(name: str) -> str:
    """What a message of the sample feed says."""
    return next(str(message["text"]) for message in map(json.loads, _lines("feed.jsonl")) if message["id"] == name)


def _lines(name: str) -> list[str]:
    text = resources.files("config").joinpath("demo", name).read_text("utf-8")
    return [line for line in text.splitlines() if line.strip()]


def _event(message: dict[str, object], number: int) -> Event:
    sent = {name: value for name, value in message.items() if name not in ("planted", "note", "time")}
    sent["id"] = f"{message['id']}.{number}"
    if message.get("planted") == "campaign":
        sent["user"] = f"{message['user']}.{number}"  # it spreads: a user's second link to one place says nothing new
    value = json.dumps(sent, ensure_ascii=False).encode()
    return Event(value, str(message.get("channel", "")).encode(), str(message.get("planted", "")), str(message["id"]))
