"""What must be there before a check of a link in its message is worth asking: a number of bits, one for each cue.

Most texts hold no cue, and then no such check is asked. A check says by its `NEEDS` on which cues it depends: it is
asked where any of them is there, and must find nothing where none is.
"""

from __future__ import annotations

from typing import Final

LURE: Final = 1  # the text may hold a phrase of the lure packs (`stream/sieve.py`)
SERVICE: Final = 2  # the text may hold a service word
BRAND: Final = 4  # the host carries the name of a brand, or nearly so
REWRITTEN: Final = 8  # the link was written in disguise
LABELLED: Final = 16  # the link is shown under another text
SMS: Final = 32  # the message came as an SMS
TEST: Final = 64  # the link is on the host below
TEST_HOST: Final = "saring-test.invalid"  # as EICAR is for virus scanners: always flagged, never counted
ALL: Final = LURE | SERVICE | BRAND | REWRITTEN | LABELLED | SMS | TEST
ALWAYS: Final = -1  # no cue is needed
