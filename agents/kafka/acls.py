"""What each role needs on the cluster, as data; `deploy/kafka/acls.sh` grants that, and what is convenient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, NamedTuple

Kind = Literal["topic", "group", "transactional_id"]
Operation = Literal["READ", "WRITE", "DESCRIBE", "DESCRIBE_CONFIGS"]


class Rule(NamedTuple):
    """One permission; with `prefix` the name is the beginning of names."""

    kind: Kind
    name: str
    operation: Operation
    prefix: bool = False


_READS: Mapping[str, Sequence[str]] = {
    "scan": ("lists", "chunks", "entries"),
    "keeper": ("lists", "chunks", "entries", "links"),
    "retro": ("links", "lists", "chunks", "entries", "alerts", "review", "feedback"),
    "campaigns": ("links", "lists", "chunks", "entries", "alerts", "review"),
}
_WRITES: Mapping[str, Sequence[str]] = {
    "scan": ("alerts", "review", "dead", "shadow", "ledger", "links"),
    "keeper": ("lists", "chunks", "entries"),
    "retro": ("alerts", "review", "entries"),
    "campaigns": ("alerts", "review"),
}


_TRANSACTIONS = ("scan", "keeper")


def kinds(role: str) -> set[str]:
    """The kinds of our topics that a role reads or writes; of others it need not even know that they exist."""
    return {*_READS[role], *_WRITES[role]}


def rules(role: str, topics: Mapping[str, str], sources: Iterable[str], group: str) -> list[Rule]:
    """The permissions of a role. `topics` maps kinds to names; reading sources is for `scan` alone.

    DESCRIBE_CONFIGS is missing on purpose: a worker that may not read a topic's size limit uses the setting instead.
    """
    reads = [topics[kind] for kind in _READS[role]] + (list(sources) if role == "scan" else [])
    found = [Rule("topic", name, operation) for name in reads for operation in _operations("READ")]
    found += [Rule("topic", topics[kind], operation) for kind in _WRITES[role] for operation in _operations("WRITE")]
    found += [Rule("group", group, operation) for operation in _operations("READ")]
    if role in _TRANSACTIONS:
        found += [Rule("transactional_id", group, operation, prefix=True) for operation in _operations("WRITE")]
    return found


def _operations(operation: Operation) -> tuple[Operation, Operation]:
    return operation, "DESCRIBE"
