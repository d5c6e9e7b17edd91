"""Logs: one line per change of state, on standard error; JSON in a pipe. Never the text of a message."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.types import Processor

from config.settings import Logs

# "agents.kafka": Faust's services name their loggers after our subclasses; what we say there goes to "saring.kafka".
NOISY = ("faust", "mode", "aiokafka", "kafka", "asyncio", "aiohttp", "agents.kafka")
LATE_TIMERS = "mode.timers"  # a commit that takes longer than its interval is no event; the lag would show it


def set_up(logs: Logs) -> None:
    """Send every library's log through one format; third parties are heard from warnings on."""
    people = logs.format == "console" or (logs.format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    draw: Processor = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, draw]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logs.level.upper())
    for name in NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger(LATE_TIMERS).setLevel(logging.ERROR)
