"""Receipts (C2SP tlog-proof, version 1): an entry's place in the log, shown without anybody's help.

Lines: ``c2sp.org/tlog-proof@v1``; ``extra`` and base64, when there is something to add (we add the entry itself, see
docs/formats/receipt.md); ``index`` and the position; the path, one hash in base64 a line; an empty line; the checkpoint as a signed note.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable

import msgspec

from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.proofs import ProofInvalid, check_inclusion
from sapparot.ledger.signatures import NOTE_BYTES, Checkpoint, Note, VerifierKey, plain_base64, plain_number, signed_by
from sapparot.ledger.tiles import MOST_BYTES
from sapparot.ledger.tree import HASH_SIZE

FIRST_LINE = "c2sp.org/tlog-proof@v1"
LONGEST_PATH = 63
RECEIPT_BYTES = NOTE_BYTES + 2 * MOST_BYTES
"""Larger receipts are not read."""


class ReceiptInvalid(ValueError):
    """The receipt cannot be read, or does not show that the entry is in the log; the message says why."""


class Receipt(msgspec.Struct, frozen=True):
    """Position of an entry, path from it to the root, the checkpoint (a signed note, verbatim), and unauthenticated extra bytes."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def encode(self) -> str:
        """Return the receipt's text."""
        extra = [] if self.extra is None else [f"extra {b64encode(self.extra).decode()}"]
        path = [b64encode(node).decode() for node in self.path]
        return "\n".join([FIRST_LINE, *extra, f"index {self.index}", *path, "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> Receipt:
        """Read a receipt; raises :class:`ReceiptInvalid`. Nothing is verified yet."""
        if len(text) > RECEIPT_BYTES:
            raise ReceiptInvalid("the receipt is too large")
        if not text.isprintable() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise ReceiptInvalid("the receipt is not Unicode")
        above, empty, note = text.partition("\n\n")
        lines = above.split("\n")
        if lines.pop(0) != FIRST_LINE or not empty:
            raise ReceiptInvalid(f"a receipt begins with {FIRST_LINE} and ends with a checkpoint")
        extra = _member(lines, "extra") if lines and lines[0].startswith("extra ") else None
        try:
            index = plain_number(_member(lines, "index"))
            path = tuple(plain_base64(line) for line in lines)
            added = None if extra is None else plain_base64(extra)
        except NoteInvalid as error:
            raise ReceiptInvalid("the index is not a plain number") from error
        except ValueError as error:
            raise ReceiptInvalid("a line is not base64") from error
        if len(path) > LONGEST_PATH or any(len(node) != HASH_SIZE for node in path):
            raise ReceiptInvalid(f"a path has at most {LONGEST_PATH} hashes of {HASH_SIZE} bytes")
        return cls(index, path, note, added)


def check(receipt: Receipt, keys: Iterable[VerifierKey], leaf: bytes) -> Head:
    """Return the head that the log signed and under which ``leaf`` stands at the receipt's position; raises :class:`ReceiptInvalid`.

    ``keys``: the log keys that are believed; each may sign only for the origin of its name. ``leaf``: the entry's leaf hash, made from the
    entry that the reader holds. Who cosigned the checkpoint, and whether that is enough, is for a policy to say.
    """
    try:
        note = Note.read(receipt.checkpoint.encode())
        signed = Checkpoint.read(note.text)
        if not any(signed_by(note, key) for key in keys if key.name == signed.origin):
            raise ReceiptInvalid(f"no key that is believed signed the checkpoint of {signed.origin}")
        check_inclusion(leaf, receipt.index, signed.head.size, receipt.path, signed.head.root)
    except (NoteInvalid, ProofInvalid) as error:
        raise ReceiptInvalid(str(error)) from error
    return signed.head


def _member(lines: list[str], name: str) -> str:
    mark, space, value = (lines.pop(0) if lines else "").partition(" ")
    if mark != name or not space:
        raise ReceiptInvalid(f"the line {name} is missing")
    return value
