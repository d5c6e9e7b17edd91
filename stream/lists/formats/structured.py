"""Lists in JSON: any by pointer, MISP warninglists, STIX 2.1 bundles and the CERT.PL warning list."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from stream.lists.entries import EntryKind
from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, UnreadableError

_PATTERN = re.compile(r"(url|domain-name|hostname|ipv4-addr|ipv6-addr):value\s*=\s*'((?:[^'\\]|\\.)*)'")
_STIX_KINDS: dict[str, EntryKind] = {"url": "url", "domain-name": "domain", "hostname": "host"}


def document(data: bytes) -> object:
    """The JSON value of a file; raises where it is none."""
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError) as error:
        raise UnreadableError(f"not JSON: {error}") from None


def pointed(value: object, pointer: str) -> Iterator[object]:
    """What a JSON pointer leads to; `*` stands for every member, and for an object's members its values."""
    step, _, rest = pointer.removeprefix("/").partition("/")
    if not step:
        yield value
        return
    step = step.replace("~1", "/").replace("~0", "~")
    if isinstance(value, list):
        members = value if step == "*" else value[int(step) : int(step) + 1] if step.isdecimal() else []
    elif isinstance(value, dict):
        members = list(value.values()) if step == "*" else [value[step]] if step in value else []
    else:
        members = []
    for member in members:
        yield from pointed(member, rest)


def text_at(value: object, pointer: str) -> str:
    """The first text or number that a pointer leads to, else empty."""
    found = next(pointed(value, pointer), None) if pointer else None
    return str(found) if isinstance(found, str | int | float) else ""


def by_pointer(data: bytes, options: ParseOptions) -> Rows:
    """Fields: `pointer` to the items (`/data/*`), then within an item `value`, `listed_at`, `threat`."""
    names = options.fields
    items = list(pointed(document(data), names.get("pointer", "/*")))
    if not items:
        raise UnreadableError(f"nothing at {names.get('pointer', '/*')}")
    for number, item in enumerate(items, 1):
        members = item if isinstance(item, list) else [item]
        for member in members:
            yield _item(number, member, options)


def _item(number: int, item: object, options: ParseOptions) -> Row | Bad:
    names = options.fields
    value = item if isinstance(item, str) else text_at(item, names.get("value", "/url"))
    if not value:
        return Bad(number, "no value")
    return Row(
        value,
        listed_at=text_at(item, names.get("listed_at", "")),
        threat=text_at(item, names.get("threat", "")),
    )


def misp(data: bytes, options: ParseOptions) -> Rows:
    """A MISP warninglist of hostnames or strings; patterns and networks are bad lines."""
    found = document(data)
    kind, entries = text_at(found, "/type"), next(pointed(found, "/list"), None)
    if not isinstance(entries, list):
        raise UnreadableError("a MISP warninglist has a member `list`")
    for number, value in enumerate(entries, 1):
        if kind in ("hostname", "string", "substring", "") and isinstance(value, str):
            yield Row(value.lstrip("."))
        else:
            yield Bad(number, f"cannot use entries of type {kind or 'unknown'}", str(value)[:200])


def stix(data: bytes, options: ParseOptions) -> Rows:
    """Indicators (`url`, `domain-name`, addresses joined by OR) and `url` and `domain-name` objects of a bundle."""
    objects = next(pointed(document(data), "/objects"), None)
    if not isinstance(objects, list):
        raise UnreadableError("a STIX bundle has a member `objects`")
    for number, found in enumerate(objects, 1):
        if isinstance(found, dict) and not found.get("revoked"):
            yield from _stix_object(number, found)


def _stix_object(number: int, found: dict[str, object]) -> Rows:
    kind = found.get("type")
    if kind in ("url", "domain-name") and isinstance(found.get("value"), str):
        yield Row(str(found["value"]), _STIX_KINDS[str(kind)])
    elif kind == "indicator":
        pattern = str(found.get("pattern") or "")
        values = _PATTERN.findall(pattern)
        if not values or " AND " in pattern or "FOLLOWEDBY" in pattern:
            yield Bad(number, "pattern is not one of addresses", pattern[:200])
            return
        start, end = str(found.get("valid_from") or ""), str(found.get("valid_until") or "")
        for name, value in values:
            yield Row(re.sub(r"\\(.)", r"\1", value), _STIX_KINDS.get(name, "host"), listed_at=start, expires_at=end)


def certpl(data: bytes, options: ParseOptions) -> Rows:
    """CERT.PL's JSON: domains with the dates on which they were entered and struck off."""
    found = document(data)
    if not isinstance(found, list):
        raise UnreadableError("the CERT.PL list is a JSON array")
    for number, record in enumerate(found, 1):
        name = text_at(record, "/DomainAddress") or text_at(record, "/domainAddress")
        if not name:
            yield Bad(number, "no DomainAddress")
        elif not (text_at(record, "/DeleteDate") or text_at(record, "/deleteDate")):
            yield Row(name, "domain", listed_at=text_at(record, "/InsertDate") or text_at(record, "/insertDate"))
