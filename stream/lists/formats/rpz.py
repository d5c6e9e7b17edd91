"""DNS response policy zones: names whose answer is replaced, and those passed through."""

from __future__ import annotations

import re

from stream.lists.entries import Action
from stream.lists.formats.plain import refuse_html
from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, text_of

_RECORD = re.compile(
    r"(?P<owner>\S+)\s+(?:\d+[smhdw]?\s+)?(?:IN\s+)?(?P<type>CNAME|A|AAAA|TXT|NS|SOA)\s+(?P<target>.+)", re.IGNORECASE
)
_TRIGGERS = (".rpz-ip", ".rpz-client-ip", ".rpz-nsdname", ".rpz-nsip")


def rpz(data: bytes, options: ParseOptions) -> Rows:
    """Owner names relative to the zone: `name` is a host, `*.name` a host and its subdomains."""
    refuse_html(data)
    origin = ""
    for number, line in enumerate(text_of(data).splitlines(), 1):
        record = line.partition(";")[0].rstrip()
        if record.startswith("$ORIGIN"):
            origin = record.split()[-1].strip(".")
        elif record.strip() and not record.startswith(("$", " ", "\t", "@", ")")):
            yield from _row(number, record, origin)


def _row(number: int, record: str, origin: str) -> Rows:
    match = _RECORD.match(record)
    if match is None:
        yield Bad(number, "not a record", record)
        return
    if match["type"].upper() in ("NS", "SOA", "TXT"):
        return
    owner = match["owner"].removesuffix("." + origin + ".") if origin else match["owner"]
    owner = owner.rstrip(".")
    if owner.endswith(_TRIGGERS):
        yield Bad(number, "trigger other than a name", record)
        return
    action: Action = "allow" if "rpz-passthru" in match["target"].lower() else "block"
    wildcard = owner.startswith("*.")
    yield Row(owner.removeprefix("*."), "domain" if wildcard else "host", action=action)
