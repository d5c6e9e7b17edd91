"""`saring bench lists`: size, memory and speed of the list index, beside what lists are otherwise kept in."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from agents.feeds.mapped import open_layer, write_whole
from bench.list_data import TURNS, Figures, best, each, links, listed, records
from bench.list_peers import PEERS
from stream.lists.compile import compiled
from stream.lists.index import IndexedLists


def run(entries: int, say: Callable[[str], None] = lambda _text: None) -> Figures:
    """All figures for so many entries; takes minutes for ten million."""
    with tempfile.TemporaryDirectory(prefix="saring-bench-") as folder:
        path = Path(folder) / "base.set"
        say(f"building a base of {entries:,} entries in a process of its own")
        made = alone(build, entries, str(path))
        say("looking up")
        saring = (
            made | alone(look_up, entries, str(path)) | {"shared_bytes_of_two_processes": together(entries, str(path))}
        )
        peers = {}
        for name, peer in PEERS.items():
            say(f"beside it: {name.replace('_', ' ')}")
            peers[name] = alone(peer, entries, folder)
        say("the whole line, 10,000 entries against all of them")
        line = alone(line_speed, entries, str(path))
    return {"entries": entries, "calibration_nanoseconds": _turn(), "saring": saring, "peers": peers, "line": line}


def alone(work: Callable[..., Figures], *arguments: object) -> Figures:
    """What a fresh process makes of it, so that each one's memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def build(count: int, path: str) -> Figures:
    """Build the base as the keeper's builder does."""
    started = time.perf_counter()
    data = compiled(lambda: listed(count))
    seconds = time.perf_counter() - started
    write_whole(Path(path), data)
    return {"bytes": len(data), "build_seconds": round(seconds, 1), "build_memory_bytes": _peak()}


def look_up(count: int, path: str) -> Figures:
    """Open the base and find what covers each link, all its expressions at once."""
    open_layer(Path(path))  # imports and code paths are warm
    started = time.perf_counter()
    layer = open_layer(Path(path))
    opened = time.perf_counter() - started
    lists, asked = IndexedLists((layer,)), links(count)
    found = sum(bool(lists.find(link)) for link in asked)
    seconds = best(lambda: each(lists.find, asked))
    return {
        "opened_milliseconds": round(opened * 1000, 3),
        "microseconds_per_link": round(seconds / len(asked) * 1e6, 3),
        "listed_links_found": found,
        "links": len(asked),
    }


def together(count: int, path: str) -> Figures:
    """Memory of two processes that use the same base at the same time: mapped pages are there once."""
    context = get_context("spawn")
    ready, done = context.Barrier(2), context.Barrier(2)
    with ProcessPoolExecutor(2, mp_context=context, initializer=_meet, initargs=(ready, done)) as pool:
        tasks = [pool.submit(_mapped_bytes, count, path) for _ in range(2)]
        each = [task.result() for task in tasks]
    return {"resident": sum(one["resident"] for one in each), "proportional": sum(one["proportional"] for one in each)}


_meeting: list[Any] = []


def _meet(*barriers: Any) -> None:
    _meeting.extend(barriers)


def _mapped_bytes(count: int, path: str) -> Figures:
    lists = IndexedLists((open_layer(Path(path)),))
    each(lists.find, links(count))
    _meeting[0].wait(120)
    figures = {"resident": 0, "proportional": 0}
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        name, _, value = line.partition(":")
        if "-" in name.split(" ")[0] and " " in name:
            inside = path in line
        elif inside and name in ("Rss", "Pss"):
            figures["resident" if name == "Rss" else "proportional"] += int(value.split()[0]) * 1024
    _meeting[1].wait(120)
    return figures


def line_speed(count: int, path: str) -> Figures:
    """Messages a second of the whole line with 10,000 entries and with all of them, in turns.

    Of the process's own time: on a shared machine the clock of the wall measures the neighbours.
    """
    from config.load import load
    from config.rules import rules_from
    from stream.lists.layer import Layer
    from stream.pipeline import line

    settings = load(environment={}).settings
    rules = rules_from(settings)
    topic = next(iter(rules.sources))
    messages = records(topic)
    small, large = compiled(lambda: listed(10_000)), open_layer(Path(path))
    with_lists = line(rules)
    scanners = {"small": with_lists(IndexedLists((Layer(small),))), "large": with_lists(IndexedLists((large,)))}
    chunks = [messages[at : at + 500] for at in range(0, len(messages), 500)]
    seconds = dict.fromkeys(scanners, float("inf"))
    for _ in range(TURNS + 1):
        for name, scan in scanners.items():
            started = time.process_time()
            for chunk in chunks:
                scan(chunk)
            seconds[name] = min(seconds[name], time.process_time() - started)
    return {
        "messages": len(messages),
        "messages_per_second_10000_entries": round(len(messages) / seconds["small"]),
        "messages_per_second_all_entries": round(len(messages) / seconds["large"]),
        "slower_by": round(seconds["large"] / seconds["small"] - 1, 4),
    }


def _turn() -> float:
    """Nanoseconds of one turn of the calibration loop: quote ratios to it."""

    def loop() -> None:
        x = 0
        for i in range(10**6):
            x += i & 7

    return round(best(loop) * 1000, 1)


def _peak() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    import msgspec

    figures = run(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000, lambda text: print(text, file=sys.stderr))
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(figures)).decode() + "\n")
