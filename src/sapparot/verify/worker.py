"""The follower that verifies: it reads the log from its cursor, folds it and puts what follows into the outbox.

What it concluded, the trails, where keys are spoken of, and its cursor commit together. A crash before the commit leaves the entries
unread: the next start folds the log again up to the cursor and goes on from there, with the same conclusions. A crash after it leaves
the conclusions in the outbox, where the sequencer finds them. Nothing is concluded twice, nothing is left out, and a normal start takes
the same path.
"""

from __future__ import annotations

from sapparot import ledger
from sapparot.base import outbox
from sapparot.base.database import Connection
from sapparot.base.follow import advance, cursor
from sapparot.verify import store
from sapparot.verify.bearers import bearers
from sapparot.verify.engine import Engine
from sapparot.verify.entries import Entry
from sapparot.verify.store import Trace

BATCH = 2000
REPLAY_BATCH = 5000
REFUSED = "refused"
"""What a trail calls a report that counts for nothing: its sheet's page shows it, and nobody takes it for what somebody reported."""


class Verifier:
    """Follows the ledger with an engine."""

    name = "verify"

    def __init__(self) -> None:
        self._engine = Engine()
        self._next = 0

    def start(self, connection: Connection) -> None:
        """Fold the log again up to the cursor; what it led to then stands in the outbox or in the log already."""
        self._engine, self._next = Engine(), 0
        until = cursor(connection, self.name)
        while self._next < until:
            for entry in ledger.read(connection, self._next, min(REPLAY_BATCH, until - self._next)):
                self._engine.apply(entry.position, entry.kind, entry.body)
                self._next = entry.position + 1

    def step(self, connection: Connection) -> int:
        """Verify one batch; return how many entries it had."""
        entries = ledger.read(connection, self._next, BATCH)
        if not entries:
            return 0
        outs: list[Entry] = []
        traces: list[Trace] = []
        spoken: list[tuple[str, int, str]] = []
        for entry in entries:
            step = self._engine.step(entry.position, entry.kind, entry.body)
            outs += step.outs
            if step.sheet is not None:
                traces.append(Trace(step.sheet, entry.position, REFUSED if step.refused else entry.kind))
            else:
                spoken += [(kid, entry.position, entry.kind) for kid in bearers(entry.kind, entry.body)]
        after = entries[-1].position + 1
        outbox.put(connection, outs)
        store.record(connection, traces)
        store.record_bearers(connection, spoken)
        advance(connection, self.name, after)
        connection.commit()
        self._next = after
        return len(entries)
