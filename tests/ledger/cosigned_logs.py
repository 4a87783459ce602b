"""A log in memory that asks to be cosigned, and one that lies with the right key."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sapparot.base.clock import FixedClock
from sapparot.ledger.cosignatures import CosigningKey
from sapparot.ledger.cosigner import Cosigner
from sapparot.ledger.facts import Head
from sapparot.ledger.kept import KeptNotes
from sapparot.ledger.notes import NoteSigner, checkpoint_text
from sapparot.ledger.proofs import consistency
from sapparot.ledger.signatures import VerifierKey
from sapparot.ledger.submission import write_submission
from tests.ledger.trees import Files

ORIGIN = "example.org/log"
SIGNER = NoteSigner(ORIGIN, b"l" * 32)
LOG_KEY = VerifierKey.read(SIGNER.verifier_key())
KEY = CosigningKey("cosigner.example.ac.th", b"c" * 32)
CLOCK = FixedClock(datetime(2023, 5, 14, 11, 0, tzinfo=UTC))


class AskingLog:
    """Any size of one history, signed, with a proof from any other size of it."""

    def __init__(self, mark: bytes = b"honest", size: int = 40) -> None:
        self.files = Files([b"entry %d" % number if number < 5 else mark + b" %d" % number for number in range(size)])

    def head(self, size: int) -> Head:
        return self.files.head(size)

    def note(self, size: int, signer: NoteSigner = SIGNER) -> str:
        return signer.sign(checkpoint_text(signer.name, self.head(size)))

    def request(self, old: int, size: int, signer: NoteSigner = SIGNER) -> bytes:
        proof = consistency(self.files.hashes(), old, size) if old <= size else []
        return write_submission(old, proof, self.note(size, signer))


def cosigner_at(place: Path) -> Cosigner:
    return Cosigner(KEY, [LOG_KEY], KeptNotes(place), CLOCK)
