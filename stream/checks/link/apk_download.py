"""Links to a file that installs an Android app: no bank, courier or wedding sends one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stream.cues import PATH, QUERY
from stream.model import Finding, HostFacts, Link

if TYPE_CHECKING:
    from stream.rules import Rules

NEEDS: Final = PATH | QUERY
_FILE: Final = re.compile(r"\.(?:apk|xapk|apks|apkm)(?:$|[/?&#])", re.IGNORECASE)


def check(link: Link, facts: HostFacts, rules: Rules) -> Finding | None:
    """A finding for an APK file outside the places that publish apps for everybody."""
    where = f"{link.path}?{link.query}" if link.has_query else link.path
    found = _FILE.search(where)
    if found is None or facts.brand or link.registrable in _PUBLISHERS:
        return None
    return Finding(
        "apk_download", "url", 2.5, "The link downloads an Android app file.", {"file": link.path.rpartition("/")[2]}
    )


_PUBLISHERS: Final = frozenset(("github.com", "f-droid.org", "apkmirror.com", "gitlab.com", "sourceforge.net"))
