"""Rounds against a feed server that misbehaves: the last good set stays, and one sentence says why."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agents import keep, metrics
from agents.feeds.mapped import open_layer
from agents.feeds.memo import Ending, Memo
from agents.feeds.rounds import Approval, Round, Setup, Store, delay_seconds, play
from config.feeds import FLOOR_SECONDS, FeedSettings, ListsSettings
from config.load import load
from tests.support.feed_server import (
    BOMB,
    GOOD,
    Answer,
    FeedServer,
    body,
    cut_off,
    drip,
    endless,
    feed_server,
    status,
    validated,
)

LIMITS = ListsSettings(timeout_seconds=1.5, maximum_bytes=2_000_000, unpacked_bytes=5_000_000)
MANY = "".join(f"scam{number}.test\n" for number in range(101)).encode()
POISONED = GOOD + b"google.com\nbit.ly\ncom.my\ngithub.io\nmaybank2u.com.my\nnew.test\n"

# What the server does, a part of the sentence that status shows, and how the metric counts it.
HOSTILE: dict[str, tuple[Answer, str, Ending]] = {
    "truncated gzip": (body(gzip.compress(MANY)[:-200]), "the archive is cut off", "refused"),
    "web page": (body(b"<!DOCTYPE html><html><body>Sign in</body></html>"), "a web page, not a list", "refused"),
    "page without doctype": (
        body(b"Checking your browser before you go on\n<b>wait</b>\n"),
        "no entry could be read",
        "held",
    ),
    "endless body": (endless, "sends more than 2000000 bytes", "unreachable"),
    "decompression bomb": (body(BOMB), "unpacks to more than 5000000 bytes", "refused"),
    "redirect to cloud metadata": (
        status(302, Location="http://169.254.169.254/latest/"),
        "169.254.169.254 is not",
        "unreachable",
    ),
    "redirect to a file": (status(302, Location="file:///etc/passwd"), "redirects to file://", "unreachable"),
    "redirects for ever": (status(302, Location="/list"), "more than 5 redirects", "unreachable"),
    "slow drip": (drip, "not finished within 1.5 s", "unreachable"),
    "empty file": (body(b""), "the list is empty", "held"),
    "cut off": (cut_off, "cut off", "unreachable"),
    "error": (status(500), "the server answers 500", "unreachable"),
    "shrunk": (body(b"scam1.test\n" * 3), "shrank from 100 to 1", "held"),
    "grown": (body("".join(f"x{number}.test\n" for number in range(600)).encode()), "grew from 100 to 600", "held"),
    "UTF-16": (body(b"\xff\xfe" + "scam.test\n".encode("utf-16-le") * 50), "no entry could be read", "held"),
    "binary": (body(bytes(range(256)) * 40), "read", "held"),
}


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with feed_server() as running:
        yield running


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(LIMITS, Store(tmp_path), ("test",))


def _feed(server: FeedServer, **settings: object) -> FeedSettings:
    return FeedSettings.model_validate({"url": server.url, "allow_private": True, "interval_seconds": 60, **settings})


async def _round(
    server: FeedServer, setup: Setup, answer: Answer | None = None, approval: Approval | None = None
) -> Round:
    server.answer = answer
    return await play("feed", _feed(server), setup, approval or Approval())


def _in_force(setup: Setup) -> set[str]:
    return {key for key, _, _ in open_layer(setup.store.path("feed", "good")).entries()}


@pytest.mark.parametrize("name", HOSTILE)
async def test_the_last_good_set_stays(name: str, server: FeedServer, setup: Setup) -> None:
    await _round(server, setup)
    before = _in_force(setup)
    answer, sentence, ending = HOSTILE[name]
    ended = await _round(server, setup, answer)
    assert _in_force(setup) == before
    assert len(before) == 100
    assert sentence in ended.memo.result
    assert not ended.memo.ok
    assert not ended.changed
    assert "\n" not in ended.memo.result
    assert ended.memo.ending == ending
    assert bool(ended.memo.quarantined) == (ending == "held")
    assert setup.store.memo("feed") == ended.memo


async def test_it_recovers(server: FeedServer, setup: Setup) -> None:
    await _round(server, setup)
    await _round(server, setup, status(500))
    ended = await _round(server, setup, body(MANY))
    assert ended.memo.ok
    assert ended.memo.failures == 0
    assert "scam100.test" in _in_force(setup)


@pytest.mark.parametrize("answer", [validated('"a"'), body(GOOD)], ids=["304", "the same again"])
async def test_a_feed_that_answers_as_before_is_well_again(answer: Answer, server: FeedServer, setup: Setup) -> None:
    await _round(server, setup, answer)
    await _round(server, setup, status(500))
    ended = await _round(server, setup, answer)
    assert (ended.memo.ok, ended.memo.ending) == (True, "unchanged")
    assert ended.memo.result == "unchanged: 100 entries in force"


@pytest.mark.parametrize(("content", "ending"), [(b"", "held"), (b"<html>", "refused")])
async def test_what_was_not_let_in_stays_out(content: bytes, ending: str, server: FeedServer, setup: Setup) -> None:
    await _round(server, setup)
    said = (await _round(server, setup, body(content))).memo
    await _round(server, setup, status(500))
    ended = await _round(server, setup, body(content))
    assert (ended.memo.ok, ended.memo.ending, ended.memo.result) == (False, ending, said.result)


async def test_entries_for_shared_hosts_are_cut_out_and_shown(server: FeedServer, setup: Setup) -> None:
    ended = await _round(server, setup, body(POISONED))
    shared = {"google.com", "bit.ly", "com.my", "github.io", "maybank2u.com.my"}
    assert not _in_force(setup) & shared
    assert "new.test" in _in_force(setup)
    assert {cut.key for cut in ended.memo.cut_sample} == shared
    assert ended.memo.quarantined == 5
    assert "5 cut out" in ended.memo.result


async def test_a_cut_entry_counts_once_a_person_lets_it(server: FeedServer, setup: Setup) -> None:
    await _round(server, setup, body(POISONED))
    ended = await _round(server, setup, body(POISONED), Approval(frozenset({"bit.ly"})))
    assert "bit.ly" in _in_force(setup)
    assert ended.memo.quarantined == 4


async def test_doubling_again_and_again_is_held(server: FeedServer, setup: Setup) -> None:
    held_at = 0
    for power in range(11):
        ended = await _round(server, setup, body("".join(f"x{n}.test\n" for n in range(20 * 2**power)).encode()))
        if ended.memo.held:
            held_at = power
            break
    assert held_at == 3
    assert len(_in_force(setup)) == 80
    assert "grew from 20 to 160 entries within a few days" in ended.memo.result


async def test_a_held_update_counts_once_a_person_lets_it(server: FeedServer, setup: Setup) -> None:
    await _round(server, setup)
    held = (await _round(server, setup, body(b"other.test\n"))).memo.held
    assert held is not None
    ended = await _round(server, setup, body(b"other.test\n"), Approval(contents=frozenset({held.sha256})))
    assert _in_force(setup) == {"other.test"}
    assert ended.memo.held is None


async def test_nothing_is_fetched_twice(server: FeedServer, setup: Setup) -> None:
    first = await _round(server, setup, validated('"a"'))
    second = await _round(server, setup, validated('"a"'))
    assert server.asked[1]["If-None-Match"] == '"a"'
    assert not second.changed
    assert second.memo.ok
    assert second.memo.ending == "unchanged"
    assert second.memo.result == "unchanged: 100 entries in force"
    assert second.memo.last_change == first.memo.last_change


async def test_frozen_content_with_status_200_goes_stale(server: FeedServer, setup: Setup) -> None:
    await _round(server, setup)
    memo = setup.store.memo("feed")
    setup.store.keep(_older(memo, "2020-01-01T00:00:00Z"))
    ended = await _round(server, setup)
    assert ended.memo.stale
    assert ended.memo.last_success > ended.memo.last_change == "2020-01-01T00:00:00Z"
    assert "has not changed for" in ended.memo.result


def test_every_ending_is_a_series_from_the_start() -> None:
    meters = metrics.create()
    events = keep.plan(load(environment={}).settings, meters).events
    events.on_feed(Memo("feed"))
    assert meters.registry.get_sample_value("saring_list_rounds_total", {"list": "feed", "result": "refused"}) == 0
    events.on_round(Memo("feed", ending="refused"))
    assert meters.registry.get_sample_value("saring_list_rounds_total", {"list": "feed", "result": "refused"}) == 1


def _older(memo: Memo, at: str) -> Memo:
    from msgspec import structs

    return structs.replace(memo, last_change=at)


async def test_bad_lines_are_counted_and_never_fatal(server: FeedServer, setup: Setup) -> None:
    ended = await _round(server, setup, body(GOOD + b"\xff\xfe\xfa\nnot a host\n"))
    assert ended.memo.ok
    assert ended.memo.bad_lines == 2
    assert any("more than one word" in bad for bad in ended.memo.bad_sample)


async def test_a_private_address_is_not_asked_unless_the_feed_may(server: FeedServer, setup: Setup) -> None:
    server.answer = None
    feed = FeedSettings.model_validate({"url": server.url})
    ended = await play("feed", feed, setup, Approval())
    assert "127.0.0.1 is not an address that feeds may come from" in ended.memo.result
    assert not server.asked


async def test_a_key_stays_out_of_what_is_said(server: FeedServer, setup: Setup) -> None:
    server.answer = status(403)
    feed = _feed(server, url=server.url + "?auth-key={key}", key="s3cret-key")
    ended = await play("feed", feed, setup, Approval())
    assert "s3cret" not in repr(ended.memo)


@pytest.mark.parametrize("name", ["window", "delisted"])
async def test_a_window_feed_accumulates(name: str, server: FeedServer, setup: Setup) -> None:
    feed = _feed(server, removal=name)
    for content in (b"old.test\n" + b"".join(b"a%d.test\n" % n for n in range(20)), b"new.test\n" + GOOD):
        server.answer = body(content)
        await play("feed", feed, setup, Approval())
    assert ("old.test" in _in_force(setup)) == (name == "window")


def test_a_public_feed_is_never_asked_more_often_than_the_floor() -> None:
    feed = FeedSettings(url="https://lists.example/x", interval_seconds=FLOOR_SECONDS)
    for failures in range(12):
        memo = Memo("x", failures=failures)
        assert delay_seconds(feed, ListsSettings(), Round(memo, False)) >= FLOOR_SECONDS
    assert delay_seconds(feed, ListsSettings(), Round(Memo("x", failures=1), False, 7200)) == 7200
