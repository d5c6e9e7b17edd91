"""One fetched body to a good set or a held one; runs in a process of its own, a large list takes seconds of Python.

python -m agents.feeds.admit JOB.json
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from agents.feeds.mapped import open_layer, write_whole
from agents.feeds.memo import SAMPLE, SIZES_KEPT, Ending, Held, Memo
from agents.feeds.traffic import seen_in
from agents.feeds.unpack import PackedError, unpacked
from stream.lists.admission import Known, Limits, Sifted, refusal, sifted
from stream.lists.compile import compiled, seconds_of
from stream.lists.entries import Entry
from stream.lists.formats import Parsed, ParseOptions, UnreadableError, parse
from stream.lists.formats.rows import Canonicalize
from stream.lists.layer import Layer, Statement, time_text


class Job(Struct, frozen=True):
    """A body and all that its admission depends on."""

    memo: Memo
    body: str  # path
    good: str  # path of the last good set, which may not exist yet
    held: str  # path for an update that has to wait
    now: str
    format: str
    kinds: str
    threat: str
    action: str
    fields: dict[str, str]
    window_seconds: float  # 0: the list is whole; else how long entries count after they were first seen
    unpacked_bytes: int
    limits: Limits
    size_window_seconds: float = 7 * 86_400
    approved: frozenset[str] = frozenset()  # keys of entries
    approved_contents: frozenset[str] = frozenset()  # SHA-256 of held bodies that a person let through
    extra_suffixes: tuple[str, ...] = ()
    traffic: str | None = None  # path of what our own recent links are


class Admitted(Struct, frozen=True):
    """The memo as it is now, and whether the good set was replaced."""

    memo: Memo
    changed: bool


def admit(job: Job, canonicalize: Canonicalize, known: Known) -> Admitted:
    """Judge a body; the good set's file is replaced when the update may come into force, and else left alone."""
    body = Path(job.body).read_bytes()
    memo = structs.replace(job.memo, content=hashlib.sha256(body).hexdigest())
    try:
        parsed = _parsed(job, body, canonicalize)
    except (PackedError, UnreadableError) as error:
        return _not_in_force(structs.replace(memo, held=None, ending="refused"), f"kept the last good set: {error}")
    good = open_layer(Path(job.good)) if Path(job.good).exists() else None
    known = replace(known, seen=seen_in(Path(job.traffic) if job.traffic else None))
    kept = sifted(parsed.entries, known, job.limits, job.approved)
    made = compiled(lambda: [*_timed(job, kept.entries, good), *_still_listed(job, kept.entries, good)], 1)
    memo = _with_examples(memo, parsed, kept)
    return _decided(job, memo, (parsed, kept), good, made)


def _parsed(job: Job, body: bytes, canonicalize: Canonicalize) -> Parsed:
    options = ParseOptions(canonicalize, job.memo.name, job.kinds, job.threat, job.fields)  # type: ignore[arg-type]  # checked by the settings
    parsed = parse(job.format, unpacked(body, job.unpacked_bytes), options)
    entries = [_of_feed(entry, job) for entry in parsed.entries if not entry.expires_at or entry.expires_at > job.now]
    return Parsed(entries, parsed.bad_lines, parsed.bad_count)


def _of_feed(entry: Entry, job: Job) -> Entry:
    """The feed's own name stands for whatever a list calls itself; an allow list allows all that it names."""
    action = "allow" if job.action == "allow" else entry.action
    if entry.feed == job.memo.name and action == entry.action:
        return entry
    return structs.replace(entry, feed=job.memo.name, action=action)


def _timed(job: Job, entries: Iterable[Entry], good: Layer | None) -> Iterator[Entry]:
    """Entries with a time: the list's own, else when we first saw them."""
    for entry in entries:
        if seconds_of(entry.listed_at):
            yield entry
            continue
        known = good.time_of(entry.key, _statement(entry)) if good else None
        yield structs.replace(entry, listed_at=time_text(known, 1) if known else job.now)


