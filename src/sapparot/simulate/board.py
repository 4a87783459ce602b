"""A small shared table: each sender writes how far it is, the conductor reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sapparot.simulate.facts import GATHERED

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

PEOPLE = ("act", "done", "steps", *GATHERED)
"""Of gatherers: ``act`` is what muster.py calls out, ``done`` how many acts are over, ``steps`` whose part in this act is over."""


class Board:
    """The table of ``parts`` rows in the file ``path``; the conductor makes it, senders open it."""

    def __init__(self, path: Path, parts: int, *, make: bool = False, fields: tuple[str, ...] = FIELDS) -> None:
        shape = (parts, len(fields))
        self._place = {name: number for number, name in enumerate(fields)}
        # A plain view of the mapped file: numpy's own class for it costs a microsecond at every look.
        self._table = np.asarray(np.memmap(path, np.int64, "w+" if make else "r+", shape=shape))

    def put(self, part: int, **values: int) -> None:
        """Write some fields of a sender's row."""
        row = self._table[part]
        for name, value in values.items():
            row[self._place[name]] = value

    def get(self, part: int, name: str) -> int:
        """Read one field of a row."""
        return int(self._table[part, self._place[name]])

    def total(self, name: str) -> int:
        """Add up a field over all senders."""
        return int(self._table[:, self._place[name]].sum())
