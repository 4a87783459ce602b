"""The recount of the evening. Its longer half begins with the evening and takes only what is left of the processors meanwhile.

Whatever follows a log can follow it while it grows: the entries that are there already will not change, and where the log ends is said
when it has ended. What is compared then is the whole log, as ever.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from sapparot import ledger
from sapparot.base.children import end_with_parent
from sapparot.base.database import connect
from sapparot.base.heap import look_seldom
from sapparot.publish.recount import Conclusions, RecountReport, conclusions_beside, recount_snapshots
from sapparot.publish.stored import StoredLog
from sapparot.tally import Entry

CHUNK = 2_000
PAUSE_SECONDS = 0.5
NICEST = 19


class GrowingLog(Struct, frozen=True):
    """A log that is still being written: another process reads it, entry by entry, until the size stands in the file ``ended``."""

    url: str
    ended: Path

    def end(self, size: int) -> None:
        """Say that the log ends at ``size``; 0 lets go of who still reads."""
        draft = self.ended.with_suffix(".draft")
        draft.write_text(str(size))
        draft.replace(self.ended)

    def __call__(self) -> Iterator[Entry]:
        """Yield every entry in order, as soon as it is there."""
        position = 0
        with connect(self.url, autocommit=True) as connection:  # no snapshot is held while we wait
            while (size := self._size()) is None or position < size:
                limit = CHUNK if size is None else min(CHUNK, size - position)
                entries = ledger.read(connection, position, limit)
                for entry in entries:
                    yield entry.position, entry.kind, entry.body
                position += len(entries)
                if not entries:
                    time.sleep(PAUSE_SECONDS)

    def _size(self) -> int | None:
        return int(self.ended.read_text()) if self.ended.exists() else None


class Recounting:
    """A recount that has begun."""

    def __init__(self, log: GrowingLog, conclusions: Conclusions) -> None:
        self._log = log
        self._conclusions = conclusions

    def result(self, every: int) -> RecountReport:
        """Finish: the log does not grow any more. Renders each ``every``-th snapshot and the last one."""
        with connect(self._log.url) as connection:
            self._log.end(ledger.head(connection).size)
        snapshots = recount_snapshots(StoredLog(self._log.url), every)
        return RecountReport(self._conclusions.result(), snapshots)


@contextmanager
def recounting(url: str, ended: Path) -> Iterator[Recounting]:
    """Begin the recount of a log that is about to grow; it is given up when the block ends before the log does."""
    log = GrowingLog(url, ended)
    with conclusions_beside(log, begin=_yielding) as conclusions:
        try:
            yield Recounting(log, conclusions)
        finally:
            if not ended.exists():
                log.end(0)


def _yielding() -> None:
    """Prepare the process: every other goes first, and it ends with us, not with a key that was pressed."""
    look_seldom()
    os.nice(NICEST)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL)()