def _still_listed(job: Job, new: Iterable[Entry], good: Layer | None) -> Iterator[Entry]:
    """Of a list that shows only its latest entries: those that have dropped out and still count."""
    if not job.window_seconds or good is None:
        return
    oldest = seconds_of(job.now) - job.window_seconds
    present = {(entry.key, entry.kind) for entry in new}
    for key, statement, seconds in good.entries():
        if seconds > oldest and (key, statement.kind) not in present:
            yield _entry(key, statement, seconds)


def _decided(job: Job, memo: Memo, found: tuple[Parsed, Sifted], good: Layer | None, made: bytes) -> Admitted:
    parsed, kept = found
    new = Layer(made)
    since = time_text(int(seconds_of(job.now) - job.size_window_seconds), 1)
    sizes = [size for at, size in memo.sizes if at >= since] or ([good.header.entries] if good else [])
    why = refusal(parsed, kept, new.header.entries, sizes, job.limits)
    if why and memo.content not in job.approved_contents:
        write_whole(Path(job.held), made)
        held = _held(memo, job, why, (good, new))
        memo = structs.replace(memo, held=held, ending="held")
        return _not_in_force(memo, f"held for approval, the last good set stays: {why}")
    count = new.header.entries
    changed = good is None or _different(good, new)
    if changed:
        write_whole(Path(job.good), made)
    if changed:
        memo = structs.replace(memo, last_change=job.now, sizes=(*memo.sizes, (job.now, count))[-SIZES_KEPT:])
    memo = structs.replace(memo, ok=True, held=None, judged="", entries=count, last_success=job.now, failures=0)
    ending: Ending = "admitted" if changed else "unchanged"
    return Admitted(structs.replace(memo, result=memo.in_force, ending=ending), changed)


def _not_in_force(memo: Memo, why: str) -> Admitted:
    return Admitted(structs.replace(memo, ok=False, judged=why, result=why), False)


def _different(good: Layer, new: Layer) -> bool:
    if good.header.entries != new.header.entries:
        return True
    return any(not good.holds(key, statement) for key, statement, _ in new.entries())


def _held(memo: Memo, job: Job, why: str, sets: tuple[Layer | None, Layer]) -> Held:
    good, new = sets
    added = [key for key, said, _ in new.entries() if good is None or not good.holds(key, said)]
    removed = [key for key, said, _ in good.entries() if not new.holds(key, said)] if good else []
    samples = tuple(added[:SAMPLE]), tuple(removed[:SAMPLE])
    return Held(memo.content, why, job.now, new.header.entries, len(added), len(removed), *samples)


def _with_examples(memo: Memo, parsed: Parsed, kept: Sifted) -> Memo:
    bad = tuple(f"line {bad.line}: {bad.why}: {bad.text[:80]}" for bad in parsed.bad_lines[:SAMPLE])
    cut = tuple(kept.cut[:SAMPLE])
    return structs.replace(memo, bad_lines=parsed.bad_count, bad_sample=bad, cut=len(kept.cut), cut_sample=cut)


def _statement(entry: Entry) -> Statement:
    return Statement(entry.feed, entry.kind, entry.action, entry.threat)


def _entry(key: str, statement: Statement, seconds: int) -> Entry:
    action = "allow" if statement.action == "allow" else "block"
    return Entry(statement.feed, statement.kind, key, action, statement.threat, time_text(seconds, 1))  # type: ignore[arg-type]  # two literals


def known_hosts(extra_suffixes: Iterable[str]) -> tuple[Canonicalize, Known]:
    """The canonical form and what is known of hosts, from the packs."""
    from config.packs import load_brands
    from config.platforms import load_platforms
    from config.suffixes import load_suffixes
    from stream.canonical import canonicalizer

    suffixes, brands = load_suffixes(extra_suffixes), load_brands()
    return canonicalizer(suffixes), Known(load_platforms(), brands.official_brand, lambda host: host in suffixes)


def main() -> None:
    """Do the job in the file named on the command line; the result is one JSON line on standard output."""
    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    sys.stdout.write(msgspec.json.encode(admit(job, *known_hosts(job.extra_suffixes))).decode() + "\n")


if __name__ == "__main__":
    main()
