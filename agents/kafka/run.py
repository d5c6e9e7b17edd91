"""Running one worker from its first connection to a named exit code."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka import AIOKafkaClient
from aiokafka.errors import KafkaError

from agents.kafka.connection import Connection
from agents.kafka.exits import Exit, leave, log
from agents.kafka.line import Line
from agents.kafka.watchdog import Watchdog

_PREPARE_LIMITS = 5  # start limits: the lists of a new machine take a while to come
_BACKOFF_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0)


Prepare = Callable[[], Awaitable[None]]


class BrokerUnreachableError(RuntimeError):
    """No broker answered within the start limit."""


class NotSetUpError(RuntimeError):
    """Something that a restart does not mend is missing; the text says what, and the command that mends it."""


async def _nothing() -> None:
    """What most apps need before their first chunk."""


async def reach(connection: Connection, limit_seconds: float) -> None:
    """Return when a broker answers; one line each time it does not. Raises after the limit."""
    end, attempt = time.monotonic() + limit_seconds, 0
    while error := await _refusal(connection):
        left = end - time.monotonic()
        if left <= 0:
            raise BrokerUnreachableError(f"no broker answers at {connection.bootstrap_servers}: {error}")
        seconds = min(_BACKOFF_SECONDS[min(attempt, len(_BACKOFF_SECONDS) - 1)], left)
        log.warning("no broker answers at %s (%s); again in %.1f s", connection.bootstrap_servers, error, seconds)
        attempt += 1
        await asyncio.sleep(seconds)


async def _refusal(connection: Connection) -> str:
    client = AIOKafkaClient(**connection.aiokafka(), request_timeout_ms=5000)
    try:
        await client.bootstrap()
    except (KafkaError, OSError) as error:
        return str(error) or type(error).__name__
    finally:
        await client.close()
    return ""


def run(app: Any, line: Line, connection: Connection) -> Exit:
    """Run until asked to stop by SIGTERM or SIGINT; everything else that ends it never returns."""
    return asyncio.run(run_app(app, line, connection))


async def run_app(app: Any, line: Line, connection: Connection, prepare: Prepare = _nothing) -> Exit:
    """As `run`, inside an event loop; `prepare` runs once a broker answers, before anything is read."""
    app.loop = loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    if not await _connected(line, connection, stopping, prepare):
        return Exit.OK
    watchdog = Watchdog(app, line, loop)
    watchdog.start()
    await _until_asked(app, stopping)
    watchdog.stopping_since = time.monotonic()
    log.info("asked to stop: finishing what is in hand")
    await app.stop()
    await line.publisher.stop()
    watchdog.ended.set()
    log.info("exit %d %s", Exit.OK, Exit.OK.name)
    return Exit.OK


async def _connected(line: Line, connection: Connection, stopping: asyncio.Event, prepare: Prepare) -> bool:
    """Whether the publisher is connected; False when we were asked to stop before that."""

    async def connect() -> None:
        limit = line.options.start_limit_seconds
        await reach(connection, limit)
        # A broker that dies between two answers leaves aiokafka waiting for ever, and the watchdog is not there yet.
        async with asyncio.timeout(_PREPARE_LIMITS * limit):
            await prepare()
        async with asyncio.timeout(limit):
            await line.publisher.start()

    attempt, asked = asyncio.ensure_future(connect()), asyncio.ensure_future(stopping.wait())
    await asyncio.wait([attempt, asked], return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    if not attempt.done():
        attempt.cancel()
        return False
    if error := attempt.exception():
        leave(_code(error), str(error) or f"the start did not end in time: {error!r}")
    return True


def _code(error: BaseException) -> Exit:
    if isinstance(error, NotSetUpError):
        return Exit.USAGE
    away = isinstance(error, (BrokerUnreachableError, KafkaError, TimeoutError))
    return Exit.BROKER_UNREACHABLE if away else Exit.INTERNAL


async def _until_asked(app: Any, stopping: asyncio.Event) -> None:
    """Start the app and wait for a signal. A crash of any of its services ends the process at once."""
    start = asyncio.ensure_future(app.start())
    ends = [asyncio.ensure_future(each.wait()) for each in (stopping, app._crashed, app._stopped)]
    await asyncio.wait([start, *ends], return_when=asyncio.FIRST_COMPLETED)
    if start.done() and (error := start.exception()):
        leave(_code(error), f"the app did not start: {error!r}")  # a broker that answered a moment ago may be gone
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    if not stopping.is_set():
        kafka = isinstance(app.crash_reason, KafkaError)
        leave(Exit.STUCK if kafka else Exit.INTERNAL, f"a service of the app ended: {app.crash_reason!r}")
    for task in (start, *ends):
        task.cancel()  # `start` returns only after the first assignment
