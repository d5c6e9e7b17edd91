"""Reading spans: what a topic holds, what it does not, and what cannot be told."""

from __future__ import annotations

from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from agents.kafka.spans import Looker, _ended, present, read_spans
from agents.kafka.topics import AdminError, admin_client
from agents.kafka.values import Partition
from bench.cluster import Cluster
from tests.support.lab import open_lab


@pytest.mark.kafka
def test_markers_and_what_was_aborted_are_no_records(kafka: Cluster) -> None:
    lab = open_lab(kafka.bootstrap)
    topic = lab.topic("t")
    for number, abort in enumerate((False, True, False)):  # offsets 0 1 and a marker, 3 4 and one, 6 7 and one
        lab.produce(topic, [b"a", b"b"], 1, f"{topic}-{number}", abort)
    at = Partition(topic, 0)
    found = [record.offset for batch in read_spans(lab.connection, {at: (1, 9)}) for record in batch]
    assert found == [1, 6, 7]
    assert list(read_spans(lab.connection, {at: (2, 2)})) == []
    spans = [(0, 0), (1, 2), (2, 2), (3, 5), (2, 6), (8, 8), (9, 20)]
    with closing(Looker(lab.connection)) as looker:
        assert [looker.count(at, *span) for span in spans] == [1, 1, 0, 0, 1, 0, 0]


@pytest.mark.kafka
def test_a_topic_that_is_missing_is_not_an_empty_one(kafka: Cluster) -> None:
    lab = open_lab(kafka.bootstrap)
    topic, admin = lab.topic("t"), admin_client(lab.connection)
    assert present(admin, [topic]) == {Partition(topic, 0): (0, 0)}
    with pytest.raises(AdminError, match="may not see them: nowhere"):
        present(admin, [topic, "nowhere"])


def test_what_cannot_be_read_is_an_error_and_not_an_end() -> None:
    """A proof that took a denied topic for an empty one would pass on it."""

    def message(code: int) -> Any:
        return SimpleNamespace(error=lambda: KafkaError(code))

    assert _ended(message(KafkaError._PARTITION_EOF))
    with pytest.raises(KafkaException):
        _ended(message(KafkaError.TOPIC_AUTHORIZATION_FAILED))
