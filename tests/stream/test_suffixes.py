"""The suffix rules beside tldextract, which reads the same snapshot, and a refreshed list on disk."""

from pathlib import Path

import pytest
import tldextract

from config.suffixes import FILE_NAME, load_suffixes, save_refreshed, snapshot_text
from stream.suffixes import bundled, from_lines

# host, registrable domain, the same without the private section, suffix
SPLITS = [
    ("pay.example", "pay.example", "pay.example", "example"),
    ("a.pay.com.my", "pay.com.my", "pay.com.my", "com.my"),
    ("a.b.github.io", "b.github.io", "github.io", "github.io"),
    ("github.io", "", "github.io", "github.io"),
    ("com.my", "", "", "com.my"),
    ("localhost", "", "", "localhost"),
    ("a.b.nosuchsuffix", "b.nosuchsuffix", "b.nosuchsuffix", "nosuchsuffix"),
    ("a.b.ck", "a.b.ck", "a.b.ck", "b.ck"),
    ("www.ck", "www.ck", "www.ck", "ck"),
    ("a." * 500 + "pay.com.my", "pay.com.my", "pay.com.my", "com.my"),
]
ORACLE = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=())
ORACLE_PRIVATE = tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), include_psl_private_domains=True)


@pytest.mark.parametrize(("host", "registrable", "icann", "suffix"), SPLITS)
def test_a_host_is_split_by_the_longest_rule(host: str, registrable: str, icann: str, suffix: str) -> None:
    assert bundled().split(host) == (registrable, icann, suffix)


def test_every_rule_splits_as_tldextract_splits() -> None:
    suffixes = from_lines(snapshot_text().splitlines(), ())
    names = [name for name in suffixes.rules if name.isascii()]
    longer = {name[place + 1 :] for name in names for place, char in enumerate(name) if char == "."}
    wild = {line[2:] for line in snapshot_text().splitlines() if line.startswith("*.")}
    wrong = []
    for host in [f"{prefix}{name}" for name in names[::3] for prefix in ("", "a.", "c.b.a.")]:
        if "." not in host or (host in longer | wild and host.partition(".")[2] in wild):
            continue  # tldextract applies no wildcard to a label through which a longer rule runs; the list's text does
        expected = (ORACLE_PRIVATE(host).top_domain_under_public_suffix, ORACLE(host).top_domain_under_public_suffix)
        if suffixes.split(host)[:2] != expected:
            wrong.append((host, expected))
    assert wrong == []


@pytest.mark.parametrize(
    ("host", "split"),
    [
        ("a.b.c.private.test", ("b.c.private.test", "private.test", "c.private.test")),
        ("a.kept.private.test", ("kept.private.test", "private.test", "private.test")),
        ("a.b.c.public.test", ("b.c.public.test", "b.c.public.test", "c.public.test")),
        ("a.kept.public.test", ("kept.public.test", "kept.public.test", "public.test")),
    ],
)
def test_wildcards_and_exceptions_keep_to_their_section(host: str, split: tuple[str, str, str]) -> None:
    lines = ["test", "*.public.test", "!kept.public.test", "// ===BEGIN PRIVATE DOMAINS===", "*.private.test"]
    assert from_lines([*lines, "!kept.private.test"], ()).split(host) == split


@pytest.mark.parametrize(
    ("host", "listed"),
    [
        ("pay.example", True),
        ("example", False),
        ("github.io", True),
        ("com.my", False),
        ("pay.nosuch", False),
        (".com", False),
    ],
)
def test_a_listed_host_has_a_label_before_a_real_suffix(host: str, listed: bool) -> None:
    assert bundled().listed(host) is listed


def test_extra_names_are_suffixes_beside_the_list() -> None:
    suffixes = load_suffixes(("shop.example",))
    assert suffixes.split("a.b.shop.example")[0] == "b.shop.example"
    assert "shop.example" in suffixes
    assert "nosuch" not in suffixes


def test_a_refreshed_list_is_read_at_the_next_start(tmp_path: Path) -> None:
    text = snapshot_text().replace("\ncom.my\n", "\ncom.my\nnew.my\n")
    assert save_refreshed(text, tmp_path) > 8000
    assert load_suffixes(cache_dir=tmp_path).split("a.b.new.my")[0] == "b.new.my"
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "<html>not found</html>", "com\nnet\n"])
def test_what_is_no_suffix_list_is_not_kept(text: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a public suffix list"):
        save_refreshed(text, tmp_path)
    assert load_suffixes(cache_dir=tmp_path).split("a.pay.com.my")[0] == "pay.com.my"
