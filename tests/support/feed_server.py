"""A feed server that misbehaves in every way we know."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeAlias

from aiohttp import web

Answer: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]
GOOD = "".join(f"scam{number}.test\n" for number in range(100)).encode()


@dataclass
class FeedServer:
    """What `/list` answers now, and how it was asked."""

    url: str = ""
    answer: Answer | None = None
    asked: list[dict[str, str]] = field(default_factory=list)


@asynccontextmanager
async def feed_server() -> AsyncIterator[FeedServer]:
    """A server on loopback until the block ends."""
    server = FeedServer()

    async def handle(request: web.Request) -> web.StreamResponse:
        server.asked.append(dict(request.headers))
        if server.answer is None:
            return web.Response(body=GOOD)
        return await server.answer(request)

    app = web.Application()
    app.add_routes([web.get("/list", handle)])
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}/list"
    try:
        yield server
    finally:
        await runner.cleanup()


def body(content: bytes, **headers: str) -> Answer:
    """The same content every time."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(body=content, headers=headers)

    return answer


def status(number: int, **headers: str) -> Answer:
    """A status without a body."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=number, headers=headers)

    return answer


async def endless(request: web.Request) -> web.StreamResponse:
    """A body without an end."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"scam.test\n" * 10_000)


async def drip(request: web.Request) -> web.StreamResponse:
    """A byte at a time."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"s")
        await asyncio.sleep(0.1)


async def cut_off(request: web.Request) -> web.StreamResponse:
    """Less than was announced."""
    response = web.StreamResponse(headers={"Content-Length": "10000"})
    await response.prepare(request)
    await response.write(b"scam.test\n")
    assert request.transport is not None
    request.transport.close()
    return response


def validated(etag: str) -> Answer:
    """304 to whoever knows the mark."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=GOOD, headers={"ETag": etag})

    return answer


BOMB = gzip.compress(b"\0" * 50_000_000)
