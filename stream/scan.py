"""Finding links in readable text: every name with dots and every scheme is looked at where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from stream.bounds import Bounds
from stream.canonical import APP_SCHEMES
from stream.edges import name_edges
from stream.letters import HOST, IS_UNSPACED, RUN, SPACED, TAIL, USERINFO
from stream.restraint import Place, is_addressed, is_link, is_mail_host
from stream.suffixes import Suffixes
from stream.tails import tail_end

Span: TypeAlias = tuple[int, int, str]  # start, end, and the scheme that is assumed: "" when it is written

_SIGN: Final = re.compile("[.:@]|//")
_LONG: Final = 200  # characters of a token: below, to look for signs first costs more than it saves
_RUN_LETTER: Final = re.compile(rf"[{SPACED}\-]")
_LAST_RUN: Final = re.compile(rf"(?<![{SPACED}\-])[{SPACED}\-]++\Z")
_SCHEME_AT_END: Final = re.compile(r"(?:https?|(?<![A-Za-z])ftp)\Z", re.IGNORECASE)
_APP_AT_END: Final = re.compile(r"(?:" + "|".join(sorted(APP_SCHEMES, key=len, reverse=True)) + r")\Z", re.IGNORECASE)
_TG_COMMAND: Final = re.compile(r":(?:resolve|join|addstickers|msg_url|privatepost|login|socks|proxy)\?", re.IGNORECASE)
_PORT: Final = re.compile(r":(\d+)")
_IPV6: Final = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]")
_IPV4: Final = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")
_ROOT_DOT: Final = re.compile(r"\.(?:/(?![<>`\"])|\?\w+=|:\d)")
_DEEPER: Final = re.compile(r"(?::\d{2,5})?[/?#][\w?=#~@!%+(.-]")
_SUBNET: Final = re.compile(r"/\d{1,2}(?![\w/.])")
_LAST_LABEL: Final = re.compile(r"(?:xn--[a-z0-9-]+|[^\W\d_]{2,}|[^\x00-\x7f]+)\.?", re.IGNORECASE)
_LABEL_EDGE: Final = re.compile(r"(?:^|\.)[-_]|[-_](?:\.|$)|\.\.|^\.")
_NO_LABEL: Final = re.compile(r"(?:^|\.)-|-(?:\.|$)|\.\.|^\.")
_MAIL_REST: Final = re.compile(r"[+!#$%&'*=?^`{|}~][\w.+!#$%&'*=?^`{|}~-]{0,64}+@[\w.-]*")
_HAS_SCHEME: Final = re.compile(r"(?:\w:|[/_])//\Z")
_NO_LINK_AFTER: Final = frozenset("@＠#＃$/\\")


def scan(text: str, suffixes: Suffixes, bounds: Bounds, start: int = 0, end: int | None = None) -> Iterator[Span]:
    """Every link between two places of a text in which all tricks are undone already, in order."""
    end = len(text) if end is None else end
    place = start
    find = _next_run if end - start > _LONG else RUN.search
    while run := find(text, place, end):
        after = run.end()
        span: Span | None = None
        if text.startswith("://", after):
            span, place = _after_scheme(text, run.start(), after, end, bounds, suffixes)
        elif text.startswith(":", after) and _TG_COMMAND.match(text, after) and run[0].lower().endswith("tg"):
            span, place = _app(text, run.start(), after, end, bounds)
        elif text.startswith("@", after):
            span, place = _after_at(text, run.start(), after, end, bounds, suffixes)
        elif "." in run[0] or text.startswith("//", run.start() - 2):
            span, place = _bare(text, run.start(), after, end, bounds, suffixes)
        else:
            place = after
        if span:
            yield span


def _next_run(text: str, place: int, end: int) -> re.Match[str] | None:
    """The next run of letters that may be of an address: what has no sign in or beside it is passed over."""
    sign = _SIGN.search(text, max(0, place - 2), end)
    if sign is None:
        return None
    at = sign.start()
    if at > place:
        before = _LAST_RUN.search(text, place, at)
        if before is not None:
            place = before.start()
        elif _RUN_LETTER.match(text, at - 1) is None:
            place = at
    return RUN.search(text, place, end)


def _after_scheme(
    text: str, start: int, colon: int, end: int, bounds: Bounds, suffixes: Suffixes
) -> tuple[Span | None, int]:
    """The link whose scheme ends at the colon; a scheme we do not follow takes its address with it."""
    word = text[max(start, colon - 20) : colon]
    if match := _SCHEME_AT_END.search(word):
        scheme_start = colon - len(match[0])
        if _is_marked(text, scheme_start) and not _is_emphasis(text, scheme_start, end):
            return None, _skip_address(text, colon, end)
        return _web(text, scheme_start, colon + 3, end, bounds, suffixes)
    if _APP_AT_END.search(word):
        return _app(text, start, colon, end, bounds)
    return None, _skip_address(text, colon, end)


def _is_marked(text: str, start: int) -> bool:
    return text[start - 1 : start] == "_" and not text[start - 2 : start - 1].isalnum()


def _is_emphasis(text: str, start: int, end: int) -> bool:
    """`_http://…_`: the underscores are markup when both are there."""
    tail = TAIL.match(text, start, min(end, start + 512))
    return tail is not None and tail[0].endswith("_") and text[start - 2 : start - 1] in ("", " ", "\n", "*", "~")


def _skip_address(text: str, colon: int, end: int) -> int:
    host = HOST.match(text, colon + 3, end)
    return host.end() if host else colon + 3


def _app(text: str, start: int, colon: int, end: int, bounds: Bounds) -> tuple[Span | None, int]:
    match = _APP_AT_END.search(text, max(start, colon - 20), colon)
    scheme_start = match.start() if match else start
    stop = tail_end_of_app(text, scheme_start, colon, min(end, start + bounds.link))
    return ((scheme_start, stop, "") if stop > colon + 3 else None), max(stop, colon + 1)


def tail_end_of_app(text: str, start: int, colon: int, limit: int) -> int:
    """The end of an app link: what follows its colon is trimmed as the tail of any link."""
    slash = colon + 1
    if text.startswith("//", slash):
        slash += 1
        return tail_end(text, start, slash, limit)
    query = text.find("?", colon, limit)
    return tail_end(text, start, query, limit) if query >= 0 else colon


def _web(
    text: str, start: int, host_start: int, end: int, bounds: Bounds, suffixes: Suffixes
) -> tuple[Span | None, int]:
    limit = min(end, start + bounds.link)
    if userinfo := USERINFO.match(text, host_start, limit):
        host_start = userinfo.end()
    host = _IPV6.match(text, host_start, limit) or HOST.match(text, host_start, limit)
    if host is None:
        return None, host_start
    stop = host_start + _host_length(host[0], suffixes)
    if stop == host_start:
        return None, host.end()
    port_end = _port_end(text, _past_final_dot(text, stop))
    if port_end < 0:
        return None, host.end()
    finish = tail_end(text, start, port_end, limit)
    return ((start, finish, "") if finish > 0 else None), max(finish, port_end)


def _past_final_dot(text: str, host_end: int) -> int:
    """A dot that ends a name is the root of all names, not the end of a sentence, when a path or port goes on."""
    return host_end + 1 if _ROOT_DOT.match(text, host_end) else host_end


def _port_end(text: str, host_end: int) -> int:
    """Where a port ends, `host_end` when there is none, -1 when no browser would take it."""
    match = _PORT.match(text, host_end)
    if match is None:
        return host_end
    return match.end() if len(match[1]) <= 5 and int(match[1]) < 65536 else -1


def _host_length(host: str, suffixes: Suffixes) -> int:
    """How much of a name after a scheme is its host: all, or as far as a real suffix before unspaced script; 0 none."""
    if host.startswith("["):
        return len(host)
    name = host.partition("..")[0].rstrip(".")
    if not name.isascii() and not suffixes.listed(name.lower()):
        for place in IS_UNSPACED.finditer(name):
            prefix = name[: place.start()]
            if prefix and prefix[-1].isascii() and suffixes.listed(prefix.lower()):
                name = prefix
                break
    return len(name) if _is_host(name) else 0


def _is_host(name: str) -> bool:
    """Whether a name after a scheme could be opened: a dotted name has a last label that can exist.

    Browsers and name servers take underscores wherever they stand, and lists are full of them.
    """
    if not name or "%" in name:
        return bool(name)
    if _NO_LABEL.search(name) or _has_long_label(name):
        return False
    labels = name.split(".")
    if len(labels) == 1:
        return True
    if labels[-1].isdigit() or labels[-1][:2].lower() == "0x":
        return all(label.isalnum() for label in labels)
    return _LAST_LABEL.fullmatch(labels[-1]) is not None


def _has_long_label(name: str) -> bool:
    return len(name) > 63 and any(len(label) > 63 for label in name.split("."))


def _after_at(text: str, start: int, at: int, end: int, bounds: Bounds, suffixes: Suffixes) -> tuple[Span | None, int]:
    """An e-mail address is no link; `known.example@other/path` is one to `other`, as no address has a path."""
    domain = RUN.match(text, at + 1, end)
    if domain is None:
        return None, at + 1
    local = text[start:at].lower()
    name = domain[0].rstrip(".")
    if "." in local and suffixes.listed(local) and _DEEPER.match(text, at + 1 + len(name)) and _is_host(name):
        stop = tail_end(text, start, at + 1 + len(name), min(end, start + bounds.link))
        return (start, stop, "http"), stop
    return None, domain.end() if not text.startswith("://", domain.end()) else at + 1


def _bare(text: str, start: int, after: int, end: int, bounds: Bounds, suffixes: Suffixes) -> tuple[Span | None, int]:
    """The link that a name without a scheme is; a name after a slash or a sigil is part of something else."""
    if mail := _MAIL_REST.match(text, after, end):
        return None, mail.end()
    begin, stop = name_edges(text, start, after, end, suffixes)
    name = text[begin:stop]
    if "." not in name or name[0] == "." or len(name) > bounds.host:
        return None, after
    before = text[begin - 1 : begin]
    link_start = begin
    if before == "/" and text[begin - 2 : begin - 1] == "/" and not _HAS_SCHEME.search(text, max(0, begin - 4), begin):
        link_start = begin - 2
    elif before and before in _NO_LINK_AFTER and (before != "/" or name[:4].lower() != "www."):
        return None, _past_path(text, after, end)
    root = _past_final_dot(text, stop)
    deeper = root > stop or (stop >= after and _DEEPER.match(text, stop) is not None)
    place = Place(text, begin, stop, deeper)
    if not (_is_bare_ip(name, place) if name[-1].isdigit() else _is_bare_host(name, place, suffixes)):
        return None, max(after, stop)
    port_end = _port_end(text, root)
    if port_end < 0:
        return None, after
    finish = tail_end(text, link_start, port_end, min(end, link_start + bounds.link))
    return ((link_start, finish, "http") if finish > 0 else None), max(finish, port_end)


def _past_path(text: str, after: int, end: int) -> int:
    """What follows a mention, a hashtag or a path of files belongs to it."""
    while after < end and text[after] in "/\\":
        run = RUN.match(text, after + 1, end)
        after = run.end() if run else after + 1
    return after


def _is_bare_host(name: str, place: Place, suffixes: Suffixes) -> bool:
    if _LABEL_EDGE.search(name) or _has_long_label(name):
        return False
    return is_link(name, place, suffixes) and not is_mail_host(name, place)


def _is_bare_ip(name: str, place: Place) -> bool:
    """Four numbers are an address when a path follows; alone they may be a version, and a mask makes them a network."""
    if _IPV4.fullmatch(name) is None or _SUBNET.match(place.text, place.end):
        return False
    if place.text[place.start - 1 : place.start] == "/":
        return False
    after = place.text[place.end : place.end + 1]
    return (place.deeper and after == "/") or (after != "#" and is_addressed(place))
