"""What must be so before a worker starts; everything else is a warning and a metric."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Iterator

from confluent_kafka.admin import AdminClient

from agents import connect
from agents.kafka import topics as kafka
from agents.kafka.acls import kinds
from agents.kafka.connection import Connection
from agents.kafka.run import NotSetUpError
from agents.topics import differences, planned
from config.settings import Settings

log = logging.getLogger("saring")
MEND = "run: saring setup"
NICE = 10  # of roles that look back
_ALLOCATIONS = 20_000  # between two looks at the young; most values of the line are not tracked at all


def verify(settings: Settings, connection: Connection) -> int:
    """Raise `NotSetUpError` with everything that keeps a worker from starting; else how many warnings there were."""
    admin = kafka.admin_client(connection)
    try:
        found = [] if kafka.is_embedded(admin) else list(_found(settings, admin))
    except kafka.AdminError as error:  # an operator may deny it to us: what matters fails by itself then
        log.warning("topics could not be verified: %s", error)
        return 0
    if wrong := [what for what, fatal in found if fatal]:
        raise NotSetUpError("; ".join(wrong))
    for what, _ in found:
        log.warning("%s", what)
    return len(found)


def _found(settings: Settings, admin: AdminClient) -> Iterator[tuple[str, bool]]:
    sources = [source.topic for source in settings.sources.values()]
    names = connect.topics(settings)
    ours = {names[kind] for kind in kinds("scan")}
    plan = {spec.name: spec for spec in planned(settings, kafka.brokers(admin)) if spec.name in ours}
    there = kafka.describe(admin, [*plan, *sources])
    missing = sorted({*plan, *sources} - there.keys())
    if missing:
        yield f"topics missing, or we may not read them: {', '.join(missing)}: {MEND}", True
    for name, state in there.items():
        for each in differences(plan[name], state) if name in plan else ():
            yield f"topic {name}: {each.what}: {each.mend}", each.fatal
    present = [name for name in sources if name in there]
    if without := kafka.without_first_offset(admin, connect.group(settings, "scan"), present):
        yield f"{len(without)} partitions have no first offset: {MEND}", True


def calm_collector() -> None:
    """What is loaded stays for good: the collector need not look through it again, nor as often as it does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)


def give_way() -> None:
    """Let what else runs on this machine go first: to look back there are seconds, where a worker has milliseconds."""
    os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))
