"""The sequencer: the one writer of the ledger.

Durable order, and what a crash leaves after each step:

1. Entries, their leaf hashes, the new head and the sources' cursors commit together. A crash before leaves the entries waiting where
   they were; a crash after leaves an unsigned head and entries without tiles, and the next start writes the tiles and signs.
2. Tiles and bundles that these entries fill are written. They follow from what is committed, so a crash between any two of them, or one
   that leaves a torn file, is repaired by the next start: it compares every file behind the last checkpoint and writes what differs.
3. Before a checkpoint, the partial tiles of its size are written, and everything since the last one is forced onto the disk together. A
   crash leaves tiles that no checkpoint asks for yet; the next start finds them right and goes on.
4. The size that is about to be signed is recorded. A crash after it leaves a checkpoint to be signed: equal text gives equal signature,
   so signing again makes the same note.
5. The note is signed and published under its name by atomic replacement. A crash leaves the older checkpoint in public; the next start
   publishes the newer one. A process that slept in this step may have lost the lead meanwhile: directly before each replacement it asks
   whether its size is still the largest, over the connection that holds the lead, and stops when it is not or the connection is gone.
   One window is left: a process that sleeps between that answer and the replacement, or a store that tries again for long, puts an older
   checkpoint over a newer one, until the new leader looks again or publishes its next. Both are beginnings of one log, for both were
   recorded before.
6. Partial tiles whose full tile has been under a checkpoint for a while are taken away. A crash leaves some; the next start finds them.

What is read from the database is over before files are read or written: the server ends a transaction that waits for a slow store.

Asked to stop, it places once more what waits and signs all that stands: who copies the files then has the whole log.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import structlog

from sapparot.base import outbox
from sapparot.base.clock import Clock, monotonic
from sapparot.base.database import Connection
from sapparot.base.metrics import CHECKPOINT_TIME, FOLLOWER_POSITION
from sapparot.base.objects import Objects
from sapparot.base.pointers import Pointers
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.ledger import store
from sapparot.ledger.facts import Head
from sapparot.ledger.growth import Growth
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.problems import OTHER_LOG_KEY
from sapparot.ledger.published import CHECKPOINT_NAME, COSIGNED_NAME, VERIFIER_KEY_NAME, published
from sapparot.ledger.rebuilding import resume
from sapparot.ledger.shelf import Shelf
from sapparot.ledger.signatures import KeyInvalid, VerifierKey
from sapparot.ledger.tree import Tree

log = structlog.get_logger()

BATCH = 4000
CHECKPOINT_SECONDS = 1.0


class Source(Protocol):
    """Somewhere entries wait for their place."""

    def start(self, connection: Connection) -> None:
        """Forget what is in memory and begin from what is durable."""
        ...

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest waiting ``(kind, body)`` and mark them as placed, in the caller's transaction."""
        ...


class Cosigners(Protocol):
    """Other parties who sign what we published; neither side waits for the other."""

    def tell(self, note: str) -> None:
        """A checkpoint is public, with our signature alone."""
        ...

    def take(self) -> dict[str, bytes]:
        """Return what is to be published now, by name: the checkpoint told last with further signatures."""
        ...


class Alone:
    """Nobody cosigns."""

    def tell(self, note: str) -> None:
        """Nobody hears it."""

    def take(self) -> dict[str, bytes]:
        """Return nothing."""
        return {}


class Outbox:
    """What other slices concluded."""

    def start(self, connection: Connection) -> None:
        """Nothing is kept in memory."""

    def take(self, connection: Connection, limit: int) -> list[tuple[str, bytes]]:
        """Return the oldest entries of the outbox and remove them from it."""
        waiting = outbox.take(connection, limit)
        if waiting:
            outbox.drop(connection, waiting)
        return [(entry.kind, entry.body) for entry in waiting]


