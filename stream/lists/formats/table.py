"""Lists with columns: CSV by column name or number, and the abuse.ch URLhaus dump."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import msgspec

from stream.lists.formats.plain import refuse_html
from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, UnreadableError, text_of

_URLHAUS = ("id", "dateadded", "url", "url_status", "last_online", "threat", "tags", "urlhaus_link", "reporter")
_URLHAUS_THREATS = {"malware_download": "malware"}


def table(data: bytes, options: ParseOptions) -> Rows:
    """Fields: `column` (name or number from 0), `listed_at`, `threat`, `delimiter`, `minimum` (`column:value`)."""
    refuse_html(data)
    lines = [line for line in text_of(data).splitlines() if line.strip() and not line.startswith("#")]
    delimiter = options.fields.get("delimiter") or _delimiter(lines[:1])
    reader = csv.reader(lines, delimiter=delimiter)
    wanted = options.fields.get("column", "url")
    header = [] if wanted.isdecimal() else [name.strip().strip("#").strip().lower() for name in next(reader, [])]
    if header and wanted.lower() not in header:
        raise UnreadableError(f"no column {wanted!r}; there are: {', '.join(header)[:120]}")
    place = {name: _place(options.fields.get(name, default), header) for name, default in _COLUMNS.items()}
    yield from _rows(reader, place, options.fields.get("minimum", ""), header)


_COLUMNS = {"column": "url", "listed_at": "", "threat": ""}


def _delimiter(first: list[str]) -> str:
    return max(",;\t|", key=first[0].count) if first else ","


def _place(name: str, header: list[str]) -> int:
    if name.isdecimal():
        return int(name)
    return header.index(name.lower()) if name.lower() in header else -1


def _rows(reader: Iterator[list[str]], place: dict[str, int], minimum: str, header: list[str]) -> Rows:
    score_name, _, floor = minimum.partition(":")
    score = _place(score_name, header) if minimum else -1
    for number, cells in enumerate(reader, 1):
        if not 0 <= place["column"] < len(cells):
            yield Bad(number, "too few columns", ",".join(cells)[:200])
        elif score < 0 or _number(cells, score) >= float(floor):
            yield Row(
                cells[place["column"]].strip(),
                listed_at=_cell(cells, place["listed_at"]),
                threat=_cell(cells, place["threat"]),
            )


def _cell(cells: list[str], place: int) -> str:
    return cells[place].strip() if 0 <= place < len(cells) else ""


def _number(cells: list[str], place: int) -> float:
    try:
        return float(_cell(cells, place))
    except ValueError:
        return float("-inf")


def urlhaus(data: bytes, options: ParseOptions) -> Rows:
    """The CSV dump (its header is a comment) or the JSON one."""
    if data.lstrip()[:1] == b"{":
        yield from _urlhaus_json(data)
        return
    refuse_html(data)
    lines = [line for line in text_of(data).splitlines() if line.strip() and not line.startswith("#")]
    for number, cells in enumerate(csv.reader(lines, skipinitialspace=True), 1):
        if len(cells) < 6:
            yield Bad(number, "too few columns", ",".join(cells)[:200])
            continue
        found = dict(zip(_URLHAUS, cells, strict=False))
        yield _urlhaus_row(found["url"], found["dateadded"], found["threat"])


def _urlhaus_json(data: bytes) -> Rows:
    try:
        known = msgspec.json.decode(data, type=dict[str, list[dict[str, object]]])
    except msgspec.DecodeError as error:
        raise UnreadableError(f"not URLhaus JSON: {error}") from None
    for number, records in enumerate(known.values(), 1):
        for record in records:
            url = record.get("url")
            if isinstance(url, str):
                yield _urlhaus_row(url, str(record.get("dateadded") or ""), str(record.get("threat") or ""))
            else:
                yield Bad(number, "no url")


def _urlhaus_row(url: str, added: str, threat: str) -> Row:
    listed_at = added.replace(" UTC", "Z").replace(" ", "T")
    return Row(url, "url", listed_at=listed_at, threat=_URLHAUS_THREATS.get(threat, threat))
