"""Base and delta out of the good sets of all feeds; runs in a process of its own, so that its memory goes with it.

python -m agents.feeds.build JOB.json
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Struct

from agents.feeds.mapped import open_layer, sha256_of, write_whole
from stream.lists.compile import DAY, Progress, compiled
from stream.lists.entries import Entry
from stream.lists.layer import Layer, Statement, time_text


class Job(Struct, frozen=True):
    """What to build from: the good set of each feed, the base in force, and where results go."""

    goods: dict[str, str]
    base: str | None
    folder: str
    delta_share: float
    base_due: bool = False


class Built(Struct, frozen=True):
    """Hashes of the base and the delta over it, which stand in the job's folder; no delta when nothing differs."""

    base: str | None
    delta: str | None
    entries: int
    changes: int


def build(job: Job, progress: Progress = lambda _stage, _done: None) -> Built:
    """The set that the goods make. A delta where it is small enough, else a new base."""
    goods = {feed: open_layer(Path(path)) for feed, path in job.goods.items()}
    entries = sum(layer.header.entries for layer in goods.values())
    if job.base and not job.base_due:
        base = open_layer(Path(job.base))
        changes = [*_added(goods, base), *_removed(goods, base)]
        if len(changes) <= max(job.delta_share * base.header.entries, 1000):
            delta = _write(job.folder, compiled(lambda: changes, 1)) if changes else None
            return Built(sha256_of(Path(job.base)), delta, entries, len(changes))
    if not entries:
        return Built(None, None, 0, 0)
    made = compiled(lambda: _all(goods), DAY, progress)
    return Built(_write(job.folder, made), None, entries, 0)


def _all(goods: dict[str, Layer]) -> Iterator[Entry]:
    for layer in goods.values():
        unit = layer.header.unit_seconds
        for key, statement, seconds in layer.entries():
            yield entry_from(key, statement, seconds, unit)


def _added(goods: dict[str, Layer], base: Layer) -> Iterator[Entry]:
    for layer in goods.values():
        for key, statement, seconds in layer.entries():
            if not base.holds(key, statement):
                yield entry_from(key, statement, seconds, layer.header.unit_seconds)


def _removed(goods: dict[str, Layer], base: Layer) -> Iterator[Entry]:
    for key, statement, _ in base.entries():
        good = goods.get(statement.feed)
        if good is None or not good.holds(key, statement):
            yield Entry(statement.feed, statement.kind, key, "removed", statement.threat)


def entry_from(key: str, statement: Statement, seconds: int, unit_seconds: int) -> Entry:
    """The entry that a compiled set states."""
    action = "allow" if statement.action == "allow" else "block"
    listed_at = time_text(seconds, unit_seconds)
    return Entry(statement.feed, statement.kind, key, action, statement.threat, listed_at)  # type: ignore[arg-type]  # two literals


def _write(folder: str, data: bytes) -> str:
    name = hashlib.sha256(data).hexdigest()
    path = Path(folder) / f"{name}.set"
    if not path.exists():
        write_whole(path, data)
    return name


def main() -> None:
    """Run the job in the file named on the command line; the result is one JSON line on standard output."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    total = sum(open_layer(Path(path)).header.entries for path in job.goods.values())
    with Bar(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        stages = {name: bar.add_task(name, total=total) for name in ("keys", "entries")}

        def progress(stage: str, done: int) -> None:
            if stage in stages:
                bar.update(stages[stage], completed=done)

        built = build(job, progress)
    sys.stdout.write(msgspec.json.encode(built).decode() + "\n")


if __name__ == "__main__":
    main()
