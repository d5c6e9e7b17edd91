"""The stream sorted into kinds of traffic: by share of messages with a link, and by script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from bench.speed_data import Row, chunks_of
from stream.model import Message
from stream.reading import reader_for
from stream.rules import Rules
from stream.wire import decoder

SHARES = (0, 5, 20, 38, 100)  # percent of messages with a link
WORDS = (
    "Terima kasih banyak, jumpa esok ya 😀 ",
    "明天见，记得带上资料 ",
    "நாளை சந்திப்போம் 🙏 ",
    "ok 好的 boleh 👍🏽 ",
)


def mixes(rules: Rules, records: Sequence[Row], size: int) -> Mapping[str, Sequence[Row]]:
    """As many records of each kind as there are, at most `size`; scripts keep the stream's share of links."""
    decode, read = decoder(rules.sources["messages"], rules.bounds), reader_for(rules)
    messages = [each for chunk in chunks_of(records) for each in decode(chunk)]
    both = [(row, each) for row, each in zip(records, messages, strict=True) if isinstance(each, Message)]
    readings = read([message for _, message in both])
    linked = [row for (row, _), reading in zip(both, readings, strict=True) if reading.pairs]
    plain = [row for (row, _), reading in zip(both, readings, strict=True) if not reading.pairs]
    found: dict[str, Sequence[Row]] = {}
    for share in SHARES:
        whole = min(size, *(len(rows) * 100 // part for rows, part in ((linked, share), (plain, 100 - share)) if part))
        with_link = whole * share // 100
        found[f"{share} % links"] = _spread(linked[:with_link], plain[: whole - with_link])
    found["ASCII"] = [row for row, each in both[:size] if each.text.isascii()]
    found["ms, zh, ta, emoji"] = [_with(row, WORDS[at % len(WORDS)]) for at, row in enumerate(records[:size])]
    return found


def _spread(some: Sequence[Row], others: Sequence[Row]) -> Sequence[Row]:
    """The one kind spread evenly among the other."""
    places = [(at / len(rows), row) for rows in (some, others) for at, row in enumerate(rows)]
    return [row for _, row in sorted(places, key=lambda place: place[0])]


def _with(row: Row, words: str) -> Row:
    event = msgspec.json.decode(row.value)
    event["text"] = words + str(event.get("text") or "")
    return Row(msgspec.json.encode(event), row.offset)
