"""From when on a report could be seen: in the first snapshot that covers the move it caused, else the report itself."""

from __future__ import annotations

from collections.abc import Iterator

from sapparot.base.database import connect
from sapparot.ledger import read_starts

_AT = len('{"at":"')
_STAMP = len("2023-05-14T11:42:10.000000Z")
_CAUSE = len('{"cause":')
_DIGITS = 20


def report_times(url: str) -> Iterator[tuple[int, str]]:
    """Yield for every report in the log the position from which on it had its effect, and when it was accepted."""
    with connect(url) as connection:
        moves = read_starts(connection, "move", _CAUSE + _DIGITS)
        effects = {int(start[_CAUSE:].partition(b",")[0]): position for position, start in moves}
        for position, start in read_starts(connection, "report", _AT + _STAMP):
            yield effects.get(position, position), start[_AT:].decode()
