"""The public log: it knows bytes and their order, not their meaning."""

from sapparot.ledger.facts import Entry, Head
from sapparot.ledger.store import (
    check,
    get_async,
    head,
    head_for,
    last_checkpoint,
    read,
    read_all,
    read_kinds,
    read_starts,
)

__all__ = [
    "Entry",
    "Head",
    "check",
    "get_async",
    "head",
    "head_for",
    "last_checkpoint",
    "read",
    "read_all",
    "read_kinds",
    "read_starts",
]
