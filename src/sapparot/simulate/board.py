"""A small shared table: each sender writes how far it is, the conductor reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

FIELDS = (
    "enrolled",  # devices that have their token
    "refused_devices",
    "ready",  # 1 when every device of the part is enrolled
    "sent",
    "answered",
    "accepted",
    "duplicate",
    "refused",
    "conflict",
    "failed",
    "retried",
    "photographs",
    "cpu_ms",  # of the sender's process
    "done",  # 1 when every line of the part is answered
)
_PLACE = {name: number for number, name in enumerate(FIELDS)}


class Board:
    """The table of ``parts`` rows in the file ``path``; the conductor makes it, senders open it."""

    def __init__(self, path: Path, parts: int, *, make: bool = False) -> None:
        shape = (parts, len(FIELDS))
        self._table = np.memmap(path, np.int64, "w+" if make else "r+", shape=shape)

    def put(self, part: int, **values: int) -> None:
        """Write some fields of a sender's row."""
        row = self._table[part]
        for name, value in values.items():
            row[_PLACE[name]] = value

    def total(self, name: str) -> int:
        """Add up a field over all senders."""
        return int(self._table[:, _PLACE[name]].sum())
