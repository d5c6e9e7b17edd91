"""A link's one name: the Safe Browsing canonical form without its scheme, beside the host a browser would open."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, TypeAlias

import can_ada
from msgspec import Struct

from stream.casing import folded
from stream.escapes import escaped, escaped_host, octets, readable, unescaped
from stream.model import Link
from stream.paths import path_and_query
from stream.suffixes import Suffixes, bundled

Canonicalize: TypeAlias = Callable[[str], Link | None]

WEB_SCHEMES: Final = frozenset({"http", "https", "ftp", "ws", "wss"})
APP_SCHEMES: Final = frozenset(
    {"tg", "telegram", "intent", "market", "whatsapp", "viber", "line", "weixin", "fb-messenger", "itms-apps",
     "itms-services", "itms-appss", "android-app", "alipays"}
)  # fmt: skip
_NO_PLACE: Final = frozenset({"mailto", "tel", "sms", "javascript", "data", "file", "about", "blob", "cid", "urn"})
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*+):(.*)", re.DOTALL)
# Most addresses are in canonical form already: lower case, no escapes, no empty or dotted path segments, no IP host.
# The group of labels is not possessive: Python before 3.11.5 fails possessive groups with possessive groups inside.
_LABEL: Final = r"[a-z0-9]++(?:-++[a-z0-9]++)*+"
_PATH: Final = r"(?:/[A-Za-z0-9_~=+,:@;!$&-][A-Za-z0-9_~=+,:@;!$&.-]*+)*+/?+"
_QUERY: Final = r"(?:\?(?:[A-Za-z0-9_~=+,:@;!$.?&-]++|/(?!/))*+)?+"
_FRAGMENT: Final = r"(?:#([A-Za-z0-9_.!~-]++))?+"
SETTLED: Final = re.compile(rf"(https?)://((?:{_LABEL}\.)+[a-z]{{2,24}}+)(?:({_PATH})({_QUERY}){_FRAGMENT})?+")
_CONTROL_OR_SPACE: Final = "".join(map(chr, range(0x21)))
_DOTS: Final = re.compile(r"\.{2,}")
_PORT: Final = re.compile(r":(\d*)\Z")
_SHORT_HOST: Final = 63  # no label of a shorter host can be too long
_HOSTS_KEPT: Final = 50_000  # 71 % of the links of a stream name one of the last 50,000 hosts


class Name(Struct, frozen=True, gc=False):
    """What is worked out once for a host: its Unicode form and its split by the public suffix list."""

    unicode: str
    registrable: str
    icann_registrable: str
    suffix: str


class _Parts(Struct, frozen=True, gc=False):
    scheme: str
    userinfo: str
    hostport: str
    rest: str  # path and query as written
    fragment: str


def canonicalize(url: str) -> Link | None:
    """The link that a URL names, under the bundled suffix list; None when there is nothing a person can open."""
    return _bundled_canonicalizer()(url)


def canonicalizer(suffixes: Suffixes) -> Canonicalize:
    """A function from a URL, with or without its scheme, to its link."""
    name_of = namer(suffixes)
    settled = settled_reader(name_of)

    def canonical(url: str) -> Link | None:
        if (link := settled(url)) is not None:
            return link
        text = url.strip(_CONTROL_OR_SPACE)
        text = text.replace("\t", "").replace("\r", "").replace("\n", "")  # WHATWG URL: removed wherever they stand
        scheme, rest = _scheme(text)
        if scheme in APP_SCHEMES:
            return _app_link(scheme, rest)
        return _web_link(_parts(scheme, rest), name_of) if scheme in WEB_SCHEMES else None

    return canonical


def settled_reader(name_of: Callable[[str], Name]) -> Canonicalize:
    """A function to the link of a URL that is in canonical form already; None for any other, canonical or not."""
    match_settled, link_of = SETTLED.fullmatch, settled_linker(name_of)

    def settled(url: str) -> Link | None:
        match = match_settled(url)
        return None if match is None else link_of(match)

    return settled


def settled_linker(name_of: Callable[[str], Name]) -> Callable[[re.Match[str]], Link | None]:
    """A function from a match of `SETTLED` to its link; None for one that needs a closer look after all."""

    def link_of(match: re.Match[str]) -> Link | None:
        scheme, host, path, query, fragment = match.groups()
        if "xn--" in host or len(host) > _SHORT_HOST:
            return None
        name = name_of(host)
        if path:
            url = match[0] if fragment is None else match[0].partition("#")[0]
            key = url[len(scheme) + 3 :]
        else:
            path, key = "/", f"{host}/{query}" if query else host + "/"
            url = f"{scheme}://{key}"
        return Link(
            key, url, scheme, host, name.unicode, name.registrable, name.icann_registrable,
            name.suffix, None, path, query[1:] if query else "", bool(query), "", fragment or "",
        )  # fmt: skip

    return link_of


def namer(suffixes: Suffixes) -> Callable[[str], Name]:
    """A remembering function from an ASCII host to what is known by its name alone."""

    @lru_cache(maxsize=_HOSTS_KEPT)
    def name_of(host: str) -> Name:
        if _is_ip(host):
            return Name(host, "", "", "")
        return Name(unicode_host(host), *suffixes.split(host))

    return name_of


def expressions(link: Link) -> tuple[str, ...]:
    """The guide's host-suffix and path-prefix expressions, longest first: host by host, each with every path."""
    host, slash, _ = link.key.partition("/")
    if link.kind == "app" or not slash:
        return (link.key,)
    paths = _paths(link)
    return tuple(name + path for name in _hosts(host) for path in paths)


