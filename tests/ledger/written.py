"""A log as files, written as the sequencer writes it, for verifiers that know nothing of us."""

from __future__ import annotations

from pathlib import Path

from sapparot.ledger.facts import Head
from sapparot.ledger.growth import Growth
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.proofs import consistency, inclusion
from sapparot.ledger.tiles import Hashes
from sapparot.ledger.tree import Tree, leaf_hash

ORIGIN = "example.org/log"


class WrittenLog:
    """The public directory of a log of ``size`` entries."""

    def __init__(
        self, place: Path, size: int, *, entry: str = '{{"kind":"report","n":{n}}}', seed: bytes = b"k"
    ) -> None:
        self.place = place
        self.signer = NoteSigner(ORIGIN, seed * 32)
        self.vkey = self.signer.verifier_key()
        self.bodies = [entry.format(n=number).encode() for number in range(size)]
        growth = Growth()
        for path, data in [*growth.add(self.bodies, [leaf_hash(body) for body in self.bodies]), *growth.partials()]:
            (place / path).parent.mkdir(parents=True, exist_ok=True)
            (place / path).write_bytes(data)
        self.head = Head(size, growth.root())
        self.note = self.signer.sign(checkpoint_text(ORIGIN, self.head))
        place.mkdir(parents=True, exist_ok=True)
        (place / "checkpoint").write_text(self.note)
        (place / "log.vkey").write_text(self.vkey + "\n")
        self.hashes = Hashes(lambda path: (place / path).read_bytes(), size)

    def head_at(self, size: int) -> Head:
        """The head of the first entries."""
        tree = Tree()
        for body in self.bodies[:size]:
            tree.append(leaf_hash(body))
        return Head(size, tree.root())

    def note_at(self, size: int) -> str:
        """The checkpoint that stood there when the log had ``size`` entries."""
        return self.signer.sign(checkpoint_text(ORIGIN, self.head_at(size)))

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        return inclusion(self.hashes, index, size or self.head.size)

    def consistency(self, old: int) -> list[bytes]:
        return consistency(self.hashes, old, self.head.size)
