"""Swaps under load, keepers killed while they publish, many publications: what the lists promise, on a real Kafka.

python -m bench.list_faults swaps|kills|sizes [COUNT] [ENTRIES]
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from agents.feeds.mapped import write_whole
from agents.feeds.plan import Events, Topics
from agents.feeds.publish import Press, announce, close_press, files_of, open_press, upload
from agents.feeds.wire import FORMAT, Manifest
from agents.kafka.connection import Connection
from agents.kafka.reader import read
from agents.keeper import Keeper
from agents.lists_client import ListsClient
from bench.list_data import Figures, resident
from bench.list_scene import Scene, scene, until
from stream.canonical import canonicalize
from stream.lists.compile import compiled
from stream.lists.entries import Entry
from stream.lists.index import IndexedLists
from stream.model import Link

CHUNK: Final = 100  # links judged with one snapshot


async def swaps(at: Scene, count: int, entries: int) -> Figures:
    """Publish set after set while a worker judges: mixtures seen, the longest pause, memory before and after."""
    press, client = await open_press(at.connection, at.topics.lists, at.topics.chunks), at.client("worker")
    # Sets are compiled elsewhere, so that the memory seen is a worker's.
    compiler = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    await _publish(at, (press, compiler), 0, entries)
    await client.start()
    seen: Counter[int] = Counter()
    gaps = [0.0]
    work = asyncio.create_task(_judge(client, entries, seen, gaps))
    before = 0
    for number in range(1, count + 1):
        await _publish(at, (press, compiler), number, entries)
        await until(lambda number=number: client.current().sequence == number + 1)
        before = before or (resident() if number == min(10, count) else 0)
    work.cancel()
    with suppress(asyncio.CancelledError):
        await work
    gc.collect()
    after, mapped = resident(), _mapped(at.folder)
    await client.stop()
    await close_press(press)
    compiler.shutdown()
    return {
        "swaps": len(seen) - 1,
        "chunks": sum(seen.values()),
        "mixtures": seen[-1],
        "longest_pause_milliseconds": round(gaps[0] * 1000, 1),
        "memory_grown_bytes": after - before,
        "sets_mapped_at_the_end": mapped,
    }


def _mapped(folder: Path) -> int:
    """How many set files this process maps; those that were swapped out must be gone."""
    lines = Path("/proc/self/maps").read_text().splitlines()
    return len({line.split(None, 5)[5] for line in lines if str(folder) in line and ".set" in line})


async def _judge(client: ListsClient, entries: int, seen: Counter[int], gaps: list[float]) -> None:
    """Chunk after chunk, each with the snapshot that it began with; pauses are the thread's own time between chunks."""
    step = max(1, entries // CHUNK)  # over the whole set, so that base and delta both answer
    urls = [f"http://a{number}.test/x" for number in range(0, entries, step)]
    asked: list[Link] = [link for url in urls if (link := canonicalize(url))]
    while True:
        lists = client.current()
        generations = {hit.feed for link in asked for hit in lists.find(link)}
        seen[lists.sequence if len(generations) == 1 else -1] += 1
        ended = time.thread_time()
        await asyncio.sleep(0)
        gaps[0] = max(gaps[0], time.thread_time() - ended)


async def _publish(at: Scene, by: tuple[Press, Executor], number: int, entries: int) -> None:
    """A set whose entries are all of one feed, named for its number; every second one has a delta."""
    (press, compiler), written = by, asyncio.get_running_loop().run_in_executor
    half = entries // 2 if number % 2 else entries
    base = await written(compiler, _written, at.folder, f"n{number}", range(half))
    refs = [await upload(press, base)]
    if half < entries:
        delta = await written(compiler, _written, at.folder, f"n{number}", range(half, entries))
        refs.append(await upload(press, delta))
    manifest = Manifest(FORMAT, number + 1, f"2026-01-01T00:00:{number:02d}Z", refs[0], refs[1] if refs[1:] else None)
    await announce(press, manifest)
    for ref in files_of(manifest):
        (at.folder / f"{ref.sha256}.set").unlink()


def _written(folder: Path, feed: str, numbers: range) -> Path:
    entries = [Entry(feed, "host", f"a{number}.test") for number in numbers]
    data = compiled(lambda: entries)
    path = folder / f"{hashlib.sha256(data).hexdigest()}.set"
    write_whole(path, data)
    return path


async def kills(at: Scene, count: int, entries: int) -> Figures:
    """Kill -9 a keeper at a random moment of publishing, again and again; after each a fresh worker must be ready."""
    chance, broken, readies = random.Random(6), 0, []
    generation = 0
    at.write_feed(generation, entries)
    steady = at.client("steady")
    await steady.start()
    for number in range(count):
        keeper = await _start(at)
        before = steady.current().sequence
        await until(lambda before=before: steady.current().sequence > before)
        generation += 1
        at.write_feed(generation, entries)
        await asyncio.sleep(chance.uniform(0, 1.6))
        os.kill(keeper.pid, signal.SIGKILL)
        await keeper.wait()
        generation += 1
        at.write_feed(generation, entries)
        started = time.monotonic()
        fresh = at.client(f"fresh{number}")
        async with asyncio.timeout(120):
            await fresh.start()
        readies.append(time.monotonic() - started)
        broken += not _whole(fresh, entries) or not _whole(steady, entries)
        await fresh.stop()
    await steady.stop()
    return {"kills": count, "broken_sets": broken, "slowest_ready_seconds": round(max(readies), 2), "sets": generation}


def _whole(client: ListsClient, entries: int) -> bool:
    """Whether what is in force is one whole generation of the feed."""
    lists = client.current()
    if not isinstance(lists, IndexedLists) or not lists.layers:
        return False
    found: set[str] = set()
    for layer in lists.layers:
        for key, statement, _ in layer.entries():
            (found.discard if statement.action == "removed" else found.add)(key)
    generations = Counter(key.partition("-")[0] for key in found)
    return len(generations) == 1 and len(found) == entries


async def _start(at: Scene) -> asyncio.subprocess.Process:
    where = json.dumps([at.connection.bootstrap_servers, list(vars(at.topics).values()), str(at.folder)])
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "bench.list_faults", "keeper", where)


