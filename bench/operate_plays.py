"""The faults, one function each: what is broken and for how long; each leaves the stage so that the next can begin."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from agents.kafka.topics import watermarks
from bench.operate_stage import SOURCE, Stage, hosts, until

LISTED = 200
WORKERS = ("worker-a", "worker-b")
GROUP = "saring.scan"
BEYOND = 1_000_000  # offsets; more than the load writes meanwhile


def flood(stage: Stage) -> None:
    """Two messages for each host of a list."""
    for _ in range(2):
        stage.send([f"tengok listed-{each}.example/menang" for each in range(LISTED)])
        time.sleep(6)


SPREADING = "Maybank: akaun anda digantung. Sahkan dalam 24 jam di hxxps://maybank2u-{}[.]example/login"


def variety(stage: Stage) -> None:
    """Everything that panels show and that chat alone does not bring: odd messages, a campaign, reviews, a brake."""
    odd = [{"text": None}, {"text": "x", "time": "soon"}, {"text": f"www.kedai.example {'x' * 70_000}"}, {"words": ""}]
    odd += [
        {"text": f"tengok www.maybank2u-baru{each}.example"} for each in range(5)
    ]  # what the shadow check would add
    for number in range(5):
        spread = [{"text": SPREADING.format(number), "user": f"u{each}", "channel": f"c{each}"} for each in range(10)]
        stage.send([json.dumps(each).encode() for each in odd + spread])
        time.sleep(3)
    alerts = stage.saring("alerts", "--since", "10m", "--review", "--sample", "2", "--json")
    for line in alerts.splitlines():
        stage.saring("feedback", json.loads(line)["case_id"], "true", "--sampled", "--yes")
    stage.saring("checks", "off", "form_link", "--for", "1h")
    time.sleep(12)


def retractions(stage: Stage) -> None:
    """Two fifths of that list are taken out by its feed."""
    hold(stage.moving)
    stage.moving.write_text("".join(f"{line}\n" for line in stage.moving.read_text().splitlines()[80:]))
    until(lambda: bool(stage.query("sum(saring_retractions_total) > 50")), "retractions", 90)
    time.sleep(5)


def bad_input(stage: Stage) -> None:
    """Three hundred unreadable messages, and a check that raises."""
    stage.send([b"not json"] * 300)
    for _ in range(5):
        stage.send([f"brokencheck {each}: sahkan akaun di www.kedai{each}.example" for each in range(100)])
        time.sleep(2)


def late(stage: Stage) -> None:
    """Messages that are a minute old when they come."""
    for _ in range(6):
        stage.send([f"lambat {each}" for each in range(1000)], age_seconds=60)
        time.sleep(2)


def quarantine(stage: Stage) -> None:
    """A feed that loses nearly everything is held."""
    stage.moving.write_text(hosts(5))
    until(lambda: bool(stage.query("saring_list_quarantined > 0")), "quarantine", 60)


def snapshots(stage: Stage) -> None:
    """A worker that cannot write its cache stays on its old lists."""
    sets = stage.folder / "cache" / "worker-b" / "sets"
    sets.rename(sets.with_name("gone"))
    sets.write_text("in the way")
    stage.still.write_text(stage.still.read_text() + "one-more.example\n")
    time.sleep(20)
    sets.unlink()
    sets.with_name("gone").rename(sets)


def frozen(stage: Stage) -> None:
    """No feed changes any more."""
    hold(stage.still)
    until(
        lambda: bool(stage.query("count(saring:lists:frozen) == count(saring_list_stale_after_seconds)")), "frozen", 150
    )
    for path in (stage.moving, stage.still):
        release(path)


def short_retention(stage: Stage) -> None:
    """The source keeps its messages for an hour only."""
    stage.configure(retention_ms="3600000")
    until(lambda: bool(stage.query("min(saring_retention_headroom_seconds) < 21600")), "short retention", 90)
    stage.configure(retention_ms="604800000")


def crashes(stage: Stage) -> None:
    """A worker that is killed three times."""
    for _ in range(3):
        child = stage.children(stage.running["worker-a"].pid)[0]
        os.kill(child, signal.SIGKILL)
        until(lambda child=child: child not in stage.children(stage.running["worker-a"].pid), "its end", 10)  # type: ignore[misc]
        time.sleep(6)
    time.sleep(5)


def broker_down(stage: Stage) -> None:
    """The broker stands still for 100 s: work is in hand and does not end, and no probe may fail for long."""
    for _ in range(20):  # enough of it that every worker is in the midst of it
        stage.send(["tengok listed-199.example/menang"] * 1000)
    stage.cluster.pause(1)
    failures: dict[str, int] = dict.fromkeys((role for role in stage.running if role != "prometheus"), 0)
    worst, ended = dict(failures), dict[str, int]()
    for _ in range(10):
        time.sleep(10)
        ended = {role: code for role in failures if (code := stage.running[role].poll()) is not None}
        for role in set(failures) - set(ended):
            failures[role] = 0 if stage.page(role, "/healthz") == 200 else failures[role] + 1
            worst[role] = max(worst[role], failures[role])
    stage.cluster.resume(1)
    print(f"    /healthz failed at most this often in a row (six restart a pod): {worst}")
    print(f"    ended by themselves, with their exit codes: {ended or 'none'}")
    stage.cluster.wait()
    for role in ended:
        stage.start(role)
    until(lambda: bool(stage.query("max(saring_group_lag_seconds) < 5")), "recovery", 120)


def workers_gone(stage: Stage) -> None:
    """No worker for five minutes: unowned, behind, no canary; then some messages expire before they are read."""
    for role in WORKERS:
        stage.kill(role)
    stage.send(["lama"] * 100, age_seconds=120)
    lost = "time() - saring_canary_last_success_timestamp_seconds > 302 and saring_canary_interval_seconds > 0"
    until(lambda: bool(stage.query(lost)), "the canary's end", 400)
    expire(stage)
    for role in WORKERS:
        stage.start(role)
    until(lambda: bool(stage.query("sum(saring_messages_expired_total) > 0")), "expired", 60)
    until(lambda: bool(stage.query("max(saring_group_lag_seconds) < 5")), "recovery", 120)


def expire(stage: Stage) -> None:
    """Delete what nobody has read, as retention would."""
    stage.configure(retention_ms="1", segment_bytes="1048576")
    stage.send([bytes(200_000)] * 60)
    before = {at: low for at, (low, _) in watermarks(stage.admin, [SOURCE]).items()}
    until(lambda: any(low > before[at] for at, (low, _) in watermarks(stage.admin, [SOURCE]).items()), "expiry", 60)
    stage.configure(retention_ms="604800000")


def log_loses_its_end(stage: Stage) -> None:
    """The workers come back to a log that ends long before what they had committed, as after an unclean election."""
    for role in WORKERS:
        stage.kill(role)
    ends = watermarks(stage.admin, [SOURCE])
    past = [TopicPartition(*place, high + BEYOND) for place, (_, high) in ends.items()]

    def committed() -> bool:
        try:
            altered = stage.admin.alter_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP, past)])
            return not any(each.error for each in altered[GROUP].result(20).topic_partitions)
        except KafkaException:  # the group still waits for its dead members
            return False

    until(committed, "an offset beyond the end", 60)
    for role in WORKERS:
        stage.start(role)
    until(lambda: bool(stage.query("sum(saring_ledger_gaps_total) > 0")), "a gap", 120)
    until(lambda: bool(stage.query("max(saring_group_lag_seconds) < 5")), "recovery", 120)
    time.sleep(5)


def keeper_gone(stage: Stage) -> None:
    """No keeper."""
    stage.kill("keeper")
    time.sleep(10)
    stage.start("keeper")
    until(lambda: stage.page("keeper", "/readyz") == 200, "the keeper", 60)
    time.sleep(10)


def hold(path: Path) -> None:
    """Let the load leave this feed alone."""
    path.with_suffix(".held").touch()


def release(path: Path) -> None:
    """Let it change again."""
    path.with_suffix(".held").unlink(missing_ok=True)


PLAYS: Mapping[str, Callable[[Stage], None]] = {
    "variety": variety,
    "flood": flood,
    "retractions": retractions,
    "bad input": bad_input,
    "late": late,
    "snapshots": snapshots,
    "quarantine": quarantine,
    "frozen": frozen,
    "short retention": short_retention,
    "crashes": crashes,
    "broker down": broker_down,
    "workers gone": workers_gone,
    "log loses its end": log_loses_its_end,
    "keeper gone": keeper_gone,
}
