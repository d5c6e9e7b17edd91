"""What people reach for first, joined in the straightforward way: json, urlextract, tldextract and a set."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence

from agents.feeds.unpack import open_any
from bench.speed_data import LISTS, Row


def popular_parts() -> Callable[[Sequence[Row]], int]:
    """A function from records to how many hold a link whose host or domain is listed."""
    import tldextract
    from urlextract import URLExtract

    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    finder = URLExtract()
    listed = _listed()

    def scan(records: Sequence[Row]) -> int:
        flagged = 0
        for record in records:
            for url in finder.find_urls(json.loads(record.value).get("text") or ""):
                parts = extract(url)
                if parts.fqdn in listed or parts.top_domain_under_public_suffix in listed:
                    json.dumps({"url": url, "domain": parts.fqdn})
                    flagged += 1
        return flagged

    return scan


def _listed() -> frozenset[str]:
    """Hosts of the large list, where it is there."""
    if not LISTS.exists():
        return frozenset(("listed.example",))
    with open_any(LISTS) as file:
        rows = (line.decode("utf-8", "replace").rstrip("\n").split("\t")[-1] for line in file)
        return frozenset(
            row.partition("://")[2].partition("/")[0] if "://" in row else row.partition("/")[0] for row in rows
        )


def microseconds(records: Sequence[Row]) -> float:
    """CPU microseconds a message; one pass, since it takes long."""
    scan = popular_parts()
    scan(records[:20])
    began = time.thread_time()
    scan(records)
    return (time.thread_time() - began) / len(records) * 1e6
