"""A batch that is unpacked natively gives the records that aiokafka makes of it, where it makes them, or its error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pytest
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import READ_COMMITTED, FetchResult, PartitionRecords
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.kafka import batches
from agents.kafka.batches import Batches
from agents.kafka.taken import Buffer, Taken
from stream.native import Records, is_there
from tests.support.batches import (
    ABORTED,
    COMMITTED,
    CONTROL,
    GZIP,
    LOG_APPEND_TIME,
    LZ4,
    NOON,
    PLAIN,
    SNAPPY,
    ZSTD,
    P,
    Row,
    batch,
    run,
    sealed,
)

pytestmark = pytest.mark.skipif(not is_there(), reason="saring_native is not installed")

FIELDS: Final = ("topic", "partition", "offset", "timestamp", "timestamp_type", "key", "value", "headers")
ROWS: Final[list[Row]] = [
    (0, NOON, None, b'{"text":"hello"}', []),
    (1, NOON + 7, b"key", None, []),
    (2, NOON - 90_000_000_000, b"", b"", [("traceparent", b"00-1"), ("empty", b""), ("none", None), ("kunci-é", b"7")]),
    (9, -1, None, b"x" * 300, []),  # what was between is compacted away; it has no timestamp
]


class Assigned:
    """An assignment of one partition."""

    active = True

    def __init__(self, position: int) -> None:
        self.paused, self.position = False, position

    def state_value(self, _partition: Any) -> Assigned:
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def steps(
    kept: Any, fetched: Any, position: int, most: int | None, aborted: Sequence[Any] = (), crc: bool = True
) -> list[Any]:
    """What each `getall` returns, where reading then stands and whether there is more; an error ends it."""
    assigned, told = Assigned(position), list[Any]()
    reader = PartitionRecords(P, fetched, list(aborted), position, None, None, crc, READ_COMMITTED)
    kept[P] = result = FetchResult(P, assignment=assigned, partition_records=reader, backoff=0)
    while result.has_more():
        try:
            told.append((result.getall(most), assigned.position, result.has_more()))
        except Exception as error:  # whatever it is, both must say it
            return [*told, (repr(error), assigned.position)]
    return told


def spelled(told: Sequence[Any]) -> list[Any]:
    """With every field of every record."""
    return [
        (step[0] if isinstance(step[0], str) else [[getattr(each, f) for f in FIELDS] for each in step[0]], *step[1:])
        for step in told
    ]


def natively(fetched: bytes, position: int = 0, most: int | None = None, **more: Any) -> list[Any]:
    """Its steps, after they were found to be what aiokafka does by itself."""
    told = steps(Buffer(), Batches(fetched), position, most, **more)
    assert spelled(told) == spelled(steps({}, MemoryRecords(fetched), position, most, **more))
    return told


def only(told: Sequence[Any]) -> Records:
    """What the only step returns that returns anything: never a list."""
    (found,) = [step[0] for step in told if step[0]]
    assert type(found) is Records
    return found


@pytest.mark.parametrize("codec", [PLAIN, GZIP, SNAPPY, LZ4, ZSTD])
@pytest.mark.parametrize("base", [0, 5_000_000_000_000])
@pytest.mark.parametrize("bits", [0, LOG_APPEND_TIME])
def test_every_field_is_as_aiokafka_has_it(codec: int, base: int, bits: int) -> None:
    rows = [*ROWS, (10, NOON, None, b"a" * 2000, [])]  # or the codec would not shorten it, and not be used
    fetched = batch(rows, base, codec, bits)
    assert fetched[22] & 7 == codec
    found = only(natively(fetched, base))
    assert type(found[0]) is Taken
    assert [each.offset - base for each in found] == [0, 1, 2, 9, 10]
    assert {each.timestamp_type for each in found} == {int(bits > 0)}  # type: ignore[attr-defined]  # of `Taken`


@pytest.mark.parametrize("most", [1, 2, 39, 40, 41, 80, 99, 100, 101, 200, None])
@pytest.mark.parametrize("position", [0, 1, 39])
def test_small_batches_are_handed_out_as_one(most: int | None, position: int) -> None:
    """Whatever their codec, and those that aiokafka or nobody wrote a record of in between."""
    empty = bytearray(batch(ROWS[:1], 104))
    empty[57:] = bytes(4)  # all compacted away
    empty[8:12] = (len(empty) - 12).to_bytes(4, "big")
    marker = batch([(0, NOON, COMMITTED, b"", [])], 105, bits=CONTROL, producer=7)
    parts = [run(40, 0), run(40, 40, ZSTD), run(24, 80, LZ4), sealed(empty), marker, run(4, 106)]
    told = natively(b"".join(parts), position, most)
    assert all(type(step[0]) is Records for step in told if step[0])
    assert sum(len(step[0]) for step in told) == 108 - position


def test_what_was_aborted_is_passed_over() -> None:
    marker = batch([(0, NOON, ABORTED, b"", [])], 6, bits=CONTROL, producer=7)
    parts = [run(2, 0, producer=7), run(2, 2, producer=8), run(2, 4, ZSTD, producer=7), marker, run(2, 7, producer=7)]
    found = only(natively(b"".join(parts), aborted=[(7, 0)]))
    assert [each.offset for each in found] == [2, 3, 7, 8]


@pytest.mark.parametrize("most", [1, 2, 3, None])
@pytest.mark.parametrize("magic", [0, 1])
def test_older_formats_are_read_by_aiokafka(magic: int, most: int | None) -> None:
    older = LegacyRecordBatchBuilder(magic, 0, 1 << 16)
    for at in range(3):
        older.append(at, NOON, b"key", b"old")
    told = natively(bytes(older.build()), 0, most)
    assert [record.value for step in told for record in step[0]] == [b"old"] * 3
    assert not any(type(step[0]) is Records for step in told)


@pytest.mark.parametrize("most", [1, 2, 3, 5, 6, 9, None])
def test_what_came_both_ways_is_one_list(most: int | None) -> None:
    """The records of the second batch are not in order, which is for aiokafka to see to."""
    odd = batch([(1, NOON, None, b"b", []), (0, NOON, None, b"a", []), (2, NOON, None, b"c", [])], 3)
    told = natively(run(3, 0) + odd + run(4, 6), 0, most)
    assert [record.offset for step in told for record in step[0]] == [0, 1, 2, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("most", [1, 40, None])
def test_a_wrong_checksum_is_an_error_where_it_stands(most: int | None) -> None:
    wrong = bytearray(run(40, 40))
    wrong[-1] ^= 1
    told = natively(run(40, 0) + bytes(wrong), 0, most)
    assert told[-1][0].startswith("CorruptRecordException")


@pytest.mark.parametrize(
    ("at", "octet"),
    [(60, 3), (60, 1), (61, 0), (72, 0), (22, PLAIN + 7), (16, 3)],
    ids=["fewer than said", "more than said", "too short", "offsets don't ascend", "no such codec", "a later format"],
)
def test_what_the_format_does_not_allow_is_left_to_aiokafka(at: int, octet: int) -> None:
    octets = bytearray(batch([(0, NOON, None, b"a", []), (1, NOON, None, b"b", [])]))
    octets[at] = octet
    told = natively(sealed(octets))
    assert not any(type(step[0]) is Records for step in told)


def test_a_header_that_is_no_text_is_an_error_as_with_aiokafka() -> None:
    octets = bytearray(batch([(0, NOON, None, b"a", [("name", b"")])]))
    octets[octets.index(b"name")] = 0xFF
    assert "UnicodeDecodeError" in natively(sealed(octets))[0][0]


ROW = st.tuples(
    st.integers(-1, 1 << 50),
    st.none() | st.binary(max_size=80),
    st.none() | st.binary(max_size=200),
    st.lists(st.tuples(st.text(max_size=8), st.none() | st.binary(max_size=8)), max_size=3),
)
HOLES = st.integers(1, 1 << 20)


@st.composite
def fetches(draw: st.DrawFn) -> bytes:
    parts, base = [], draw(st.integers(0, 1 << 40))
    for _ in range(draw(st.integers(1, 3))):
        rows, offset = [], 0
        for stamp, key, value, headers in draw(st.lists(ROW, min_size=1, max_size=6)):
            rows.append((offset, stamp, key, value, headers))
            offset += draw(HOLES)
        parts.append(batch(rows, base, draw(st.integers(0, 4)), draw(st.sampled_from([0, LOG_APPEND_TIME]))))
        base += offset
    return b"".join(parts)


@settings(max_examples=500, deadline=None)
@given(fetches(), st.integers(1, 8), st.integers(0, 20))
def test_any_batches_are_read_the_same(fetched: bytes, most: int, skipped: int) -> None:
    base = int.from_bytes(fetched[:8], "big")
    for step in natively(fetched, base + skipped, most):
        assert not step[0] or type(step[0]) is Records


@settings(max_examples=500, deadline=None)
@given(fetches(), st.data())
def test_broken_batches_are_read_the_same_or_are_the_same_error(fetched: bytes, data: st.DataObject) -> None:
    """Not in their length and format: there aiokafka reads what is not its own."""
    octets, base = bytearray(fetched), int.from_bytes(fetched[:8], "big")
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(17, len(octets) - 1) | st.integers(57, min(90, len(octets) - 1)))
        octets[at] = data.draw(st.integers(0, 255))
    length = int.from_bytes(fetched[8:12], "big")
    kept = data.draw(st.integers(50, length))  # the first batch may be cut off, too
    octets[8:12] = kept.to_bytes(4, "big")
    natively(bytes(octets[: 12 + kept]) + bytes(octets[12 + length :]), base, data.draw(st.integers(1, 8)), crc=False)


def test_records_are_a_sequence() -> None:
    found = only(natively(run(5, 10)))
    assert (len(found), bool(found[5:]), found[-1].offset, found[4].offset, found.offset) == (5, False, 14, 14, 14)
    assert [each.value for each in found] == [b"0", b"1", b"2", b"3", b"4"]
    part = found[1:4]
    assert type(part) is Records
    assert [each.offset for each in part[1:]] == [12, 13]
    assert [part[-3].offset, part[2].offset, part.offset] == [11, 13, 13]
    assert len(found[3:1]) == len(found[9:]) == 0
    for beyond in (3, -4):
        with pytest.raises(IndexError):
            part[beyond]
    with pytest.raises(ValueError, match="one piece"):
        found[::2]
    assert np.frombuffer(part.timestamps(), "<i8").tolist() == [NOON + 1, NOON + 2, NOON + 3]


def test_other_consumers_of_the_process_read_as_always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetcher, "MemoryRecords", MemoryRecords)
    batches.install()
    fetched = run(3, 0)
    found = steps({}, fetcher.MemoryRecords(fetched), 0, None)
    assert type(fetcher.MemoryRecords(fetched)) is Batches
    assert spelled(found) == spelled(steps({}, MemoryRecords(fetched), 0, None))
