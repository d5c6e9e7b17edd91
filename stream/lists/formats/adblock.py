"""AdBlock filter lists: only rules that name a host or an address; cosmetic and page-bound rules are bad lines."""

from __future__ import annotations

from stream.lists.formats.plain import refuse_html
from stream.lists.formats.rows import Bad, ParseOptions, Row, Rows, text_of

# Options that narrow a rule to kinds of requests leave its host a blocked one; those that bind it to a page do not.
_PAGE_BOUND = ("domain=", "from=", "to=", "badfilter", "removeparam", "redirect", "csp", "replace", "denyallow")


def adblock(data: bytes, options: ParseOptions) -> Rows:
    """`||host^`, `||host/path`, `|address|` and their exceptions `@@…`."""
    refuse_html(data)
    for number, line in enumerate(text_of(data).splitlines(), 1):
        rule = line.strip()
        if rule and rule[0] not in "![":
            yield _row(number, rule)


def _row(number: int, rule: str) -> Row | Bad:
    if any(mark in rule for mark in ("##", "#@#", "#?#", "#$#")):
        return Bad(number, "hides page elements", rule)
    allow = rule.startswith("@@")
    body, _, settings = rule.removeprefix("@@").partition("$")
    if any(setting.strip().startswith(_PAGE_BOUND) for setting in settings.split(",")):
        return Bad(number, "bound to certain pages", rule)
    action = "allow" if allow else "block"
    if body.startswith("||"):
        return _named(number, body[2:], action, rule)
    if body.startswith("|") and "://" in body:
        exact = body.endswith("|")
        return Row(body.strip("|").rstrip("^"), "url" if exact else "prefix", action=action)  # type: ignore[arg-type]  # two literals
    if body and not set(body) & set("*^|/"):
        return Row(body, "domain", action=action)  # type: ignore[arg-type]  # two literals
    return Bad(number, "not a host or an address", rule)


def _named(number: int, name: str, action: str, rule: str) -> Row | Bad:
    name = name.rstrip("|").removesuffix("*").rstrip("^")
    if "*" in name or "^" in name or not name:
        return Bad(number, "pattern in the middle", rule)
    has_path = "/" in name.rstrip("/")
    return Row(name, "prefix" if has_path else "domain", action=action)  # type: ignore[arg-type]  # two literals
