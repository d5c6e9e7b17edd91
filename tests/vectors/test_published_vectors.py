"""Published test vectors of others: Safe Browsing, WPT URL, IDNA, the public suffix list, twitter-text, linkify-it."""

import json
import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from stream.canonical import canonicalize, expressions
from stream.links import find_links
from stream.model import FoundLink
from stream.suffixes import from_lines

VECTORS = Path(__file__).resolve().parents[3] / "shared" / "vectors"
pytestmark = pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not beside the repository")

CONTROL_OR_SPACE = "".join(map(chr, range(0x21)))


def read(name: str) -> str:
    return (VECTORS / name).read_text(encoding="utf-8")


def test_safe_browsing_guide_canonical_forms() -> None:
    vectors = json.loads(read("safebrowsing/documented_canonicalization.json"))
    raw = bytes.fromhex(vectors["canonicalize_bytes"]["input_hex"])
    cases = [*vectors["canonicalize"], (raw.decode("latin-1"), vectors["canonicalize_bytes"]["expected"])]
    found = [(url, getattr(canonicalize(url), "url", None)) for url, _ in cases]
    assert found == [(url, expected) for url, expected in cases]
    assert len(found) == 33


def test_safe_browsing_guide_expressions() -> None:
    vectors = json.loads(read("safebrowsing/documented_canonicalization.json"))["suffix_prefix_expressions"]
    for url, expected in vectors.items():
        link = canonicalize(url)
        assert link is not None
        assert list(expressions(link)) == expected
    assert len(vectors) == 5


def wpt_cases() -> list[dict[str, Any]]:
    """Absolute http, https and ftp addresses: the others of the file need a base or are never opened by a click."""
    cases = []
    for case in json.loads(read("wpt-url/urltestdata.json")):
        if isinstance(case, dict):
            written = re.sub("[\t\r\n]", "", case["input"].strip(CONTROL_OR_SPACE))
            scheme = re.match(r"(?i)(https?|ftp):", written)
            relative = scheme and case.get("base") and case["base"].startswith(scheme[1].lower() + ":")
            if scheme and (not relative or re.match(r"(?i)\w+:[/\\]{2}", written)):
                cases.append(case)
    return cases


def test_wpt_hosts_and_validity() -> None:
    cases = wpt_cases()
    wrong = []
    for case in cases:
        link = canonicalize(case["input"])
        host = link.host if link else None
        if host != (None if case.get("failure") else case["hostname"]):
            wrong.append((case["input"], host))
    assert len(cases) > 370
    assert wrong == []


def unescaped(field: str) -> str:
    text = re.sub(r"\\u([0-9A-Fa-f]{4})|\\x\{([0-9A-Fa-f]+)\}", lambda m: chr(int(m[1] or m[2], 16)), field)
    return "" if text == '""' else text


def idna_cases() -> list[tuple[str, str, frozenset[str]]]:
    """Source, expected ASCII form, and the status codes of a failure."""
    cases = []
    for line in read("idna/IdnaTestV2.txt").splitlines():
        fields = [field.strip() for field in line.partition("#")[0].split(";")]
        if len(fields) > 4:
            status = fields[4] or fields[2]
            source = unescaped(fields[0])
            unicode = unescaped(fields[1]) if fields[1] else source
            ascii_form = unescaped(fields[3]) if fields[3] else unicode
            cases.append((source, ascii_form, frozenset(re.findall(r"[A-Z]\d", status))))
    return cases


# Deliberate differences, each with its reason; docs/links.md explains them.
TOLERATED: Final = {
    "V2": "WHATWG: CheckHyphens is off",
    "V3": "WHATWG: CheckHyphens is off",
    "A4": "WHATWG: VerifyDnsLength is off; the bound of 253 is applied where links are found",
    "U1": "WHATWG: UseSTD3ASCIIRules is off; forbidden code points are refused by the URL parser itself",
    "B1": "ada does not apply the Bidi rule; a host that breaks it resolves all the same",
    "B5": "as B1",
    "B6": "as B1",
    "P4": "an A-label of ASCII alone (`xn--ascii-`) reaches the name server as it is written",
}


def is_address_of_its_own(source: str) -> bool:
    """Whether the string, put after `http://`, is a host and not a host with a path, a port or a user."""
    return not re.search(r"[/?#@:\\\[\]%<>^|\s\x00-\x1f]", source) and bool(source.strip("."))


def is_too_new(ascii_form: str) -> bool:
    """Whether a label holds a character that browsers do not know either: the vectors are ahead of them by a year."""
    labels = (label[4:].encode().decode("punycode") for label in ascii_form.split(".") if label.startswith("xn--"))
    return any(unicodedata.category(char) == "Cn" for label in labels for char in label)


