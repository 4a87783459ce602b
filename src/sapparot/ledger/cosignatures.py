"""Cosignatures of checkpoints (C2SP tlog-cosignature, ``cosignature/v1``, Ed25519, type 0x04).

A cosigner says with it: at this time, the largest tree of this log that I have seen, each consistent with the one before, has this root.
The signed message is ``cosignature/v1``, a line ``time`` with the POSIX time in seconds, and the checkpoint's whole text. The name of the
cosigner is not in it, so one key serves one name only.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sapparot.ledger.notes import NoteInvalid
from sapparot.ledger.signatures import COSIGNATURE, Note, Signature, VerifierKey, name_is_plain

_TIME_BYTES = 8
_SIZE = _TIME_BYTES + 64
LATEST = 2**63 - 1
"""The largest POSIX time that a cosignature may carry."""


class CosigningKey:
    """Makes cosignatures under one name."""

    def __init__(self, name: str, seed: bytes) -> None:
        """``seed``: 32 secret bytes. Raises ``ValueError`` for a name that no key may have."""
        if not name_is_plain(name):
            raise ValueError("the name of a key is not empty and holds neither space nor plus")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier_key = VerifierKey(name, COSIGNATURE, self._key.public_key().public_bytes_raw())

    def cosign(self, text: str, seconds: int) -> Signature:
        """Cosign the text of a checkpoint at a POSIX time in seconds, which is not 0."""
        if not 0 < seconds <= LATEST:
            raise ValueError("a cosignature carries a time from 1 to 2**63 - 1")
        blob = seconds.to_bytes(_TIME_BYTES, "big") + self._key.sign(_message(text, seconds))
        return Signature(self.verifier_key.name, self.verifier_key.identity, blob)


def cosigned_at(note: Note, key: VerifierKey) -> int | None:
    """Return the latest POSIX time at which ``key`` cosigned the note's text, None when it did not.

    Raises :class:`NoteInvalid` when a line names the key and is not by it: such a note is refused whole.
    """
    times = [_time(note.text, signature, key) for signature in note.claimed_by(key)]
    return max(times, default=None)


def _time(text: str, signature: Signature, key: VerifierKey) -> int:
    seconds = int.from_bytes(signature.blob[:_TIME_BYTES], "big")
    sized = len(signature.blob) == _SIZE and 0 < seconds <= LATEST
    if not sized or not key.made(signature.blob[_TIME_BYTES:], _message(text, seconds)):
        raise NoteInvalid(f"a cosignature names the key of {key.name} and is not by it")
    return seconds


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
