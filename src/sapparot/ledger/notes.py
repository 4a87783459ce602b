"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint), with Ed25519.

A checkpoint's text is three lines: origin, size in decimal, root in base64. A note is the text, an empty line, and signature lines
``— name base64(key id || signature)``; the key id is the first four bytes of SHA-256(name, newline, 0x01, public key).
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sapparot.base.signers import SeedSigner, Signer
from sapparot.ledger.facts import Head

_ED25519 = b"\x01"


class NoteInvalid(ValueError):
    """The note or checkpoint cannot be believed; the message says why."""


class NoteSigner:
    """Signs notes under one key name, with a key that may sit anywhere; bytes are taken for its seed."""

    def __init__(self, name: str, key: Signer | bytes) -> None:
        self.name = name
        self._key = SeedSigner(key) if isinstance(key, bytes) else key
        self.public = self._key.public
        self._id = key_id(name, self.public)

    def sign(self, text: str) -> str:
        """Return the signed note of ``text``, which ends with a newline; equal texts give equal notes."""
        if not text.endswith("\n"):
            raise ValueError("a note's text ends with a newline")
        signature = b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.name} {signature}\n"

    def verifier_key(self) -> str:
        """Return the public key in the form that verifiers read: ``name+hash+base64``."""
        return f"{self.name}+{self._id.hex()}+{b64encode(_ED25519 + self.public).decode()}"


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that tell keys of one name apart."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def checkpoint_text(origin: str, head: Head) -> str:
    """Return the three lines that a checkpoint signs."""
    return f"{origin}\n{head.size}\n{b64encode(head.root).decode()}\n"


def open_checkpoint(note: str, verifier_key: str) -> Head:
    """Return the head that ``note`` signs; raises :class:`NoteInvalid` unless the key of ``verifier_key`` signed it."""
    name, _, rest = verifier_key.partition("+")
    public = _verifier_public(name, rest)
    text, empty, signatures = note.rpartition("\n\n")
    text += "\n"
    if not empty:
        raise NoteInvalid("no signature follows the text")
    ours = [_signed(line, name, public, text) for line in signatures.splitlines()]
    if False in ours:
        raise NoteInvalid(f"a signature names the key of {name} and is not by it")
    if True not in ours:
        raise NoteInvalid(f"no valid signature by the key {name}+{key_id(name, public).hex()}")
    lines = text.split("\n")
    if len(lines) < 4 or lines[0] != name:
        raise NoteInvalid("the checkpoint is of another log")
    if not re.fullmatch("0|[1-9][0-9]{0,18}", lines[1]) or int(lines[1]) >= 2**63:
        raise NoteInvalid("the size is not a plain number")
    root = _base64(lines[2])
    if len(root) != 32:
        raise NoteInvalid("the root does not have 32 bytes")
    return Head(int(lines[1]), root)


def _verifier_public(name: str, rest: str) -> bytes:
    identity, _, encoded = rest.partition("+")
    key = _base64(encoded)
    if len(key) != 33 or key[:1] != _ED25519 or key_id(name, key[1:]).hex() != identity:
        raise NoteInvalid("the verifier key is not an Ed25519 key of that name")
    return key[1:]


def _signed(line: str, name: str, public: bytes, text: str) -> bool | None:
    """Tell whether the key made the signature of a line; None for a line that names another key."""
    mark, _, rest = line.partition(" ")
    signer, _, encoded = rest.rpartition(" ")
    if mark != "\u2014" or signer != name:
        return None
    blob = _base64(encoded)
    if blob[:4] != key_id(name, public):
        return None
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(blob[4:], text.encode())
    except InvalidSignature:
        return False
    return True


def _base64(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError as error:
        raise NoteInvalid(f"{text[:80]!r} is not base64") from error
