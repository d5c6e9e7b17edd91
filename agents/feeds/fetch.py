"""Fetching a feed: conditional, bounded in size and time, and never from an address that is not public.

Addresses are checked where the connection is made, not where the name is read: a redirect, a literal address and a
name that changes its answer between check and use all end at the same socket.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import re
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs

from config.feeds import FeedSettings, ListsSettings, file_path

_AGENT: Final = "saring-keeper (+https://github.com/saring)"
_REDIRECTS: Final = 5
_PIECE: Final = 65_536
_CONNECT_SECONDS: Final = 15.0
_SHA256: Final = re.compile(r"\b[0-9a-f]{64}\b", re.IGNORECASE)


@dataclass(frozen=True)
class Validators:
    """What makes the next request a conditional one."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """The body of a feed; None when the server says that nothing has changed."""

    body: bytes | None
    validators: Validators = Validators()


class FetchError(RuntimeError):
    """Why a feed could not be fetched, in one sentence that names no key; `after` is the server's wish, in seconds."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


async def fetch(feed: FeedSettings, limits: ListsSettings, known: Validators) -> Fetched:
    """One request with its redirects; raises `FetchError` for everything that is not a whole answer."""
    if urlsplit(feed.url).scheme == "file":
        return await asyncio.to_thread(_file, feed, limits, known)
    if feed.needs_key and not feed.key.get_secret_value():
        raise FetchError("the feed needs a key and none is set")
    timeout = aiohttp.ClientTimeout(total=limits.timeout_seconds, sock_connect=_CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(socket_factory=_socket_factory(feed.allow_private), force_close=True)
    try:
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            fetched = await _get(session, feed, limits.maximum_bytes, known)
            if fetched.body is not None and feed.checksum_url:
                await _verify(session, feed, fetched.body)
            return fetched
    except TimeoutError:
        raise FetchError(f"not finished within {limits.timeout_seconds:g} s") from None
    except (aiohttp.ClientError, OSError) as error:
        raise FetchError(_reason(error)) from None


async def _get(session: aiohttp.ClientSession, feed: FeedSettings, limit: int, known: Validators) -> Fetched:
    headers = _headers(feed, known)
    url, secure = _address(feed, feed.url), feed.url.startswith("https:")
    for _ in range(_REDIRECTS + 1):
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308) and hdrs.LOCATION in response.headers:
                new = response.url.join(type(response.url)(response.headers[hdrs.LOCATION]))
                if new.scheme not in ("https", "http") or (secure and new.scheme != "https"):
                    raise FetchError(f"redirects to {new.scheme}://, which is not allowed")
                if new.host != response.url.host:
                    headers.pop(feed.key_header, None)  # the key is for the feed's own host
                url = str(new)
                continue
            return await _answer(response, limit)
    raise FetchError(f"more than {_REDIRECTS} redirects")


def _headers(feed: FeedSettings, known: Validators) -> dict[str, str]:
    headers: dict[str, str] = {hdrs.USER_AGENT: _AGENT, hdrs.ACCEPT_ENCODING: "identity", hdrs.ACCEPT: "*/*"}
    if feed.format == "bank_negara":
        headers[hdrs.ACCEPT] = "application/vnd.BNM.API.v1+json"  # without it the API answers with an error
    if known.etag:
        headers[hdrs.IF_NONE_MATCH] = known.etag
    if known.last_modified:
        headers[hdrs.IF_MODIFIED_SINCE] = known.last_modified
    if feed.key_header:
        headers[feed.key_header] = feed.key.get_secret_value()
    return headers


def _address(feed: FeedSettings, url: str) -> str:
    return url.replace("{key}", feed.key.get_secret_value())


async def _answer(response: aiohttp.ClientResponse, limit: int) -> Fetched:
    if response.status == 304:
        return Fetched(None)
    if response.status != 200:
        after = response.headers.get(hdrs.RETRY_AFTER, "")
        raise FetchError(f"the server answers {response.status}", float(after) if after.isdecimal() else 0.0)
    if (response.content_length or 0) > limit:
        raise FetchError(f"announces more than {limit} bytes")
    body = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        body += piece
        if len(body) > limit:
            raise FetchError(f"sends more than {limit} bytes")
    validators = Validators(response.headers.get(hdrs.ETAG, ""), response.headers.get(hdrs.LAST_MODIFIED, ""))
    return Fetched(bytes(body), validators)


async def _verify(session: aiohttp.ClientSession, feed: FeedSettings, body: bytes) -> None:
    async with session.get(_address(feed, feed.checksum_url), headers={hdrs.USER_AGENT: _AGENT}) as response:
        text = (await response.content.read(_PIECE)).decode("utf-8", "replace")
    name = Path(urlsplit(feed.url).path).name
    lines = [line for line in text.splitlines() if name in line] or text.splitlines()
    stated = {found.lower() for line in lines for found in _SHA256.findall(line)}
    if hashlib.sha256(body).hexdigest() not in stated:
        raise FetchError("the content does not match its published checksum")


def _file(feed: FeedSettings, limits: ListsSettings, known: Validators) -> Fetched:
    path = file_path(feed.url)
    try:
        state = path.stat()
        mark = f"{state.st_mtime_ns}-{state.st_size}"
        if mark == known.etag:
            return Fetched(None)
        if state.st_size > limits.maximum_bytes:
            raise FetchError(f"larger than {limits.maximum_bytes} bytes")
        return Fetched(path.read_bytes(), Validators(etag=mark))
    except OSError as error:
        raise FetchError(f"the file cannot be read: {error.strerror}") from None


class _RefusedError(OSError):
    """A connection to an address that is not public."""


def _socket_factory(allow_private: bool) -> Any:
    def create(info: tuple[Any, Any, int, str, tuple[Any, ...]]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not (_is_own(str(address[0])) if allow_private else is_public(str(address[0]))):
            raise _RefusedError(f"{address[0]} is not an address that feeds may come from")
        return socket.socket(family, kind, protocol)

    return create


def is_public(address: str) -> bool:
    """Whether an address may be asked by default: not loopback, private, link-local (cloud metadata) or reserved."""
    ip = _ip(address)
    return ip.is_global and not ip.is_multicast


def _is_own(address: str) -> bool:
    """Whether a feed of one's own network may be there: link-local never, it is where clouds keep credentials."""
    ip = _ip(address)
    return not (ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return (ip.ipv4_mapped or ip.sixtofour or ip) if isinstance(ip, ipaddress.IPv6Address) else ip


def _reason(error: Exception) -> str:
    """What went wrong, without the address: it may hold a key."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, _RefusedError):
            return str(found)
        found = found.os_error if isinstance(found, aiohttp.ClientConnectorError) else found.__cause__
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer was cut off"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection: {error.os_error.strerror or type(error.os_error).__name__}"
    return f"no usable answer: {type(error).__name__}"
