"""Reading the alerts topics as consumers should: equal ids dropped, the last record of a case wins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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


def alerts_since(settings: Settings, since: float, kinds: tuple[str, ...] = KINDS) -> Iterator[Alert]:
    """Alerts written since a time (seconds since the epoch), in the order of each partition; repeats left out."""
    connection = connect.connection(settings.kafka, "saring-alerts")
    admin, names = kafka.admin_client(connection), connect.topics(settings)
    topics = [names[kind] for kind in kinds]
    ends = {place: high for place, (_, high) in present(admin, topics).items()}
    ranges = {place: (begin, ends[place]) for place, begin in _begin(admin, ends, since).items()}
    known: set[str] = set()
    for batch in read_spans(connection, ranges):
        for record in batch:
            alert = _decoded(record)
            if alert is not None and alert.id not in known:
                known.add(alert.id)
                yield alert


def _begin(admin: AdminClient, ends: Mapping[Partition, int], since: float) -> dict[Partition, int]:
    spec = OffsetSpec.for_timestamp(max(0, int(since * 1000)))
    answers = admin.list_offsets({TopicPartition(*place): spec for place in ends})
    found = {Partition(at.topic, at.partition): answer.result(_SECONDS).offset for at, answer in answers.items()}
    return {place: offset if offset >= 0 else ends[place] for place, offset in found.items()}


def standing(alerts: Iterator[Alert]) -> dict[str, Alert]:
    """The last word on each case."""
    last: dict[str, Alert] = {}
    for alert in alerts:
        known = last.get(alert.case_id)
        if known is None or known.time <= alert.time:
            last[alert.case_id] = alert
    return last


def _decoded(record: Kept) -> Alert | None:
    try:
        return _decoder.decode(record.value or b"")
    except msgspec.DecodeError:
        return None
