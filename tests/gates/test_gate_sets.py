"""The gate sets are well formed, distinct and name no live scam host."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest

HERE: Final = Path(__file__).parent
SETS: Final = {"transactional": 320, "harmless": 320, "scams_my": 320}
LANGUAGES: Final = {"ms", "en", "zh", "ta", "id"}
SURFACES: Final = {"public_channel", "group_chat", "live_chat", "comment", "post", "sms", "email", "other"}
NEEDED: Final = {"id", "text", "lang", "surface", "kind"}
RESERVED: Final = {"example", "test", "invalid"}
LINK: Final = re.compile(r"https?://([^\s/，。；：、）)?#\"]+)")
NOT_WORDS: Final = re.compile(r"https?://\S+|[\W\d_]+")
REAL_HOSTS: Final = frozenset(
    line for line in (HERE / "real_hosts.txt").read_text(encoding="utf-8").split("\n") if line and line[0] != "#"
)


def records(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def hosts(text: str) -> Iterator[str]:
    for found in LINK.findall(text):
        yield found.rstrip(".,;:").lower()


def is_reserved(host: str) -> bool:
    return host.rsplit(".", 1)[-1] in RESERVED


def is_known(host: str) -> bool:
    labels = host.split(".")
    return is_reserved(host) or any(".".join(labels[i:]) in REAL_HOSTS for i in range(len(labels)))


def shape(text: str) -> str:
    """The words of a text without links, numbers and punctuation: equal shapes are one skeleton."""
    return NOT_WORDS.sub(" ", text.lower()).strip()


@pytest.mark.parametrize(("name", "least"), SETS.items())
def test_each_set_is_large_and_well_formed(name: str, least: int) -> None:
    rows = records(name)
    assert len(rows) >= least
    assert [row["id"] for row in rows if not row.keys() >= NEEDED] == []
    assert [row["id"] for row in rows if not all(isinstance(value, str) and value for value in row.values())] == []
    assert {row["lang"] for row in rows} <= LANGUAGES
    assert {row["surface"] for row in rows} <= SURFACES


def test_ids_and_texts_are_unique_over_all_sets() -> None:
    rows = list(chain.from_iterable(records(name) for name in SETS))
    for field in ("id", "text"):
        assert [value for value, count in Counter(row[field] for row in rows).items() if count > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_no_skeleton_is_used_more_than_three_times(name: str) -> None:
    shapes = Counter(shape(row["text"]) for row in records(name))
    assert [text for text, count in shapes.items() if count > 3] == []


@pytest.mark.parametrize("name", ["transactional", "harmless"])
def test_harmless_sets_name_only_reserved_or_listed_hosts(name: str) -> None:
    found = {host for row in records(name) for host in hosts(row["text"] + " " + row.get("url", ""))}
    assert sorted(host for host in found if not is_known(host)) == []


def test_harmless_set_has_enough_of_each_language_and_of_links() -> None:
    rows = records("harmless")
    assert min(Counter(row["lang"] for row in rows)[lang] for lang in ("ms", "en", "zh", "ta")) >= 60
    assert 0.5 < sum("url" in row for row in rows) / len(rows) < 0.7


def test_scam_hosts_are_reserved_and_distinct() -> None:
    found = [urlsplit(row["url"]).hostname or "" for row in records("scams_my")]
    assert [host for host in found if not is_reserved(host)] == []
    assert [host for host, count in Counter(found).items() if count > 1] == []


def test_scams_name_a_brand_a_trick_and_the_same_link_twice() -> None:
    rows = records("scams_my")
    assert [row["id"] for row in rows if not (row.get("brand") and row.get("trick"))] == []
    assert len({row["text_bare"] for row in rows}) == len(rows)
    assert [row["id"] for row in rows if longest_shared(row["text"], row["text_bare"]) < 10] == []


def longest_shared(text: str, bare: str) -> int:
    """How long the longest stretch of `bare` is that `text` holds too; the link, where the record is sound."""
    return max(len(bare[i:j]) for i in range(len(bare)) for j in range(i + 1, len(bare) + 1) if bare[i:j] in text)