def test_idna_to_ascii() -> None:
    wrong = []
    too_new: list[tuple[str, list[str], str]] = []
    for source, ascii_form, status in idna_cases():
        if is_address_of_its_own(source):
            link = canonicalize(f"http://{source}/")
            host = link.host if link else None
            if status and host is not None and not status & TOLERATED.keys():
                wrong.append((source, sorted(status), host))
            elif not status and host != ascii_form and not re.search(r"\d$|0x[0-9a-f]*$", ascii_form):
                (too_new if is_too_new(ascii_form) else wrong).append((source, [ascii_form], host or ""))
    assert wrong == []
    assert len(too_new) < 5


def test_public_suffix_list() -> None:
    suffixes = from_lines(read("psl/public_suffix_list.dat").splitlines(), ())
    cases = [line.split() for line in read("psl/tests.txt").splitlines() if line.strip() and not line.startswith("//")]
    found = [(host, suffixes.split("" if host == "null" else host.lower())[0] or "null") for host, _ in cases]
    assert found == [(host, expected) for host, expected in cases]
    assert len(cases) > 70


# Where twitter-text says something else than we mean to: by rule, never by case. A link that a rule explains is not
# counted against the case; the rule must not explain anything that twitter-text expects.
Contradiction = Callable[[FoundLink, str], bool]
CONTRADICTIONS: Final[dict[str, Contradiction]] = {
    "a written scheme is followed by every other client, whatever sign stands before it": lambda link, text: (
        "://" in link.raw and text[link.start - 1 : link.start] in tuple("@#$")
    ),
    "only a bare name needs a known suffix; linkify-it expects http://host-name": lambda link, text: (
        "://" in link.raw and "." not in link.raw
    ),
    "browsers open and name servers hold names with underscores, and block lists are full of them": lambda link, _: (
        "://" in link.raw and re.search(r"//(?:_|[^/]*(?:\._|_\.|_[^./]*\.[a-z]+(?:/|$)))", link.raw) is not None
    ),
    "links inside another link's query are ours to find": lambda link, text: link.found_in == "query",
}


def twitter_cases() -> list[tuple[str, str, list[tuple[str, int | None]]]]:
    tests = yaml.safe_load(read("twitter-text/extract.yml"))["tests"]
    cases = []
    for section in ("urls", "urls_with_indices", "urls_with_directional_markers", "tco_urls_with_params"):
        for case in tests[section]:
            expected: list[tuple[str, int | None]] = []
            for item in case["expected"]:
                if isinstance(item, str):
                    expected.append((item, None))
                else:  # positions count UTF-16 units there; they are the same in texts of the basic plane
                    basic = max(case["text"]) <= "\uffff" and "directional" not in section
                    expected.append((item["url"], item["indices"][0] if basic else None))
            cases.append((case["description"], case["text"], expected))
    return cases


def test_twitter_text_extraction() -> None:
    cases = twitter_cases()
    wrong = []
    for description, text, expected in cases:
        links = [link for link in find_links(text) if not any(rule(link, text) for rule in CONTRADICTIONS.values())]
        found = [
            (link.raw, None if place is None else link.start) for link, (_, place) in zip(links, expected, strict=False)
        ]
        if len(links) != len(expected) or found != expected:
            wrong.append((description, [link.raw for link in links]))
    assert len(cases) > 100
    assert wrong == [], f"{len(cases) - len(wrong)} of {len(cases)}"


def linkify_links() -> list[tuple[str, str]]:
    """Text and the one link in it; a group of one line is a link as a whole."""
    groups: list[list[str]] = [[]]
    for line in read("linkify-it/links.txt").splitlines():
        if not line.strip():
            groups.append([])
        elif not line.startswith("%"):
            groups[-1].append(line)
    return [(re.sub(r"\s+% .*$", "", group[0]), re.sub(r"\s+% .*$", "", group[-1])) for group in groups if group]


def is_mail(link: str) -> bool:
    """E-mail addresses are no links to us."""
    return link.lower().startswith("mailto:") or re.fullmatch(r"[^/:]+@[^/]+", link) is not None


def test_linkify_it_links() -> None:
    cases = [(text, expected) for text, expected in linkify_links() if not is_mail(expected)]
    wrong = [text for text, expected in cases if [link.raw for link in find_links(text)] != [expected]]
    assert len(cases) > 90
    assert len(wrong) <= 0.03 * len(cases), wrong


def test_linkify_it_texts_without_links() -> None:
    lines = [
        line for line in read("linkify-it/not_links.txt").splitlines() if line.strip() and not line.startswith("%")
    ]
    texts = [re.sub(r"\s+(?:%|//) .*$", "", line) for line in lines]
    assert len(texts) == 38
    assert [text for text in texts if find_links(text)] == []
