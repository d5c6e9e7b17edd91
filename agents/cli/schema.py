"""`saring schema`: the published schemas of what Saring writes and reads."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated, Any

import msgspec
import typer

from stream.alert import Alert
from stream.encode import Ledger
from stream.feedback import Feedback


class What(StrEnum):
    """What has a schema."""

    ALERT = "alert"
    LEDGER = "ledger"
    FEEDBACK = "feedback"


TYPES: dict[What, tuple[type, str]] = {
    What.ALERT: (Alert, "saring.alert.v1"),
    What.LEDGER: (Ledger, "saring.ledger.v1"),
    What.FEEDBACK: (Feedback, "saring.feedback.v1"),
}


def schema(what: Annotated[What, typer.Argument(help="Of which record.")] = What.ALERT) -> None:
    """Print the JSON Schema (2020-12) of alerts, ledger records or feedback; `docs/schema/` holds the same files."""
    typer.echo(rendered(what))


def rendered(what: What) -> str:
    """The schema as it is published."""
    kind, title = TYPES[what]
    document: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}
    document |= msgspec.json.schema(kind)
    return json.dumps(_on_one_line(document), indent=1, ensure_ascii=False, sort_keys=True)


def _on_one_line(value: Any) -> Any:
    """The document with every description on one line: from Python 3.13 on docstrings lose their indentation."""
    if isinstance(value, dict):
        return {
            key: " ".join(inner.split()) if key == "description" and isinstance(inner, str) else _on_one_line(inner)
            for key, inner in value.items()
        }
    return [_on_one_line(inner) for inner in value] if isinstance(value, list) else value
