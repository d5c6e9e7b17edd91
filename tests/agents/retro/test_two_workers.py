"""Two workers on a real Kafka: lists that reach one of them later, and words that must reach both."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from bench.cluster import Cluster
from tests.support.look_back import (
    LATE_SECONDS,
    LOOKALIKE,
    SCAM,
    Stage,
    Worker,
    at_work,
    made,
    message,
    two_workers,
)

pytestmark = pytest.mark.kafka


@pytest.fixture(scope="module")
def two(kafka: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Stage, Worker, Worker]]:
    """Keeper, retro and two workers that share the source."""
    stage = made(kafka.bootstrap, tmp_path_factory.mktemp("two"))
    with at_work(stage, "keeper", "retro"):
        stage.deployment.until(lambda: bool(stage.deployment.read("saring.lists")), "a set of lists")
        with two_workers(stage) as (first, second):
            yield stage, first, second


def on_both(host: str, text: str) -> list[bytes]:
    """Two messages; neighbours go to different partitions."""
    return [message(f"{host} {each}", host, text) for each in range(2)]


def test_a_worker_whose_swap_is_held_back_misses_nothing(two: tuple[Stage, Worker, Worker]) -> None:
    """What it judged with its old lists is told late; more of it, and with frozen workers: `make lookback-faults`."""
    stage, first, second = two
    hosts, old = [f"gerai-tahan-{number}.test" for number in range(5)], second.snapshot()
    with second.held_back():
        stage.enlist("delisting", *hosts)
        stage.deployment.until(lambda: first.snapshot() != old, "new lists at one worker")
        stage.send(*(each for host in hosts for each in on_both(host, "jumpa di http://{host}/galeri")))
        stage.wait_for("late", len(hosts), hosts, time.monotonic())
        assert second.snapshot() == old
    said = [each for each in stage.alerts() if each["link"]["host"] in hosts]
    assert Counter(each["type"] for each in said) == {"flagged": len(hosts), "late": len(hosts)}
    assert len({each["message"]["partition"] for each in said if each["type"] == "late"}) == 1
    assert len({each["message"]["id"] for each in said}) == 2 * len(hosts)


def test_a_word_is_in_force_at_both(two: tuple[Stage, Worker, Worker]) -> None:
    stage, _, _ = two
    stage.send(*on_both(LOOKALIKE, SCAM))
    stage.deployment.until(lambda: len(stage.of_type("flagged", (LOOKALIKE,))) == 2, "two alerts")
    begun = time.monotonic()
    stage.says(stage.of_type("flagged", (LOOKALIKE,))[0]["case_id"], "false")
    stage.wait_for("retracted", 2, (LOOKALIKE,), begun)
    stage.send(message("later 1", LOOKALIKE, SCAM), message("later 2", LOOKALIKE, SCAM))
    assert time.monotonic() - begun < LATE_SECONDS
    assert len(stage.of_type("flagged", (LOOKALIKE,))) == 2, "one of the workers still flags"


def test_logs_tell_changes_of_state_and_nothing_of_messages(two: tuple[Stage, Worker, Worker]) -> None:
    """Lists that change and stay out, a stop, another share: a JSON object a line each, nothing that a message held."""
    stage, first, second = two
    stage.send(*on_both(LOOKALIKE, SCAM))
    with second.held_back():
        stage.enlist("delisting", "gerai-tahan.test")
        stage.deployment.until(lambda: "stay out" in stage.deployment.logs(), "a line that says so")
    second.stop()
    end = time.monotonic() + 30
    while first.partitions() != 2:
        assert time.monotonic() < end
        time.sleep(0.2)
    lines = [line for path in stage.deployment.folder.glob("*.log") for line in path.read_text().splitlines()]
    said = "\n".join(json.loads(line)["event"] for line in lines)
    changes = ("1 partitions assigned", "2 partitions assigned", "feed delisting: ", "stay out", "asked to stop")
    assert [each for each in (*changes, " in force\n", "exit 0 OK") if each not in said] == []
    assert len(lines) < 60, lines
    assert not any(held in line for line in lines for held in ("gerai-tahan", LOOKALIKE, "jumpa", "Tahniah"))