@cache
def _bundled_canonicalizer() -> Canonicalize:
    return canonicalizer(bundled())


def _scheme(text: str) -> tuple[str, str]:
    """Scheme and what follows; a text without one is taken as http, the empty scheme means that it names no place."""
    if match := _SCHEME.match(text):
        scheme, rest = match[1].lower(), match[2]
        if scheme in WEB_SCHEMES or scheme in APP_SCHEMES:
            return scheme, rest
        if rest.startswith("//") or scheme in _NO_PLACE:
            return "", ""
    if text[:1] in "/\\" and text[1:2] not in ("/", "\\"):
        return "", ""  # a path without a host
    return "http", text


def _parts(scheme: str, text: str) -> _Parts:
    text, _, fragment = text.lstrip("/\\").partition("#")
    end = min((place for char in "/\\?" if (place := text.find(char)) >= 0), default=len(text))
    userinfo, _, hostport = text[:end].rpartition("@")
    return _Parts(scheme, userinfo, hostport, text[end:], fragment)


def _web_link(parts: _Parts, name_of: Callable[[str], Name]) -> Link | None:
    host, port = _opened(parts)
    named = _named(host, parts.hostport)
    if not named:
        return None
    path, has_query, query = path_and_query(parts.rest)
    key = f"{named}{path}?{query}" if has_query else named + path
    name = name_of(host if host is not None else named)
    return Link(
        key, f"{parts.scheme}://{key}", parts.scheme, host, name.unicode, name.registrable, name.icann_registrable,
        name.suffix, port, path, query, has_query, parts.userinfo, parts.fragment,
    )  # fmt: skip


def _opened(parts: _Parts) -> tuple[str | None, int | None]:
    """The host and port that a browser would open; None and None when it refuses the address."""
    userinfo = "u@" if parts.userinfo else ""
    return _whatwg(f"{parts.scheme}://{userinfo}{parts.hostport}/")


def _whatwg(url: str) -> tuple[str | None, int | None]:
    try:
        parsed = can_ada.parse(url if url.isascii() and "%" not in url else folded(url))
    except ValueError:
        return None, None
    except TypeError:  # a lone surrogate, which a browser reads as the replacement character
        return _whatwg(url.encode("utf-8", "replace").decode().replace("?", "\ufffd"))
    return parsed.hostname or None, int(parsed.port) if parsed.port else None


def _named(host: str | None, hostport: str) -> str:
    """The host as the key has it: the browser's where it opens one, else the guide's steps on what was written."""
    if host is not None:
        named = _single_dots(host)
        if len(named) < len(host) and named:  # without its dots it may be a number, and so another host
            return _single_dots(_whatwg(f"http://{named}/")[0] or named)
        return named or "."  # browsers take a host of dots alone
    plain = unescaped(octets(_PORT.sub("", hostport)))
    written = _single_dots(readable(plain).lower())
    opened, _ = _whatwg(f"http://{written}/") if written and not set(written) & set("/\\?#@") else (None, None)
    return _single_dots(opened) if opened else escaped_host(octets(written))


def _single_dots(host: str) -> str:
    return _DOTS.sub(".", host).strip(".") if "." in host else host


def _app_link(scheme: str, rest: str) -> Link | None:
    """An app link keeps its fragment in the key: in `intent:` it says which app opens what."""
    target = escaped(unescaped(octets(rest.lstrip("/\\"))), b"")
    if not target:
        return None
    path, mark, query = target.partition("?")
    key = f"{scheme}:{target}"
    return Link(key, key, scheme, None, path="/" + path, query=query, has_query=bool(mark), kind="app")


def _is_ip(host: str) -> bool:
    return host[:1] == "[" or (host[-1:].isdigit() and host.replace(".", "").isdigit())


def unicode_host(host: str) -> str:
    """The host with its punycode labels as people read them; a label that does not decode stays as it is."""
    if "xn--" not in host:
        return host
    return ".".join(_unicode_label(label) if label.startswith("xn--") else label for label in host.split("."))


def _unicode_label(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label


def _hosts(host: str) -> list[str]:
    """The exact host, then up to four names made of its last five labels by taking the leading one off each time."""
    if _is_ip(host):
        return [host]
    labels = host.split(".")
    most = min(len(labels) - 1, 5)
    return [host, *(".".join(labels[-count:]) for count in range(most, 1, -1))]


def _paths(link: Link) -> list[str]:
    """The exact path with its query, without it, and up to four directories from the root down."""
    path = link.path
    paths = [f"{path}?{link.query}", path] if link.has_query and link.query else [path]
    ends = [place + 1 for place in range(len(path)) if path[place] == "/"][:4]
    return [*paths, *(prefix for end in ends if (prefix := path[:end]) != path)]
