"""Reports that stand in the log twice: the door gives each signed text one place, so a second one was put there by hand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sapparot.audit.facts import Finding
from sapparot.audit.survey import signing_input
from sapparot.audit.tilelog import TileLog
from sapparot.audit.wording import found
from sapparot.base import canonical


def replays(log: TileLog, marks: bytes, places: bytes) -> Iterator[Finding]:
    """Find the later ones of reports with equal signed text; `marks` and `places` as `survey` gives them, put together."""
    known = np.frombuffer(marks, "<u8")
    positions = np.frombuffer(places, "<u8")
    order = np.argsort(known, kind="stable")  # equal ones stay in the order of the log
    first = 0
    for at in (np.flatnonzero(known[order][1:] == known[order][:-1]) + 1).tolist():
        if known[order[first]] != known[order[at]]:
            first = at - 1
        earlier, later = int(positions[order[first]]), int(positions[order[at]])
        if _signed(log, earlier) == _signed(log, later):
            yield found("report.replayed", later, first=earlier)


def _signed(log: TileLog, position: int) -> bytes:
    return signing_input(canonical.decode(log.entry(position)))
