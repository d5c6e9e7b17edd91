"""Labelled messages and what the line finds in them, for `saring bench quality`."""

from __future__ import annotations

import bz2
import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final, TypeAlias

from stream.checks.load import load
from stream.hosts import facts_cache as host_facts_cache
from stream.judge import judge_for
from stream.link_facts import facts_cache
from stream.model import Finding, Lists, Message
from stream.outcome import Judged
from stream.reading import reader_for
from stream.rules import Mode, Rules
from stream.verdict import judge

NEVER: Final = float("-inf")
EXCLUDED: Final = frozenset(("legitimate", "no_usable_link", "scam_text_benign_label"))
NO_LINK: Final = "prose_not_link"
_CHUNK: Final = 500
Scored: TypeAlias = tuple[float, bool]  # sum of weights, whether an automatic alert may come of it


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled message: 1 for a scam. `domain` is what positives are resampled by."""

    id: str
    label: int
    message: Message
    kind: str = ""
    source: str = ""
    domain: str = ""
    issue: str = ""
    judged: tuple[Judged, ...] = field(default=(), repr=False)

    @property
    def half(self) -> int:
        """0 or 1: messages of one domain fall into the same half, so that no half knows the other's hosts."""
        return zlib.crc32((self.domain or self.id).encode()) & 1


def opened(path: Path) -> IO[str]:
    """A text file, unpacked by its ending."""
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    return opener(path, "rt", encoding="utf-8")  # type: ignore[operator,no-any-return]  # three functions, one shape


def read_stream(path: Path, issues: Mapping[str, str], half: int | None = None) -> Iterator[Sample]:
    """Messages of a JSON-lines file with `text` and `label` (0 or 1), of one half or all."""
    with opened(path) as lines:
        for number, line in enumerate(lines):
            row = json.loads(line)
            sample = _sample(row, str(row.get("id", number)), issues)
            if half is None or sample.half == half:
                yield sample


def _sample(row: Mapping[str, Any], name: str, issues: Mapping[str, str]) -> Sample:
    message = Message(row["text"], name, surface=row.get("surface", "other"), lang=row.get("lang", ""))
    domain = _domain(str(row.get("bad_url", ""))) if row["label"] else ""
    kind, source = str(row.get("kind", "")), str(row.get("src", row.get("source", "")))
    return Sample(name, int(row["label"]), message, kind, source, domain, issues.get(name, ""))


def _domain(url: str) -> str:
    """Roughly the registered name: enough to keep one campaign's messages together."""
    host = url.partition("://")[2].partition("/")[0].partition("?")[0].lower()
    return ".".join(host.split(".")[-3:] if host.count(".") > 1 else host.split("."))


def read_issues(path: Path | None) -> dict[str, str]:
    """What is wrong with rows of the stream, by id: a TSV with the columns id, issue and reason."""
    if path is None:
        return {}
    with opened(path) as lines:
        next(lines)
        return {cells[0]: cells[1] for cells in (line.rstrip("\n").split("\t") for line in lines)}


def clean(samples: Iterable[Sample]) -> list[Sample]:
    """Without those that no detector can get right, or that are labelled against their own text."""
    return [sample for sample in samples if sample.issue not in EXCLUDED]


def judged(samples: Sequence[Sample], rules: Rules, lists: Lists) -> list[Sample]:
    """The samples with all that every check finds, whatever its mode."""
    checks = load()
    everything: dict[str, Mode] = dict.fromkeys(checks.kinds(), "live")
    rules = replace(rules, modes=everything | {"listed_link": "live", "url_model": "live"})
    know = facts_cache(rules, checks, lists, host_facts_cache(rules, checks))
    read, decide = reader_for(rules), judge_for(rules, checks)
    done: list[Sample] = []
    for at in range(0, len(samples), _CHUNK):
        chunk = samples[at : at + _CHUNK]
        readings = read([sample.message for sample in chunk])
        facts = iter(know([link for reading in readings for _, link in reading.pairs]))
        for sample, reading in zip(chunk, readings, strict=True):
            found = tuple(decide(pair, next(facts), sample.message, reading.cues) for pair in reading.pairs)
            done.append(replace(sample, judged=found))
    return done


def scorer(rules: Rules, live: Callable[[Finding], bool]) -> Callable[[Sample], Scored]:
    """A function from a judged sample to its best link's sum of weights, counting only some findings."""
    lowest = replace_curve(rules)

    def scored(sample: Sample) -> Scored:
        best: Scored = (NEVER, False)
        for one in sample.judged:
            best = max(best, _of_link(one, lowest, live))
        return best

    return scored


def replace_curve(rules: Rules) -> Rules:
    """Rules under which every link that no guard holds back is flagged, so that all can be ranked."""
    from msgspec.structs import replace as changed

    return replace(rules, verdict=changed(rules.verdict, curve=((1, -1e6), (1e6, -1e6 - 1))))


def _of_link(one: Judged, rules: Rules, live: Callable[[Finding], bool]) -> Scored:
    findings = [finding for finding in one.live if live(finding)]
    if not findings:
        return (0.0, False) if not one.vetoes else (NEVER, False)
    verdict = judge(findings, one.facts, rules, one.vetoes)
    if verdict.tier == "none":
        return NEVER, False
    return round(verdict.total - verdict.intercept, 6), verdict.tier == "automatic"