class Sequencer:
    """Gives each waiting entry its place, and signs what stands.

    What waits in a later source may rest on what waits in an earlier one: a report on the enrolment of its device. So a later source is
    taken only when the earlier ones are empty but for what arrives meanwhile, and that is placed in front of it.
    """

    name = "sequencer"
    cosigners: Cosigners = Alone()

    def __init__(self, sources: Sequence[Source], signer: NoteSigner, public: Objects, clock: Clock) -> None:
        self._sources = sources
        self._signer = signer
        self._public = public
        self._pointers = Pointers(public)
        self._clock = clock
        self._tree = Tree()
        self._shelf = Shelf(public)
        self._growth = Growth()
        self._signed = Head(0, b"")
        self._signed_at = -CHECKPOINT_SECONDS

    def start(self, connection: Connection) -> None:
        """Load the tree, complete the tiles, publish the checkpoint that was recorded last.

        Raises when the public one is ahead of it, and when the log was begun with another key: one that goes on under a new key is
        another log to everybody who checks.
        """
        self.look()
        self._tree = store.load_tree(connection)
        connection.commit()
        self._published(connection, COSIGNED_NAME)
        public = self._published(connection, CHECKPOINT_NAME)
        self._growth = resume(connection, self._shelf, self._tree.size)
        connection.commit()
        self._shelf.look_round()
        self._public.put(VERIFIER_KEY_NAME, self._signer.verifier_key().encode() + b"\n")
        for source in self._sources:
            source.start(connection)
        last = store.last_checkpoint(connection)
        connection.commit()
        if last and last == public:
            self._signed = last  # it stays as it is: others may have signed it too, and are asked again
            self.cosigners.tell(self._signer.sign(checkpoint_text(self._signer.name, last)))
        elif last:
            self._publish(connection, last)

    def step(self, connection: Connection) -> int:
        """Place one batch; return how many entries it had."""
        entries = _take(connection, self._sources)
        leaves = store.append(connection, self._tree, entries) if entries else []
        connection.commit()
        self._shelf.put(self._growth.add([body for _, body in entries], leaves))
        FOLLOWER_POSITION.labels(self.name).set(self._tree.size)
        if monotonic() - self._signed_at >= CHECKPOINT_SECONDS:
            self._sign(connection)
        for name, data in (self._pointers.displaced() | self.cosigners.take()).items():
            self._show(connection, name, data)
        return len(entries)

    def finish(self, connection: Connection) -> None:
        """Place what waits, once more, and sign what stands, however short a time ago the last was signed."""
        self.step(connection)
        self._sign(connection)

    def _sign(self, connection: Connection) -> None:
        if self._tree.size == self._signed.size:
            return
        head = Head(self._tree.size, self._tree.root())
        if (self._growth.size, self._growth.root()) != (head.size, head.root):
            raise store.LogDamaged(f"the tiles of size {head.size} do not lead to its root")
        self._shelf.put(self._growth.partials())
        self._shelf.settle()
        store.record_checkpoint(connection, head, self._clock.now())
        connection.commit()
        self._publish(connection, head)

    def look(self) -> None:
        """Raise when the log was begun with another key than ours."""
        ours = self._signer.verifier_key()
        try:
            begun = VerifierKey.read(self._public.get(VERIFIER_KEY_NAME).decode().strip()).text
        except (FileNotFoundError, UnicodeDecodeError, KeyInvalid):
            return  # not there yet, or no key at all: it is written anew
        if begun != ours:
            detail = Text(
                "{name} คือ {begun} แต่กุญแจที่ตั้งไว้คือ {ours}: ใส่กุญแจเดิมกลับ (SAPPAROT_LOG_KEY หรือ secrets/log.key และ SAPPAROT_ORIGIN)",
                "{name} is {begun}, the key that is set is {ours}: put the first one back (SAPPAROT_LOG_KEY or "
                "secrets/log.key, SAPPAROT_ORIGIN)",
            )
            raise Problem(OTHER_LOG_KEY, detail.fill(name=VERIFIER_KEY_NAME, begun=begun, ours=ours))

    def _published(self, connection: Connection, name: str) -> Head | None:
        """Return the head that is public; raises when the stored log is behind it."""
        found = published(connection, self._public, name, self._signer.verifier_key())
        if found is None:
            return None
        head, note = found
        self._pointers.know(name, note)
        return head

    def _publish(self, connection: Connection, head: Head) -> None:
        note = self._signer.sign(checkpoint_text(self._signer.name, head))
        self._signed = head
        self._show(connection, CHECKPOINT_NAME, note.encode())
        self._signed_at = monotonic()
        CHECKPOINT_TIME.set(self._clock.now().timestamp())
        self._shelf.published(self._signed_at)
        self.cosigners.tell(note)

    def _show(self, connection: Connection, name: str, data: bytes) -> None:
        """Replace a public note, unless another process leads by now and has gone further."""
        if self._signed.size:
            store.stands_last(connection, self._signed)
            connection.commit()
        self._pointers.put(name, data)


def _take(connection: Connection, sources: Sequence[Source]) -> list[tuple[str, bytes]]:
    """Take the next entries of ``sources`` in the order in which they are to stand; a full batch leaves later sources alone."""
    if not sources:
        return []
    *earlier, last = sources
    entries = _take(connection, earlier)
    if len(entries) >= BATCH:
        return entries
    late = last.take(connection, BATCH)
    while late and (meanwhile := _take(connection, earlier)):
        entries += meanwhile
    return entries + late
