"""The keeper and the workers' lists together, on a real Kafka."""

from __future__ import annotations

import gc
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cramjam
import msgspec
import pytest

from agents.feeds.desired import Desired
from agents.feeds.memo import Memo
from agents.feeds.plan import Events
from agents.feeds.publish import FencedError
from agents.feeds.wire import Control, Own, control_key, own_key
from agents.keeper import Keeper
from bench.cluster import Cluster
from config.feeds import FeedSettings
from stream.sighting import FORMAT, Block, Sighting
from tests.support.lists_lab import AT, following, found, keeping, open_lists_lab, until

pytestmark = pytest.mark.kafka
SECONDS = 10.0  # in which an order must be in force everywhere


@pytest.fixture(autouse=True)
def _swept() -> Iterator[None]:
    """aiokafka drops futures with errors in them: let that be reported here and not in the middle of something else."""
    yield
    gc.collect()


def _feed(path: Path, **settings: object) -> FeedSettings:
    return FeedSettings.model_validate({"url": f"file://{path}", "interval_seconds": 1, **settings})


async def test_from_a_feed_to_a_worker_and_back_again(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source = tmp_path / "list.txt"
    source.write_text("one.test\nhttps://two.test/pay\n")
    async with keeping(Keeper(lab.plan({"plain": _feed(source)}))), following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "http://x.one.test/")))
        assert found(client.current(), "two.test/pay?x=1") == [("plain", "two.test/pay")]
        source.write_text("https://two.test/pay\nthree.test\n")
        await until(lambda: bool(found(client.current(), "three.test")))
        assert not found(client.current(), "one.test")
        assert client.current().sequence == 2


async def test_orders_by_hand_are_in_force_on_every_worker_without_a_keeper(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    async with following(lab.client("first")) as first, following(lab.client("second")) as second:
        both = (first, second)
        mine = Own("domain", "mine.test", "block", "me", AT)
        await lab.order(mine)
        assert await until(lambda: all(found(each.current(), "a.mine.test") for each in both)) < SECONDS
        await lab.order(Control("check", "brand_lookalike", "me", AT, "off"))
        await until(lambda: all([control.name for control in each.controls()] == ["brand_lookalike"] for each in both))
        await lab.lift(own_key(mine))
        assert await until(lambda: not any(found(each.current(), "a.mine.test") for each in both)) < SECONDS


async def test_the_keeper_tells_which_controls_are_in_force(kafka: Cluster, tmp_path: Path) -> None:
    lab, told = open_lists_lab(kafka.bootstrap, tmp_path), list[list[str]]()
    events = Events(on_controls=lambda controls: told.append([each.name for each in controls]))
    async with keeping(Keeper(lab.plan({}, events=events))):
        await lab.order(Control("check", "over", "me", AT, "off", expires_at="2026-01-02T00:00:00Z"))
        await lab.order(Control("check", "brand_lookalike", "me", AT, "off"))
        await until(lambda: told[-1:] == [["brand_lookalike"]])
        await lab.lift(control_key("check", "brand_lookalike"))
        await until(lambda: told[-1] == [])


async def test_an_entry_by_hand_ends_at_its_time(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    await lab.order(Own("host", "gone.test", "block", "me", AT, expires_at="2026-01-02T00:00:00Z"))
    await lab.order(Own("host", "here.test", "block", "me", AT, expires_at="2999-01-02T00:00:00Z"))
    async with following(lab.client()) as client:
        assert found(client.current(), "here.test")
        assert not found(client.current(), "gone.test")


async def test_rollback_and_pause_are_in_force_on_every_worker(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source, other = tmp_path / "list.txt", tmp_path / "other.txt"
    source.write_text("one.test\n")
    other.write_text("other.test\n")
    feeds = {"plain": _feed(source), "other": _feed(other)}
    async with keeping(Keeper(lab.plan(feeds))), following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "one.test") and found(client.current(), "other.test")))
        good = client.current().sequence
        source.write_text("one.test\nharmless.test\n")
        await until(lambda: bool(found(client.current(), "harmless.test")))
        await lab.order(Control("rollback", "", "me", AT, str(good)))
        assert await until(lambda: not found(client.current(), "harmless.test")) < SECONDS
        assert client.current().sequence == good
        await lab.lift(control_key("rollback", ""))
        assert await until(lambda: bool(found(client.current(), "harmless.test"))) < SECONDS
        await lab.order(Control("pause", "plain", "me", AT))
        assert await until(lambda: not found(client.current(), "harmless.test")) < SECONDS
        assert found(client.current(), "other.test")


