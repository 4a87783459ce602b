"""The sequencer: the one writer of the ledger.

Durable order, and what a crash leaves after each step:

1. Entries, their leaf hashes, the new head and the sources' cursors commit together. A crash before leaves the entries waiting where
   they were; a crash after leaves an unsigned head, and the next start signs it.
2. The size that is about to be signed is recorded. A crash after it leaves a checkpoint to be signed: equal text gives equal signature,
   so signing again makes the same note.
3. The note is signed and published under its name by atomic replacement. A crash leaves the older checkpoint in public; the next start
   publishes the newer one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from sapparot.base import outbox
from sapparot.base.clock import Clock, monotonic
from sapparot.base.database import Connection, notify
from sapparot.base.follow import LEDGER
from sapparot.base.objects import Objects
from sapparot.ledger import store
from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.tree import Tree

BATCH = 4000
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_NAME = "log/checkpoint"
VERIFIER_KEY_NAME = "log/log.vkey"


class Source(Protocol):
    """Somewhere entries wait for their place."""

    def start(self, connection: Connection) -> None:
        """Forget what is in memory and begin from what is durable."""
        ...

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest waiting ``(kind, body)`` and mark them as placed, in the caller's transaction."""
        ...


class Outbox:
    """What other slices concluded."""

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory."""

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest entries of the outbox and remove them from it."""
        waiting = outbox.take(connection, limit)
        if waiting:
            outbox.drop(connection, waiting[-1])
        return [(entry.kind, entry.body) for entry in waiting]


class Sequencer:
    """Gives each waiting entry its place, and signs what stands.

    Sources are read last to first and placed first to last: an enrolment that committed before a report was sent stands before the
    report in the log.
    """

    name = "sequencer"

    def __init__(self, sources: Sequence[Source], signer: NoteSigner, public: Objects, clock: Clock) -> None:
        self._sources = sources
        self._signer = signer
        self._public = public
        self._clock = clock
        self._tree = Tree()
        self._signed = Head(0, b"")
        self._signed_at = -CHECKPOINT_SECONDS

    def start(self, connection: Connection) -> None:
        """Load the tree, and publish the checkpoint again that was recorded last."""
        self._tree = store.load_tree(connection)
        for source in self._sources:
            source.start(connection)
        self._public.put(VERIFIER_KEY_NAME, self._signer.verifier_key().encode() + b"\n")
        if last := store.last_checkpoint(connection):
            self._publish(last)

    def step(self, connection: Connection) -> int:
        """Place one batch; return how many entries it had."""
        entries: list[tuple[str, bytes]] = []
        for source in reversed(self._sources):
            entries = source.take(connection, BATCH) + entries
        if entries:
            store.append(connection, self._tree, entries)
            notify(connection, LEDGER)
        connection.commit()
        self._sign(connection)
        return len(entries)

    def _sign(self, connection: Connection) -> None:
        due = monotonic() - self._signed_at >= CHECKPOINT_SECONDS
        if self._tree.size == self._signed.size or not due:
            return
        head = Head(self._tree.size, self._tree.root())
        store.record_checkpoint(connection, head, self._clock.now())
        connection.commit()
        self._publish(head)

    def _publish(self, head: Head) -> None:
        note = self._signer.sign(checkpoint_text(self._signer.name, head))
        self._public.put(CHECKPOINT_NAME, note.encode())
        self._signed = head
        self._signed_at = monotonic()
