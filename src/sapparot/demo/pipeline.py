"""How far behind the doors everything is, and when the last result is out."""

from __future__ import annotations

import time
from collections.abc import Callable

from sapparot import intake, ledger
from sapparot.base import outbox
from sapparot.base.clock import monotonic
from sapparot.base.database import Connection, connect
from sapparot.base.follow import cursor
from sapparot.demo.problems import ServerFailed
from sapparot.publish import SnapshotKept
from sapparot.publish.stored import last_snapshot
from sapparot.tally import KINDS
from sapparot.verify.worker import Verifier

ENOUGH = 20_000
LOOK_SECONDS = 0.25
SETTLE_SECONDS = 300.0


class Backlog:
    """Counts what the pipeline has not dealt with; keeps one connection."""

    def __init__(self, url: str) -> None:
        self._connection = connect(url, autocommit=True)
        self._looked_at = 0.0
        self._last = 0

    def __call__(self) -> int:
        """Return entries that wait for their place or for the rules, at most about ``ENOUGH`` of each; looked up rarely."""
        if monotonic() - self._looked_at >= LOOK_SECONDS:
            self._last = waiting(self._connection)
            self._looked_at = monotonic()
        return self._last

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()


def waiting(connection: Connection) -> int:
    """Return how many reports and conclusions are not dealt with."""
    unread = ledger.head(connection).size - cursor(connection, Verifier.name)
    return intake.count_waiting(connection, ENOUGH) + outbox.count(connection, ENOUGH) + unread


def settle(url: str, check: Callable[[], None]) -> SnapshotKept:
    """Wait until a full snapshot covers everything that was sent, and return it; ``check`` raises when a server died."""
    deadline = monotonic() + SETTLE_SECONDS
    with connect(url, autocommit=True) as connection:
        while monotonic() < deadline:
            check()
            last = last_snapshot(connection)
            if last and last.full and not waiting(connection) and _nothing_after(connection, last.size):
                return last
            time.sleep(LOOK_SECONDS)
    raise ServerFailed(
        f"ผลคะแนนยังไม่นิ่งภายใน {SETTLE_SECONDS:.0f} วินาที",
        f"the result did not settle within {SETTLE_SECONDS:.0f} seconds",
    )


def _nothing_after(connection: Connection, size: int) -> bool:
    """Tell whether nothing that could change the result stands in the log after ``size``."""
    head = ledger.head(connection).size
    return not ledger.read_kinds(connection, (size, head), sorted(KINDS), 1)
