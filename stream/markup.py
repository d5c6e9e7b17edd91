"""What a reader is shown for a link in markdown, chat markup or HTML."""

from __future__ import annotations

import re
from typing import Final

_LONGEST_LABEL: Final = 300
_HREF: Final = re.compile(r"<[aA]\s[^<>]{0,200}?href\s*=\s*[\"']?\Z", re.IGNORECASE)
_ANCHOR_TEXT: Final = re.compile(r"[^<>]{0,300}>(.{0,300}?)</a", re.IGNORECASE | re.DOTALL)
_TAG: Final = re.compile(r"<[^<>]{0,200}>")
_CHAT_LABEL: Final = re.compile(r"\|([^<>\n]{1,300})>")
_LABEL_AFTER: Final = re.compile(r"\](.{1,300}?)\[/url\]", re.IGNORECASE | re.DOTALL)


def shown_for(text: str, start: int, end: int) -> tuple[str, str]:
    """Which markup the link at this place is the target of ("" for none), and its label where that is another text."""
    before = text[start - 1 : start]
    if before == "(" and text[start - 2 : start - 1] == "]":
        return "markdown", _label(_bracketed(text, start - 2), text[start:end])
    if before in ('"', "'", "=") and _HREF.search(text, max(0, start - 240), start):
        anchor = _ANCHOR_TEXT.match(text, end)
        return "html", _label(_TAG.sub("", anchor[1]) if anchor else "", text[start:end])
    if before == "=" and text[start - 5 : start].lower() == "[url=":
        labelled = _LABEL_AFTER.match(text, end)
        return "html", _label(labelled[1] if labelled else "", text[start:end])
    if before == "<" and (labelled := _CHAT_LABEL.match(text, end)):
        return "markdown", _label(labelled[1], text[start:end])
    return "", ""


def _bracketed(text: str, closing: int) -> str:
    """The text between the bracket that closes at a place and the one that opens it."""
    depth = 0
    for place in range(closing, max(-1, closing - _LONGEST_LABEL), -1):
        depth += (text[place] == "]") - (text[place] == "[")
        if depth == 0:
            return text[place + 1 : closing]
    return ""


def _label(shown: str, target: str) -> str:
    label = shown.strip(" \t\r\n*_`<>")
    return "" if label == target else label
