"""Reading the alerts topics as consumers should: equal ids dropped, the last record of a case wins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from heapq import heappush, heapreplace
from typing import Final

import msgspec
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from agents import connect
from agents.kafka import topics as kafka
from agents.kafka.spans import Kept, present, read_spans
from agents.kafka.values import Partition
from config.settings import Settings
from stream.alert import Alert

_SECONDS: Final = 30.0
KINDS: Final = ("alerts", "review")
_decoder: Final = msgspec.json.Decoder(Alert)


def records_since(settings: Settings, since: float, kinds: tuple[str, ...] = KINDS) -> Iterator[Kept]:
    """What was written to the alerts topics since a time (seconds since the epoch), in the order of each partition."""
    connection = connect.connection(settings.kafka, "saring-alerts")
    admin, names = kafka.admin_client(connection), connect.topics(settings)
    topics = [names[kind] for kind in kinds]
    ends = {place: high for place, (_, high) in present(admin, topics).items()}
    ranges = {place: (begin, ends[place]) for place, begin in _begin(admin, ends, since).items()}
    for batch in read_spans(connection, ranges):
        yield from batch


def alerts_since(settings: Settings, since: float, kinds: tuple[str, ...] = KINDS) -> Iterator[Alert]:
    """Alerts written since a time, as `records_since`; a repeat has the id of what it repeats."""
    return filter(None, map(decoded, records_since(settings, since, kinds)))


def _begin(admin: AdminClient, ends: Mapping[Partition, int], since: float) -> dict[Partition, int]:
    spec = OffsetSpec.for_timestamp(max(0, int(since * 1000)))
    answers = admin.list_offsets({TopicPartition(*place): spec for place in ends})
    found = {Partition(at.topic, at.partition): answer.result(_SECONDS).offset for at, answer in answers.items()}
    return {place: offset if offset >= 0 else ends[place] for place, offset in found.items()}


def standing(alerts: Iterable[Alert]) -> dict[str, Alert]:
    """The last word on each case."""
    last: dict[str, Alert] = {}
    for alert in alerts:
        known = last.get(alert.case_id)
        if known is None or known.time <= alert.time:
            last[alert.case_id] = alert
    return last


def sampled(alerts: Iterable[Alert], number: int, salt: bytes) -> list[Alert]:
    """The last word on so many cases, each as likely as any other; holds no more of them than that.

    Chosen are the cases whose salted hash is lowest, so that it does not matter how often or when one is spoken of.
    """
    last: dict[str, Alert] = {}
    highest: list[tuple[int, str]] = []  # a heap of negated hashes
    for alert in alerts:
        case = alert.case_id
        if case in last:
            last[case] = alert if last[case].time <= alert.time else last[case]
            continue
        rank = -int.from_bytes(blake2b(case.encode(), key=salt, digest_size=8).digest())
        if len(highest) < number:
            heappush(highest, (rank, case))
        elif highest and rank > highest[0][0]:
            del last[heapreplace(highest, (rank, case))[1]]
        else:
            continue
        last[case] = alert
    return list(last.values())


def decoded(record: Kept) -> Alert | None:
    """The alert; None for a record that is none."""
    try:
        return _decoder.decode(record.value or b"")
    except msgspec.DecodeError:
        return None
