"""How much of one record is looked at: sizes, never clocks, so that the same input always gives the same answer."""

from msgspec import Struct


class Bounds(Struct, frozen=True, gc=False):
    """Limits that keep the cost of any record linear and small. One that was hit is named on the outcome.

    Without them 64 KiB of `%2525…` cost 310 ms and 13,000 links 78 ms.
    """

    value: int = 1_048_576  # bytes of a record's value; a larger one is dead
    text: int = 65_536  # code points of text that are read; the rest is not judged
    links: int = 50  # links judged in one message
    # Tricks that need none of these signs, such as styled letters: of each kind as many are undone.
    signs: int = 1000  # dots, brackets, escapes and the like that are read in one text; people use a few dozen
    link: int = 4096  # code points of one link
    host: int = 253  # octets of a host name, RFC 1035 section 2.3.4
    unescape_rounds: int = 1024  # rounds of percent-decoding for the canonical form
    alerts: int = 5  # alerts for one message
