"""What `saring lists` does, at a real Kafka with a keeper at work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.feeds.desk import Desk, open_desk
from agents.feeds.memo import Memo
from agents.feeds.naming import span_seconds
from agents.keeper import Keeper
from bench.cluster import Cluster
from config.feeds import FeedSettings
from tests.support.lists_lab import ListsLab, following, found, keeping, open_lists_lab, until


def _desk(lab: ListsLab) -> Desk:
    return open_desk(lab.settings("desk"), "tester")


@pytest.mark.kafka
async def test_state_orders_and_explanations(kafka: Cluster, tmp_path: Path) -> None:
    lab = open_lists_lab(kafka.bootstrap, tmp_path)
    source = tmp_path / "list.txt"
    source.write_text("one.test\nbit.ly\n" + "".join(f"a{number}.test\n" for number in range(30)))
    feed = FeedSettings(url=f"file://{source}", interval_seconds=1)
    desk = _desk(lab)
    async with keeping(Keeper(lab.plan({"plain": feed}))), following(lab.client()) as client:
        await until(lambda: bool(found(client.current(), "one.test")))
        memo = await _memo(desk, lambda memo: memo.entries == 31)
        assert memo.quarantined == 1
        assert memo.cut_sample[0].why == "a whole link shortener"
        await desk.approve("plain", ["bit.ly"], "we mean it")
        await until(lambda: bool(found(client.current(), "bit.ly/x")))
        await desk.add("mine.test", "block", note="reported")
        await desk.add("one.test", "allow", span="90d")
        await until(lambda: len(found(client.current(), "one.test")) == 2)
        told = await desk.explain("hxxp://one[.]test/x")
        effects = {(said.hit.feed, said.effect) for said in told.entries}
        assert effects == {("local", "allows the link"), ("plain", "counts against the link")}
        assert "removed: block domain mine.test" in await desk.remove("mine.test", "")
        await until(lambda: not found(client.current(), "mine.test"))
        source.write_text("one.test\n")
        await _memo(desk, lambda memo: memo.held is not None)
        assert "−" in (await desk.approve("plain", [], ""))[0]
        await until(lambda: not found(client.current(), "a1.test"))
        assert "set 2 of" in await desk.rollback(2, False, "")
        await until(lambda: bool(found(client.current(), "a1.test")))
        assert "rollback" in {control.control for control in (await desk.state()).controls}


async def _memo(desk: Desk, holds: Callable[[Memo], bool]) -> Memo:
    """The feed's memo once it is as wanted; the keeper writes memos every few seconds."""
    async with asyncio.timeout(20):
        while True:
            for memo in (await desk.state()).feeds:
                if holds(memo):
                    return memo
            await asyncio.sleep(0.3)


@pytest.mark.kafka
async def test_mistakes_are_told(kafka: Cluster, tmp_path: Path) -> None:
    desk = _desk(open_lists_lab(kafka.bootstrap, tmp_path))
    with pytest.raises(LookupError, match="no feed x"):
        await desk.memo("x")
    with pytest.raises(LookupError, match="no entry of your own"):
        await desk.remove("a.test", "")
    with pytest.raises(LookupError, match="no set to go back to"):
        await desk.rollback(None, False, "")
    with pytest.raises(ValueError, match="names no host"):
        await desk.add("nonsense", "block")


@pytest.mark.parametrize(("text", "seconds"), [("30m", 1800), ("4h", 14_400), ("90d", 7_776_000), ("2 w", 1_209_600)])
def test_spans(text: str, seconds: int) -> None:
    assert span_seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "soon", "4", "-1h", "h4"])
def test_no_spans(text: str) -> None:
    with pytest.raises(ValueError, match="is no span of time"):
        span_seconds(text)
