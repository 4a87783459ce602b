"""The public log: it knows bytes and their order, not their meaning."""

from sapparot.ledger.facts import Entry, Head
from sapparot.ledger.store import get, head, head_for, read, read_kinds

__all__ = ["Entry", "Head", "get", "head", "head_for", "read", "read_kinds"]
