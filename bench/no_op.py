"""What other frameworks take to hand over a message that nobody looks at: `python bench/no_op.py quixstreams '{…}'`.

Runs with the Python of `make peers`, since their packages and ours cannot be installed side by side.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from bench.peak import peak_megabytes

Count = Callable[[int], None]


def counter(messages: int) -> Count:
    """Counts from the first message to the last; then prints the figures and ends the process."""
    seen, began, cpu = 0, 0.0, 0.0

    def count(more: int) -> None:
        nonlocal seen, began, cpu
        if not began:
            began, cpu = time.perf_counter(), time.process_time()
        seen += more
        if seen >= messages:
            seconds, spent = time.perf_counter() - began, time.process_time() - cpu
            figures = {"messages": seen, "seconds": seconds, "cpu_seconds": spent, "megabytes": peak_megabytes()}
            print(json.dumps(figures), flush=True)
            os._exit(0)

    return count


def quixstreams(task: Mapping[str, Any], count: Count) -> None:
    """An application with one stage that counts; values stay bytes."""
    from quixstreams import Application

    app = Application(
        broker_address=task["bootstrap"],
        consumer_group=task["group"],
        auto_offset_reset="earliest",
        auto_create_topics=False,
        loglevel="ERROR",
    )
    source = app.topic(task["source"], value_deserializer="bytes", key_deserializer="bytes")
    app.dataframe(source).update(lambda _value: count(1))
    app.run()


def bytewax(task: Mapping[str, Any], count: Count) -> None:
    """A dataflow from the Kafka source right into a sink that counts whole batches."""
    from bytewax import operators
    from bytewax.connectors.kafka import KafkaSource
    from bytewax.dataflow import Dataflow
    from bytewax.outputs import DynamicSink, StatelessSinkPartition
    from bytewax.testing import run_main

    class Counted(StatelessSinkPartition):  # type: ignore[misc]  # its package is in another environment
        def write_batch(self, items: list[Any]) -> None:
            count(len(items))

    class Counting(DynamicSink):  # type: ignore[misc]  # as above
        def build(self, step_id: str, worker_index: int, worker_count: int) -> Counted:
            return Counted()

    flow = Dataflow("no_op")
    stream = operators.input("in", flow, KafkaSource(task["bootstrap"].split(","), [task["source"]], tail=False))
    operators.output("out", stream, Counting())
    run_main(flow)


KINDS: Mapping[str, Callable[[Mapping[str, Any], Count], None]] = {"quixstreams": quixstreams, "bytewax": bytewax}

if __name__ == "__main__":
    asked = json.loads(sys.argv[2])
    KINDS[sys.argv[1]](asked, counter(asked["messages"]))
