"""The Malaysian regulators' alert lists: names first, addresses as people typed them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, UnreadableError, text_of
from stream.lists.formats.structured import document, pointed

_EMBEDDED = re.compile(r"\$X\.PMD\s*=\s*")
_DATE = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/ ](\d{1,2})[-/ ](\d{4})")
# Addresses are joined by bars, commas, line breaks, and by a capital I typed for the bar.
_BETWEEN = re.compile(r"\s*[|,;\r\n\t]+\s*|\s+I\s+|<br\s*/?>|\s+(?:and|dan|&|/)\s+|\s+(?=https?:)", re.IGNORECASE)
_SCHEME = re.compile(r"^(https?)\s*:?\s*/*\s*(?=\S)", re.IGNORECASE)
_NOT_GIVEN = {"", "-", "n/a", "na", "nil", "none", "tiada", "not available"}
_NAMES = {
    "websites": ("websites", "website", "url", "urls", "Website", "Websites"),
    "date": ("added_date", "date", "date_added", "Date"),
}


def bank_negara(data: bytes, options: ParseOptions) -> Rows:
    """Bank Negara Malaysia's financial consumer alert list as its open API gives it."""
    records = next(pointed(document(data), "/data"), None)
    records = [records] if isinstance(records, dict) else records
    if not isinstance(records, list):
        raise UnreadableError("the Bank Negara list has a member `data`")
    yield from _rows(records)


def securities_commission(data: bytes, options: ParseOptions) -> Rows:
    """The Securities Commission's investor alert page, whose table is JSON inside a script."""
    text = text_of(data)
    match = _EMBEDDED.search(text)
    if match is None:
        raise UnreadableError("the page holds no `$X.PMD` table")
    yield from _rows(list(_records(_first_value(text, match.end()))))


def _first_value(text: str, start: int) -> object:
    """The JSON value that begins at `start`; a script may go on behind it."""
    end = text.find(";$X.PPG", start)
    try:
        return msgspec.json.decode(text[start : end if end > 0 else text.rfind("}") + 1].strip().rstrip(";"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableError(f"the table is not JSON: {error}") from None


def _records(value: object) -> Iterator[Mapping[str, object]]:
    """Every object with an address member, however deep the page nests it."""
    if isinstance(value, dict):
        if any(name in value for name in _NAMES["websites"]):
            yield value
        else:
            for member in value.values():
                yield from _records(member)
    elif isinstance(value, list):
        for member in value:
            yield from _records(member)


def _rows(records: list[object] | list[Mapping[str, object]]) -> Rows:
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            yield Bad(number, "not an object")
            continue
        listed_at = date_of(_first(record, "date"))
        for name in _NAMES["websites"]:
            for address in addresses(record.get(name)):
                yield Row(address, listed_at=listed_at, threat="unlicensed_finance")


def _first(record: Mapping[str, object], what: str) -> str:
    return next((str(record[name]) for name in _NAMES[what] if record.get(name)), "")


def addresses(value: object) -> Iterator[str]:
    """The addresses in one cell, mended where the mistake is plain: lost slashes, brackets, blanks inside."""
    parts = value if isinstance(value, list) else _BETWEEN.split(value) if isinstance(value, str) else []
    for part in parts:
        address = str(part).strip(" \t()[]<>;,.'\"")
        if address.lower() in _NOT_GIVEN:
            continue
        address = _SCHEME.sub(r"\1://", address)
        host, slash, rest = address.partition("://")[2].partition("/") if "://" in address else address.partition("/")
        if "." in host:
            scheme = address.partition("://")[0] + "://" if "://" in address else ""
            yield scheme + host.replace(" ", "") + slash + rest.strip().replace(" ", "%20")


def date_of(cell: str) -> str:
    """The date in a cell as `YYYY-MM-DD`, else empty; the table shows `2022/09/0029 Sep 2022` for 29 September."""
    doubled = re.search(r"(\d{1,2}) (\w{3})\w* (\d{4})$", cell)
    if doubled and doubled[2].lower() in _MONTHS:
        day = doubled[1][-2:]
        return f"{doubled[3]}-{_MONTHS.index(doubled[2].lower()) + 1:02d}-{int(day):02d}"
    if match := _DATE.search(cell):
        return "-".join(match.groups())
    if match := _DAY_FIRST.search(cell):
        return f"{match[3]}-{int(match[2]):02d}-{int(match[1]):02d}"
    return ""


_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
