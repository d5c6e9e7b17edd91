"""What is true of every check: it has both tables and keeps them, says what it saw, and may break without harm."""

from __future__ import annotations

import ast
import importlib.util
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, TypeAlias

import pytest

from bench.quality_gates import messages
from stream.checks.load import Checks, load
from stream.cues import ALWAYS
from stream.hosts import facts_cache as host_facts_cache
from stream.judge import judge_for
from stream.link_facts import facts_cache
from stream.lists.memory import NO_LISTS
from stream.model import Family, Finding, Host, HostFacts, Message
from stream.outcome import Judged
from stream.reading import reader_for
from stream.rules import Rules
from stream.verdict import judge

Row: TypeAlias = str | Message
HERE = Path(__file__).parent
CHECKS = load()
NAMES = list(CHECKS.kinds())
FEWEST = 3
GATES = HERE.parent / "gates"
OWN_HOST = HostFacts(Host("kedai.example", "kedai.example"))


def table(check: str, name: str) -> Sequence[Row]:
    """A table of a check's test file; fails where the file or the table is missing."""
    spec = importlib.util.spec_from_file_location(f"table_{check}", HERE / f"test_{check}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows: Sequence[Row] = getattr(module, name)
    return rows


def judged(rows: Sequence[Row], rules: Rules, checks: Checks = CHECKS) -> Iterator[list[Judged]]:
    """The links of each row with what every check finds on them."""
    rules = replace(rules, modes=dict.fromkeys(NAMES, "live"))
    know = facts_cache(rules, checks, NO_LISTS, host_facts_cache(rules, checks))
    read, judge = reader_for(rules), judge_for(rules, checks)
    for row in rows:
        message = Message(row) if isinstance(row, str) else row
        (reading,) = read([message])
        yield [judge(pair, know([pair[1]])[0], message, reading.cues) for pair in reading.pairs]


def findings(links: Sequence[Judged], check: str) -> list[Finding]:
    return [finding for one in links for finding in one.live if finding.check == check]


def with_broken(check: str) -> Checks:
    """All checks, one of which raises."""

    def broken(*_given: object) -> NoReturn:
        raise RuntimeError("a check of the test is broken")

    host = tuple((name, broken if name == check else each, ALWAYS) for name, each, _ in CHECKS.host)
    link = tuple((name, broken if name == check else each, ALWAYS) for name, each, _ in CHECKS.link)
    message = tuple((name, broken if name == check else each, ALWAYS) for name, each, _ in CHECKS.message)
    return Checks(host, link, message)


@pytest.mark.parametrize("check", NAMES)
def test_flagged_rows_are_found(check: str, rules: Rules) -> None:
    rows = table(check, "FLAGGED")
    assert len(rows) >= FEWEST
    found = list(judged(rows, rules))
    assert [row for row, links in zip(rows, found, strict=True) if not findings(links, check)] == []


@pytest.mark.parametrize("check", NAMES)
def test_where_no_cue_is_a_check_finds_nothing(check: str, rules: Rules) -> None:
    rows = [*table(check, "FLAGGED"), *table(check, "CLEAN")]
    eager = Checks(
        tuple((name, each, ALWAYS) for name, each, _ in CHECKS.host),
        tuple((name, each, ALWAYS) for name, each, _ in CHECKS.link),
        tuple((name, each, ALWAYS) for name, each, _ in CHECKS.message),
    )
    assert list(judged(rows, rules, eager)) == list(judged(rows, rules))


@pytest.mark.parametrize("check", NAMES)
def test_clean_rows_are_left_alone(check: str, rules: Rules) -> None:
    rows = table(check, "CLEAN")
    assert len(rows) >= FEWEST
    found = list(judged(rows, rules))
    assert [row for row, links in zip(rows, found, strict=True) if findings(links, check)] == []


@pytest.mark.parametrize("check", NAMES)
def test_a_finding_says_what_was_seen(check: str, rules: Rules) -> None:
    for links in judged(table(check, "FLAGGED"), rules):
        for finding in findings(links, check):
            assert finding.reason.endswith(".")
            assert math.isfinite(finding.weight)
            assert finding.weight


@pytest.mark.parametrize("check", NAMES)
def test_a_check_that_raises_costs_only_its_own_findings(check: str, rules: Rules) -> None:
    rows = table(check, "FLAGGED")
    whole, broken = list(judged(rows, rules)), list(judged(rows, rules, with_broken(check)))
    for links, fewer in zip(whole, broken, strict=True):
        for one, other in zip(links, fewer, strict=True):
            if check not in {finding.check for finding in one.live}:
                continue
            assert other.errors == (check,)
            kept = [finding for finding in one.live if finding.check != check]
            if check == "brand_lookalike":  # another check reads its finding
                kept, others = [f for f in kept if f.check != "brand_in_text"], other.live
                assert kept == [f for f in others if f.check != "brand_in_text"]
            else:
                assert sorted(other.live, key=str) == sorted(kept, key=str)


def heaviest(rules: Rules) -> dict[str, Finding]:
    """The heaviest finding of each check on all tables and on the scams of the gates."""
    rows = [row for check in NAMES for name in ("FLAGGED", "CLEAN") for row in table(check, name)]
    rows += [message for field in ("text", "text_bare") for _, message in messages(GATES / "scams_my.jsonl", field)]
    best: dict[str, Finding] = {}
    for links in judged(rows, rules):
        for finding in (finding for one in links for finding in one.live):
            if finding.check not in best or best[finding.check].weight < finding.weight:
                best[finding.check] = finding
    return best


def test_no_check_raises_an_automatic_alert_by_itself(rules: Rules) -> None:
    """Hardly a check is right nine times of ten alone (docs/checks.md): each adds to a sum, none is enough."""
    found = heaviest(rules)
    assert found.keys() == set(NAMES)
    alone = {name: judge([finding], OWN_HOST, rules, ()).tier for name, finding in found.items()}
    assert {name: tier for name, tier in alone.items() if tier == "automatic"} == {}


@pytest.mark.parametrize("family", ["url", "lure"])
def test_no_weight_makes_up_for_a_second_family(family: Family, rules: Rules) -> None:
    """Whatever a check that is no brand rule may come to weigh."""
    findings = [Finding("heavy", family, 50.0, "Seen.", {}), Finding("heavier", family, 90.0, "Seen.", {})]
    assert judge(findings, OWN_HOST, rules, ()).tier == "review"


def test_every_table_belongs_to_a_check() -> None:
    assert {path.stem.removeprefix("test_") for path in HERE.glob("test_*.py")} - {"all"} == set(NAMES)


def test_a_check_looks_at_no_more_of_a_message_than_what_texts_are_remembered_by() -> None:
    """A text that was judged is not judged again (`stream/shortcut.py`): no check may see who sends it."""
    seen = set[str]()
    for path in sorted((HERE.parents[1] / "stream" / "checks" / "message").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "message":
                seen.add(node.attr)
    assert seen == {"text", "surface", "lang"}