async def sizes(at: Scene, count: int, entries: int, disk: Path, patience: float = 60.0) -> Figures:
    """Publish changed lists and let the broker clean up: the chunks topic must not grow with the number of sets."""
    published: list[int] = []
    at.write_feed(0, entries)
    plan = at.plan()
    events = Events(on_published=lambda manifest: published.append(manifest.sequence))
    keeper = asyncio.create_task(Keeper(replace(plan, events=events)).run())
    largest = 0
    for number in range(1, count + 1):
        await until(lambda number=number: len(published) >= number)
        at.write_feed(number, entries)
        largest = max(largest, _bytes(disk, at.topics.chunks))
    end, size = time.monotonic() + patience, _bytes(disk, at.topics.chunks)
    while time.monotonic() < end and size > largest / 3:
        await asyncio.sleep(1)
        size = _bytes(disk, at.topics.chunks)
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper
    one = sum(path.stat().st_size for path in (plan.root / "sets").glob("*.set"))  # at the end
    records = await read(at.connection, [at.topics.chunks])
    latest = {record.key: record.value for record in records}
    return {
        "publications": len(published),
        "chunks_alive": sum(value is not None for value in latest.values()),
        "largest_bytes": largest,
        "bytes_at_the_end": size,
        "sets_kept_bytes": one,
    }


def _bytes(disk: Path, topic: str) -> int:
    return sum(path.stat().st_size for path in disk.glob(f"data*/{topic}-0/*.log"))


def _keeper(where: str) -> None:
    bootstrap, topics, folder = json.loads(where)
    asyncio.run(Keeper(Scene(Connection(bootstrap), Topics(*topics), Path(folder)).plan()).run())


def main() -> None:
    """Run one of them on a broker of its own and print the figures."""
    from bench.cluster import Cluster, library

    what, *numbers = sys.argv[1:]
    if what == "keeper":
        _keeper(numbers[0])
        return
    count, entries = [*map(int, numbers), *(100, 20_000)[len(numbers) :]][:2]
    jars = library()
    if jars is None:
        raise SystemExit("a real Kafka needs Java 17, and Maven once")
    with Cluster(jars, extra={"log.cleaner.backoff.ms": "500"}) as cluster, tempfile.TemporaryDirectory() as folder:
        at = scene(cluster.bootstrap, Path(folder))
        work = {"swaps": swaps, "kills": kills}.get(what)
        figures = asyncio.run(work(at, count, entries) if work else sizes(at, count, entries, cluster.folder))
    sys.stdout.write(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
