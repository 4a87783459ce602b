"""What a log sends to a cosigner (C2SP tlog-witness, ``add-checkpoint``): the size it has cosigned last, a proof from there, a checkpoint.

The body is a line ``old`` with the size, up to 63 lines of hashes in base64, an empty line, and the checkpoint as a signed note.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence

import msgspec

from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.signatures import NOTE_BYTES, Checkpoint, Note, plain_base64, plain_number

MOST_HASHES = 63
SIZE_TYPE = "text/x.tlog.size"
"""Media type of the answer that names the size cosigned last."""
_LINE_BYTES = 45
BODY_BYTES = NOTE_BYTES + (MOST_HASHES + 1) * _LINE_BYTES


class Submission(msgspec.Struct, frozen=True):
    """One request: the old size, the consistency proof, the note and what its text says."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @classmethod
    def read(cls, body: bytes) -> Submission:
        """Read a request's body; raises :class:`NoteInvalid`. No signature and no proof is checked yet."""
        head, empty, note = body.partition(b"\n\n")
        lines = head.split(b"\n")
        if not empty or not lines[0].startswith(b"old ") or not lines[0].isascii():
            raise NoteInvalid("the body has no line with the old size, or no empty line after the proof")
        if len(lines) > MOST_HASHES + 1:
            raise NoteInvalid(f"more than {MOST_HASHES} hashes")
        read = Note.read(note)
        old = plain_number(lines[0].removeprefix(b"old ").decode())
        return cls(old, tuple(map(_hash, lines[1:])), read, Checkpoint.read(read.text))


def write_submission(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the body that submits ``note`` with a proof from the size ``old``."""
    lines = [f"old {old}", *(b64encode(node).decode() for node in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def _hash(line: bytes) -> bytes:
    try:
        node = plain_base64(line.decode("ascii"))
    except ValueError as error:
        raise NoteInvalid("a line of the proof is not base64") from error
    if len(node) != 32:
        raise NoteInvalid("a hash of the proof does not have 32 bytes")
    return node
