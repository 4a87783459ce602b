"""What the ledger holds."""

from __future__ import annotations

from typing import NamedTuple

import msgspec


class Entry(NamedTuple):
    """One line of the log: its position (from 0), its kind and its canonical JSON."""

    position: int
    kind: str
    body: bytes


class Head(msgspec.Struct, frozen=True):
    """The tree over the first ``size`` entries and its RFC 6962 root (32 bytes)."""

    size: int
    root: bytes
