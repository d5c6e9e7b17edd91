"""What must be there before a check is worth asking: a number of bits, one for each cue.

Most hosts, links and texts show few cues, and to ask checks that find nothing costs more than to see that. A check says
by its `NEEDS` on which cues it depends: it is asked where any of them is there, and must find nothing where none is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

Check = TypeVar("Check")

# Of a host.
ADDRESS: Final = 1  # it is an IP address
ENCODED: Final = 2  # it is written in punycode
LISTED: Final = 4  # it or a name above it stands in a table of hosts that many share
SUFFIX: Final = 8  # its suffix says something
NAMED: Final = 16  # a brand or a telling word may be in its name
OF_HOSTS: Final = ADDRESS | ENCODED | LISTED | SUFFIX | NAMED

# Of a link by itself.
PATH: Final = 1  # it has a path of at least SHORTEST_PATH characters
QUERY: Final = 2
PORT: Final = 4
USER: Final = 8  # something stands before an @
SHARED: Final = 16  # its host is opaque
OF_LINKS: Final = PATH | QUERY | PORT | USER | SHARED
SHORTEST_PATH: Final = 5

# Of a link in its message.
LURE: Final = 1  # the text may hold a phrase of the lure packs (`stream/sieve.py`)
SERVICE: Final = 2  # the text may hold a service word
BRAND: Final = 4  # the host carries the name of a brand, or nearly so
REWRITTEN: Final = 8  # the link was written in disguise
LABELLED: Final = 16  # the link is shown under another text
SMS: Final = 32  # the message came as an SMS
TEST: Final = 64  # the link is on the host below
TEST_HOST: Final = "saring-test.invalid"  # as EICAR is for virus scanners: always flagged, never counted
OF_MESSAGES: Final = LURE | SERVICE | BRAND | REWRITTEN | LABELLED | SMS | TEST
ALWAYS: Final = -1  # no cue is needed


def asked(checks: Iterable[tuple[str, Check, int]], cues: int) -> Sequence[Sequence[tuple[str, Check]]]:
    """Which checks to ask, by each number that these cues can come to."""
    known = list(checks)
    return [
        [(name, check) for name, check, needs in known if needs == ALWAYS or needs & seen] for seen in range(cues + 1)
    ]
