"""What the list benchmark looks up, in what, and how it takes the time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from stream.canonical import canonicalize
from stream.lists.entries import Entry
from stream.model import Link

Figures: TypeAlias = dict[str, Any]

BLOCK: Final = 100_000
LINKS: Final = 20_000
HITS: Final = 0.01
TURNS: Final = 5  # the least of several runs counts: neighbours only ever add time
ENDINGS: Final = (".com", ".top", ".xyz", ".shop", ".net", ".com.my", ".vercel.app", ".pages.dev")
WORDS: Final = ("kawan", "jom", "tengok", "ini", "dekat", "sini", "esok", "lepas", "kerja", "see", "you", "later")
BAITS: Final = (
    "secure", "login", "verify", "account", "bank", "wallet", "claim", "bonus", "prize", "parcel", "post", "track",
    "pay", "refund", "update", "service", "support", "help", "card", "cash", "loan", "fast", "gift", "shop", "sale",
    "mall", "free", "win", "lucky", "event", "aid", "fund", "bantuan", "semak", "mohon", "tuntut", "daftar", "resit",
    "hadiah", "duit", "kredit", "akaun", "sah", "pos", "kurier", "tng", "mykasih", "str", "esara", "invest", "trade",
    "crypto", "coin", "mint", "airdrop", "stake", "swap", "web", "app", "my", "online", "portal",
)  # fmt: skip
PAGES: Final = ("login", "index", "verify", "my", "wp", "html", "php", "pay", "a", "claim", "update", "track", "form")


def listed(count: int) -> Iterator[Entry]:
    """Made-up entries, always the same: hosts and addresses with paths, as long and as repetitive as public lists.

    A million of them take 13.4 bytes each in the index; the 1.07 million keys of seven public lists take 13.6.
    """
    for block in range(-(-count // BLOCK)):
        yield from islice(_block(block), min(BLOCK, count - block * BLOCK))


def _block(number: int) -> Iterator[Entry]:
    random = np.random.default_rng(number)
    numbers = random.integers(0, 2**31, (BLOCK, 4)).tolist()
    for first, second, third, fourth in numbers:
        host = f"{BAITS[first % 59]}{first // 59 % 4_000_000:x}-{BAITS[second % 61]}{ENDINGS[second // 61 % 8]}"
        if third & 1:
            yield Entry("hosts", "domain", host, listed_at="2026-01-01")
        else:
            path = f"{PAGES[third // 4 % 13]}/{fourth % 1_000_000:x}.{PAGES[third // 52 % 13]}"
            yield Entry("urls", "url", f"{host}/{path}", listed_at="2026-01-01")


def links(count: int) -> list[Link]:
    """Links as in messages: most on no list, one in a hundred listed."""
    random = np.random.default_rng(2**31)
    letters = random.integers(97, 123, 40 * LINKS, dtype=np.uint8).tobytes().decode()
    made = []
    for index in range(LINKS):
        word = letters[40 * index : 40 * index + 40]
        made.append(f"https://www.{word[:9]}.{word[9:11]}{ENDINGS[index & 7]}/{word[11:17]}/{word[17:30]}?id={index}")
    step = int(1 / HITS)
    some = [f"http://{entry.key}" for entry in islice(listed(count), LINKS // step)]
    made[::step] = some
    return [link for url in made if (link := canonicalize(url))]


def records(topic: str) -> list[Any]:
    """Chat in which four messages in ten hold a link, most of them to a host that is seen once."""
    from agents.cli.check import Line

    urls = [link.url for link in links(10_000)]
    made = []
    for number in range(LINKS):
        text = " ".join(WORDS[(number + place) % len(WORDS)] for place in range(12))
        text += f" {urls[number % len(urls)]}" if number % 5 < 2 else ""
        made.append(Line(b'{"id":"%d","text":"%s"}' % (number, text.encode()), number, topic))
    return made


def each(work: Callable[[Any], object], values: Sequence[Any]) -> None:
    """Do the work for every value."""
    for value in values:
        work(value)


def best(work: Callable[[], None]) -> float:
    """Seconds of the fastest of several runs."""
    times = []
    for _ in range(TURNS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def resident() -> int:
    """Bytes of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
