"""Metrics, liveness and readiness over HTTP, and the histogram that takes chunks."""

from __future__ import annotations

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from agents.http import pages
from agents.latency import Latencies


async def get(port: int, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def test_pages_answer_and_readiness_says_why_not() -> None:
    registry = CollectorRegistry()
    Counter("saring_things_total", "Things.", registry=registry).inc(3)
    reason = ["no partitions yet"]
    async with pages("127.0.0.1", 0, registry, lambda: reason[0]) as port:
        assert await get(port, "/healthz") == (200, "ok\n")
        assert await get(port, "/readyz") == (503, "no partitions yet\n")
        reason[0] = ""
        assert await get(port, "/readyz") == (200, "ready\n")
        assert "saring_things_total 3.0" in (await get(port, "/metrics"))[1]


def test_a_chunk_of_latencies_counts_as_its_values_one_by_one() -> None:
    bounds, values = (0.1, 1.0, 5.0), [0.05, 0.1, 0.3, 1.0, 4.0, 5.0, 9.0]
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    chunk = Latencies("latency_seconds", "L.", bounds, ours)
    chunk.observe(values[:3])
    chunk.observe([])
    chunk.observe(values[3:])
    single = Histogram("latency_seconds", "L.", buckets=bounds, registry=theirs)
    for value in values:
        single.observe(value)
    lines = [line for line in generate_latest(theirs).decode().splitlines() if "_created" not in line]
    assert [line for line in generate_latest(ours).decode().splitlines() if "_created" not in line] == lines
