"""Named exit codes, and the one way to end a worker that must not go on."""

from __future__ import annotations

import logging
import os
from enum import IntEnum
from typing import NoReturn

log = logging.getLogger("saring.kafka")


class Exit(IntEnum):
    """Why a process ended; the numbers follow sysexits.h where it has a fitting one."""

    OK = 0  # asked to stop, everything in hand finished and committed
    USAGE = 2  # settings or arguments are wrong, or a topic is missing: a restart does not help
    BROKER_UNREACHABLE = 69  # no broker answered within the start limit
    INTERNAL = 70  # our own fault: an exception where none may be, or judging kept failing
    MEMORY = 71  # the process grew over its memory limit
    UNDELIVERED = 74  # Kafka refused what we wrote, or did not acknowledge it within the delivery deadline
    STUCK = 75  # no progress although there is work, or the event loop or the group membership stands still
    SLOW_STOP = 76  # the orderly stop took longer than its limit
    FENCED = 77  # another process owns our partition or identity now
    CPU_DEADLINE = 78  # judging one chunk took longer than the deadline


def leave(code: Exit, reason: str) -> NoReturn:
    """End the process at once, without any clean-up.

    Deliberately no orderly stop: that path of Faust commits, and what is in hand has not been delivered. Everything
    unfinished is read again by whoever takes the partitions over.
    """
    log.critical("exit %d %s: %s", code, code.name, reason)
    for handler in (*log.handlers, *logging.getLogger().handlers):
        handler.flush()
    os._exit(code)