async def test_a_held_update_waits_for_its_approval(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source, memos = tmp_path / "list.txt", dict[str, Memo]()
    source.write_text("".join(f"a{number}.test\n" for number in range(50)))

    def keep(memo: Memo) -> None:
        memos[memo.name] = memo

    plan = lab.plan({"plain": _feed(source)}, events=Events(on_feed=keep))
    async with keeping(Keeper(plan)), following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "a7.test")))
        source.write_text("b.test\n")
        await until(lambda: memos["plain"].held is not None)
        assert "shrank from 50 to 1" in memos["plain"].result
        assert found(client.current(), "a7.test")
        held = memos["plain"].held
        assert held is not None
        assert (held.added, held.removed) == (1, 50)
        await lab.order(Control("approve", "plain", "me", AT, held.sha256))
        await until(lambda: bool(found(client.current(), "b.test")))
        assert not found(client.current(), "a7.test")


async def test_what_many_of_our_own_users_share_does_not_come_in(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    links, source = lab.lab.topic("links", 2), tmp_path / "list.txt"
    source.write_text("shared.test\nscam.test\n")
    now = int(time.time() * 1000)
    rows = [Sighting("shared.test/", b"", f"m{n}", n, 0, b"%d" % n, 0, 0, 0, 0, ()) for n in range(250)]
    packed = bytes(cramjam.zstd.compress(msgspec.msgpack.encode(rows)))
    block = Block(FORMAT, "messages", "messages", 0, 1, 0, now, (), (), b"\0" * 8 * len(rows), packed)
    producer = lab.lab.producer()
    producer.produce(links, msgspec.msgpack.encode(block), b"0")
    producer.produce(links, b"not a block", b"1")
    producer.flush(10)
    memos = dict[str, Memo]()

    def keep(memo: Memo) -> None:
        memos[memo.name] = memo

    plan = lab.plan({"plain": _feed(source)}, events=Events(on_round=keep))
    plan = replace(plan, topics=replace(plan.topics, links=links))
    async with keeping(Keeper(plan)), following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "scam.test")))
        assert not found(client.current(), "shared.test")
        assert "250 users" in memos["plain"].cut_sample[0].why


async def test_a_second_keeper_shuts_the_first_one_out(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source = tmp_path / "list.txt"
    source.write_text("one.test\n")
    plan = lab.plan({"plain": _feed(source)})
    first = keeping(Keeper(plan))
    task = await first.__aenter__()
    async with following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "one.test")))
        async with keeping(Keeper(plan)):
            source.write_text("one.test\ntwo.test\n")
            await until(lambda: bool(found(client.current(), "two.test")) and task.done())
            assert isinstance(task.exception(), FencedError)


async def test_a_keeper_on_an_empty_disk_goes_on_with_what_was_published(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source = tmp_path / "list.txt"
    source.write_text("one.test\n")
    plan = lab.plan({"plain": _feed(source)})
    async with following(lab.client()) as client:
        async with keeping(Keeper(plan)):
            await until(lambda: bool(found(client.current(), "one.test")))
        shutil.rmtree(plan.root)
        source.unlink()
        other = tmp_path / "other.txt"
        other.write_text("other.test\n")
        feeds = {"plain": _feed(source), "other": _feed(other)}
        async with keeping(Keeper(lab.plan(feeds))):
            await until(lambda: bool(found(client.current(), "other.test")))
            assert found(client.current(), "one.test")


def test_a_rollback_chooses_the_newest_set_up_to_its_target() -> None:
    assert Desired().sets(AT) == []
