"""A chunk of records that were unpacked natively is judged as a list of their values, of which few are made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pytest

from agents import connect, metrics, scan
from agents.kafka.taken import Taken
from agents.kafka.values import Chunk, Handle, Partition
from agents.meter import Meter
from config.load import load
from config.rules import rules_from
from stream.lists.memory import NO_LISTS
from stream.model import Record
from stream.native import Records, is_there
from stream.pipeline import scanner
from stream.sightings import opener
from tests.support.batches import NOON, P, Row, batch

pytestmark = pytest.mark.skipif(not is_there(), reason="saring_native is not installed")

TEXTS: Final = (
    b"tiada pautan",
    b"lihat https://kedai.example/barang",
    b"tengok http://toko.example/?a=b dan https://kedai.example/lain",
    b"your account is suspended, verify at https://paypa1-login.example/verify",
)
SOURCE: Final = Partition(*P)


def worker() -> Handle:
    """What judges chunks, with nothing learnt yet."""
    app_settings = load(environment={}).settings
    rules = rules_from(app_settings)
    judge, meter = scanner(rules, NO_LISTS), Meter(metrics.create(), rules)
    return scan.work(
        scan.Desk(lambda: judge, rules, connect.topics(app_settings), meter, opener(rules), lambda: 0)
    ).handle


def unpacked(made: Callable[..., Record], rows: Sequence[Row]) -> Records:
    fetched = batch(rows)
    records = Records.unpacked((made, *P), fetched, (0, len(fetched)), None, 0)
    assert records is not None
    return records


def test_a_chunk_of_them_ends_as_a_list_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice: the second time most take the shortcut, and what is told and counted of their links is the same."""
    monkeypatch.setattr("agents.scan.timestamp", lambda: "now")
    events = [
        b'{"text":"%s","id":"%d","user":"u%d","channel":"c","time":1}' % (text, at, at)
        for at, text in enumerate(TEXTS * 50)
    ]
    events[7], events[11] = b"no event", b'{"text":"hai","time":null}'
    rows: list[Row] = [(at, NOON + 60_000 * at, None, each, []) for at, each in enumerate(events)]
    rows[13] = (13, NOON, None, None, [])
    found, ends = unpacked(Taken, rows), list[Any]()
    for records in (found, list(found)):
        handle, batches = worker(), list[Any]()
        for begin in (0, 0, 90):
            batches.append(handle([Chunk(SOURCE, 1, records[at : at + 90]) for at in range(begin, len(records), 90)]))
        tallies = [each.note.tally for each in batches]
        counts = [(each.kinds, each.links, each.live, np.concatenate(each.stamps).tolist()) for each in tallies]
        ends.append(([each.outgoing for each in batches], counts))
    assert ends[0] == ends[1]
    assert ends[0][1][0][0].keys() == {"clean", "flagged", "dead", "skipped"}


def test_no_value_is_made_of_what_nobody_asks_for() -> None:
    made = list[int]()

    def noted(*fields: Any) -> Taken:
        made.append(fields[2])
        return Taken(*fields)

    event = b'{"text":"hai %d","id":"%d","user":"u","channel":"c","time":1}'
    rows: list[Row] = [(at, NOON + at, None, event % (at, at), []) for at in range(1400)]
    rows[700] = (700, NOON, None, b"no event", [])
    records = unpacked(noted, rows)
    worker()([Chunk(SOURCE, 1, records[:500]), Chunk(SOURCE, 1, records[500:])])
    assert set(made) == {0, 499, 500, 700, 1399}  # what the line judges, and the ends of spans
