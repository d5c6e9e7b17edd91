"""The keeper process: feeds and lists, measures of all groups, the canary, until asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, get_args

from agents import connect, metrics
from agents.canary import fly
from agents.feeds.memo import Ending, Memo
from agents.feeds.plan import Events, Plan, Topics
from agents.feeds.publish import FencedError
from agents.feeds.wire import Manifest
from agents.group_metrics import note_brakes, watch
from agents.http import pages
from agents.kafka.exits import Exit, leave
from agents.kafka.run import BrokerUnreachableError, reach
from agents.keeper import Keeper
from config.settings import Settings

log = logging.getLogger("saring.keeper")


async def keep(settings: Settings) -> Exit:
    """Run the keeper until SIGTERM or SIGINT; the code says what else ended it."""
    meters = metrics.create()
    connection = connect.connection(settings.kafka, "saring-keeper")
    work = asyncio.ensure_future(_work(settings, meters))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, work.cancel)
    async with pages(settings.metrics.host, settings.metrics.port, meters.registry, lambda: "") as port:
        log.info("metrics on http://%s:%d/metrics", settings.metrics.host, port)
        try:
            await work
        except asyncio.CancelledError:
            return Exit.OK
        except BrokerUnreachableError as error:
            leave(Exit.BROKER_UNREACHABLE, str(error))
        except FencedError as error:
            leave(Exit.FENCED, str(error))
        else:
            leave(Exit.INTERNAL, f"{connection.client_id} ended by itself")


async def _work(settings: Settings, meters: metrics.Metrics) -> None:
    await reach(connect.connection(settings.kafka, "saring-keeper"), settings.worker.start_limit_seconds)
    jobs: list[Coroutine[Any, Any, None]] = [Keeper(plan(settings, meters)).run(), watch(settings, meters)]
    if settings.canary.interval_seconds:
        jobs.append(fly(settings, meters, settings.canary.interval_seconds))
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()  # raises what ended it
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def plan(settings: Settings, meters: metrics.Metrics) -> Plan:
    """What this keeper does, and its metrics told of it."""
    topics = connect.topics(settings)
    return Plan(
        connection=connect.connection(settings.kafka, "saring-keeper"),
        topics=Topics(topics["lists"], topics["chunks"], topics["entries"], topics["links"]),
        feeds=dict(settings.feeds),
        limits=settings.lists,
        cache_dir=settings.cache_dir,
        extra_suffixes=tuple(settings.links.extra_suffixes),
        events=Events(
            lambda memo: _told(meters, memo),
            lambda memo: _played(meters, memo),
            lambda manifest: _published(meters, manifest),
            lambda controls: note_brakes(meters, controls),
        ),
    )


def _told(meters: metrics.Metrics, memo: Memo) -> None:
    if not memo.enabled:
        return
    for ending in get_args(Ending)[1:]:
        meters.list_rounds.labels(memo.name, ending)  # from 0 on, so that the first failure is an increase
    meters.list_entries.labels(memo.name).set(memo.entries)
    meters.list_quarantined.labels(memo.name).set(memo.quarantined)
    meters.list_stale_after.labels(memo.name).set(memo.stale_after_seconds)
    for gauge, time in (
        (meters.list_last_success, memo.last_success), (meters.list_last_change, memo.last_change)
    ):  # fmt: skip
        if time:
            gauge.labels(memo.name).set(datetime.fromisoformat(time).timestamp())


def _played(meters: metrics.Metrics, memo: Memo) -> None:
    meters.list_rounds.labels(memo.name, memo.ending).inc()
    _told(meters, memo)


def _published(meters: metrics.Metrics, manifest: Manifest) -> None:
    meters.lists_snapshot.clear()
    meters.lists_snapshot.labels(manifest.snapshot).set(1)
