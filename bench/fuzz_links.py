"""Throw mutated texts at link finding: none may raise, break a promise, or take long. Prints its seed.

A short text must also read alike by the careful way, which takes no short cut, and the native first look must say of it
what the Python form says, where it is installed.

`python -m bench.fuzz_links --short 10000000 --long 20000` is the full run.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final, TypeAlias

from bench.native_form import teller
from bench.speed_data import default_rules
from stream.canonical import canonicalize
from stream.links import Links, Reader, careful, reader
from stream.native import is_there, look_for
from stream.suffixes import bundled

Promise: TypeAlias = "Callable[[str, Links], str]"  # from a text and its links to what is wrong, or nothing

SHORT: Final = 512
LONG: Final = 65_536
SLOWEST_SECONDS: Final = 0.020
SEEDS: Final = (
    "https://pay.example/a?b=1#c", "hxxps://pay[.]example/a", "pay dot example slash a", "www. pay. example/a",
    "h t t p s : / / p a y . e x a m p l e", "pay\u200b.exam\u00adple", "ｐａｙ．ｅｘａｍｐｌｅ／ａ", "请点击pay。example领取",
    "[a](https://pay.example/(b))", '<a href="https://pay.example">x</a>', "https://go.example/?u=https%3A%2F%2Fpay.example",
    "tg://resolve?domain=a", "intent://pay.example#Intent;scheme=https;end", "a@pay.example", "http://[::1]:80/%2e%2e/%25%32",
    "&#46;&period;&amp;", "http://0x7f.1/", "user@bank.example@203.0.113.7/m", "titik 点 puḷḷi \u202e", "foo.so.is.it/(((", "_http://a_",
    "lihat https://pay.example/a/b.html ya", "guna /etc/pay.conf dan README.md, ok?", "pay.example/login?id=1 ", "http: //pay.example",
)  # fmt: skip
GLUE: Final = (
    "", " ", ".", "/", "\n", "://", "%", "[", "]", "(", ")", "@", "-", "。", "\u200b", "\ud800", "\x00", "'", '"', "|",
    " .", " /", ": /", "/ ", "#", "&", "com", "www.",
)  # fmt: skip
HOSTILE: Final = (
    "a.", ".", "a.so ", "pay.example ", "http://", "http://a.example/)", "http://a.example/", "http://a", "@a.", "[.]", "a[.]b",
    "%25", "%2e", "a%2e", "&#46;", "&amp;", "\u200b", "ａ．", "a . ", "a. com ", "dot ", "a dot com ", "://", "//a.b", "((", "a.b(",
    "https://a.example/?u=https%3A%2F%2Fb.example%2F", "](http://a.example", "<a href=", "_http://a_", "a@b.c/", "点a", "漢字.", "-", "'", '"',
    "a\u200b-", "𝐚.so ", "s∕∕a ", " / a", "a=\n", "https://pay.example/中/",
)  # fmt: skip


def mutated(random_source: random.Random, most: int) -> str:
    """A text of at most `most` bytes spliced from seeds, with characters dropped, doubled and swapped."""
    target = random_source.randint(1, most)
    pieces: list[str] = []
    size = 0
    while size < target:
        piece = random_source.choice(SEEDS)
        if random_source.random() < 0.6:
            cut = random_source.randrange(len(piece))
            piece = piece[:cut] + random_source.choice(GLUE) + piece[cut + random_source.randrange(2) :]
        piece += random_source.choice(GLUE)
        pieces.append(piece)
        size += len(piece.encode("utf-8", "surrogatepass"))
    return "".join(pieces).encode("utf-8", "surrogatepass")[:target].decode("utf-8", "ignore")


def hostile(random_source: random.Random) -> str:
    """64 KiB of one or two units that hurt a careless scanner."""
    unit = random_source.choice(HOSTILE) + (random_source.choice(HOSTILE) if random_source.random() < 0.7 else "")
    return (unit * (LONG // len(unit) + 1))[:LONG]


def broken_promise(text: str, links: Links) -> str:
    """What is wrong with the links of a text, or nothing."""
    for found, link in links.pairs:
        if found.raw != text[found.start : found.end]:
            return f"raw is not the text at its place: {found!r}"
        again = canonicalize(link.url)
        if link.kind == "web" and (again is None or again.key != link.key):
            return f"not idempotent: {link.url!r}"
    return ""


def promises_of_short() -> list[Promise]:
    """What short texts must keep besides."""
    read = careful(bundled())

    def alike(text: str, links: Links) -> str:
        right = read(text)
        same = (links.pairs, links.bounds_hit) == (right.pairs, right.bounds_hit)
        return "" if same else f"{links.pairs!r} should be {right.pairs!r}"

    rules = default_rules()
    if (look := look_for(rules)) is None:
        return [alike]
    wrong = teller(look, rules)
    return [alike, lambda text, links: f"the native first look says {told[0][1]!r}" if (told := wrong([text])) else ""]


def run(texts: Iterator[str], read: Reader, promises: Sequence[Promise] = ()) -> dict[str, object]:
    """Counts, and the slowest text, of reading every text; a text that is slow is read again before it counts."""
    slowest, worst, slow, count, linked = 0.0, "", 0, 0, 0
    for text in texts:
        seconds, links = timed(read, text)
        if seconds > SLOWEST_SECONDS:
            seconds = min(seconds, *(timed(read, text)[0] for _ in range(4)))
        count += 1
        linked += bool(links.pairs)
        slow += seconds > SLOWEST_SECONDS
        if seconds > slowest:
            slowest, worst = seconds, text
        for promise in (broken_promise, *promises):
            if problem := promise(text, links):
                raise AssertionError(f"{problem} in {text!r}")
    return {
        "texts": count,
        "with_links": linked,
        "slow": slow,
        "slowest_ms": round(slowest * 1e3, 2),
        "worst": worst[:60],
    }


def timed(read: Reader, text: str) -> tuple[float, Links]:
    """Processor seconds and links of one reading."""
    start = time.thread_time()
    links = read(text)
    return time.thread_time() - start, links


def main() -> None:
    """Run both modes and print one JSON object; ends with status 1 when a text was too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", type=int, default=200_000, help=f"texts of at most {SHORT} bytes")
    parser.add_argument("--long", type=int, default=500, help=f"texts of {LONG} characters")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    read = reader(bundled())
    short = run((mutated(source, SHORT) for _ in range(arguments.short)), read, promises_of_short())
    half = arguments.long // 2
    texts = (hostile(source) if number < half else mutated(source, LONG) for number in range(arguments.long))
    long = run(texts, read)
    print(json.dumps({"seed": arguments.seed, "native": is_there(), "short": short, "long": long}, indent=1))
    raise SystemExit(1 if short["slow"] or long["slow"] else 0)


if __name__ == "__main__":
    main()
