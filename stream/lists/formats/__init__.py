"""List formats: bytes to entries. One file a family; a new format is a generator of rows and a line in `FORMATS`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stream.lists.entries import Entry
from stream.lists.formats.adblock import adblock
from stream.lists.formats.naming import namer
from stream.lists.formats.plain import hosts, plain, tsv
from stream.lists.formats.regulators import bank_negara, securities_commission
from stream.lists.formats.rows import Bad, Parsed, ParseOptions, Row, Rows, UnreadableError
from stream.lists.formats.rpz import rpz
from stream.lists.formats.structured import by_pointer, certpl, misp, stix
from stream.lists.formats.table import table, urlhaus

__all__ = ["FORMATS", "Bad", "ParseOptions", "Parsed", "Row", "UnreadableError", "parse", "sniff"]

FORMATS: Mapping[str, Callable[[bytes, ParseOptions], Rows]] = {
    "plain": plain,
    "hosts": hosts,
    "tsv": tsv,
    "adblock": adblock,
    "rpz": rpz,
    "csv": table,
    "json": by_pointer,
    "misp": misp,
    "stix": stix,
    "urlhaus": urlhaus,
    "certpl": certpl,
    "bank_negara": bank_negara,
    "securities_commission": securities_commission,
}
_EXAMPLES = 20  # bad lines kept to show


def parse(format: str, data: bytes, options: ParseOptions) -> Parsed:
    """Every entry of a list; what cannot be read is counted and exemplified. Raises `UnreadableError` for no list."""
    entries: list[Entry] = []
    bad: list[Bad] = []
    bad_count = 0
    entry_of = namer(options)
    for place, row in enumerate(FORMATS[format](data, options), 1):
        found = entry_of(row) if isinstance(row, Row) else row
        if isinstance(found, Bad):
            bad_count += 1
            if len(bad) < _EXAMPLES:
                bad.append(found if found.line else Bad(place, found.why, found.text))
        else:
            entries.append(found)
    return Parsed(entries, tuple(bad), bad_count)


def sniff(data: bytes) -> str:
    """The format that a file most likely has, for a list given by hand."""
    head = data[:65536].decode("utf-8-sig", "replace")
    start = head.lstrip()
    if start.startswith(("{", "[{", '["', "[]")) and not start.startswith("[Adblock"):
        return _sniff_json(head)
    lines = [line for line in head.splitlines() if line.strip()][:200]
    if "$X.PMD" in head:
        return "securities_commission"
    if any(line.split("\t")[:3] == ["feed", "listed_at", "entry"] for line in lines[:3]):
        return "tsv"
    if start.startswith("[Adblock") or any(line.startswith(("||", "@@||")) for line in lines):
        return "adblock"
    if any(line.startswith(("$TTL", "$ORIGIN")) or " CNAME " in line for line in lines):
        return "rpz"
    return _sniff_lines([line for line in lines if line[0] not in "#!;"], head)


def _sniff_json(head: str) -> str:
    if '"DomainAddress"' in head:
        return "certpl"
    if '"objects"' in head and '"bundle"' in head:
        return "stix"
    if '"list"' in head and '"type"' in head:
        return "misp"
    if '"url_status"' in head or '"dateadded"' in head:
        return "urlhaus"
    return "bank_negara" if '"data"' in head and '"websites"' in head else "json"


def _sniff_lines(lines: list[str], head: str) -> str:
    if "dateadded" in head and "url_status" in head:
        return "urlhaus"
    addressed = sum(line.split()[0] in ("0.0.0.0", "127.0.0.1", "::", "::1") for line in lines)  # noqa: S104
    if addressed * 2 > len(lines):
        return "hosts"
    first = lines[0].lower().replace('"', "") if lines else ""
    named = [cell.strip() for cell in first.replace(";", ",").replace("\t", ",").split(",")]
    return "csv" if len(named) > 1 and "url" in named else "plain"
