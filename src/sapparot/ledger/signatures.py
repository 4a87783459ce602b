"""Signed notes with several signatures, and the keys that made them (C2SP signed-note and tlog-checkpoint), read strictly.

A note is a text that ends with a newline, an empty line, and lines ``— name base64(key id || signature)``. Whoever reads one knows which
keys are meant, ignores the lines of all others, and refuses the whole note when a line that names a known key is not by that key.
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Iterable

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sapparot.ledger.facts import Head
from sapparot.ledger.notes import NoteInvalid

ED25519 = 0x01
"""An Ed25519 signature over the note's text."""
COSIGNATURE = 0x04
"""An Ed25519 cosignature with its time (C2SP tlog-cosignature)."""
NOTE_BYTES = 128 * 1024
"""Larger notes are not read: room for sixteen signatures of the largest kind that the C2SP texts name."""
MOST_SIGNATURES = 100
MOST_ENTRIES = 2**63 - 1
_DASH = "\u2014 "


class KeyInvalid(ValueError):
    """A verifier key cannot be read; the message says why."""


class VerifierKey(msgspec.Struct, frozen=True):
    """A public key as verifiers are given it: its name, the type of its signatures (one byte) and 32 bytes of Ed25519."""

    name: str
    type: int
    public: bytes

    @property
    def identity(self) -> bytes:
        """The four bytes that tell keys of one name apart."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """The key as ``name+hash+base64``."""
        return f"{self.name}+{self.identity.hex()}+{b64encode(bytes([self.type]) + self.public).decode()}"

    @classmethod
    def read(cls, text: str, type_wanted: int | None = None) -> VerifierKey:
        """Read ``name+hash+base64``; raises :class:`KeyInvalid`, also for a type that is not ``type_wanted``."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not name_is_plain(parts[0]):
            raise KeyInvalid("a verifier key has the form name+hash+base64")
        try:
            material = plain_base64(parts[2])
        except ValueError as error:
            raise KeyInvalid("the last part of the verifier key is not base64") from error
        if len(material) != 33 or material[0] not in (ED25519, COSIGNATURE):
            raise KeyInvalid("the verifier key is not an Ed25519 key of type 0x01 or 0x04")
        key = cls(parts[0], material[0], material[1:])
        if parts[1] != key.identity.hex():
            raise KeyInvalid("the hash in the verifier key is not the hash of its name and key")
        if type_wanted is not None and key.type != type_wanted:
            raise KeyInvalid(f"the verifier key is of type 0x{key.type:02x}, not 0x{type_wanted:02x}")
        return key

    def made(self, signature: bytes, message: bytes) -> bool:
        """Tell whether this key made the 64 bytes of Ed25519 over ``message``."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


class Signature(msgspec.Struct, frozen=True):
    """One signature line: who claims it, the key's four bytes, and the signature's own bytes."""

    name: str
    identity: bytes
    blob: bytes

    @property
    def line(self) -> str:
        """The line without its newline."""
        return f"{_DASH}{self.name} {b64encode(self.identity + self.blob).decode()}"

    @classmethod
    def read(cls, line: str) -> Signature:
        """Read one line without its newline; raises :class:`NoteInvalid`."""
        name, space, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not space or not name_is_plain(name):
            raise NoteInvalid("a signature line has the form — name base64")
        try:
            blob = b64decode(encoded, validate=True)  # as others write it; what we pass on is written the one right way
        except ValueError as error:
            raise NoteInvalid("a signature is not base64") from error
        if len(blob) < 5:
            raise NoteInvalid("a signature is too short")
        return cls(name, blob[:4], blob[4:])

    def claims(self, key: VerifierKey) -> bool:
        """Tell whether the line names ``key``."""
        return self.name == key.name and self.identity == key.identity


class Note(msgspec.Struct, frozen=True):
    """A text, which ends with a newline, and the signatures below it, valid or not."""

    text: str
    signatures: tuple[Signature, ...]

    @classmethod
    def read(cls, data: bytes) -> Note:
        """Read a note; raises :class:`NoteInvalid`. No signature is verified yet."""
        text, lines = _parts(data)
        if len(lines) > MOST_SIGNATURES:
            raise NoteInvalid(f"more than {MOST_SIGNATURES} signatures")
        return cls(text, tuple(map(Signature.read, lines)))

    def claimed_by(self, key: VerifierKey) -> list[Signature]:
        """Return the signatures whose line names ``key``."""
        return [signature for signature in self.signatures if signature.claims(key)]

    def with_lines(self, signatures: Iterable[Signature]) -> str:
        """Return the whole note with ``signatures`` below its text."""
        return f"{self.text}\n" + "".join(signature.line + "\n" for signature in signatures)


class Checkpoint(msgspec.Struct, frozen=True):
    """What the text of a checkpoint says: which log, and its size and root."""

    origin: str
    head: Head

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Read a checkpoint's text; further lines are allowed and mean nothing here. Raises :class:`NoteInvalid`."""
        lines = text.split("\n")
        if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
            raise NoteInvalid("a checkpoint has an origin, a size and a root, each on its line")
        try:
            root = plain_base64(lines[2])
        except ValueError as error:
            raise NoteInvalid("the root is not base64") from error
        if len(root) != 32:
            raise NoteInvalid("the root does not have 32 bytes")
        return cls(lines[0], Head(plain_number(lines[1]), root))


def signed_by(note: Note, key: VerifierKey) -> bool:
    """Tell whether the log key ``key`` signed the note; raises :class:`NoteInvalid` when a line names the key and is not by it."""
    claimed = note.claimed_by(key)
    if not all(key.made(signature.blob, note.text.encode()) for signature in claimed):
        raise NoteInvalid(f"a signature names the key of {key.name} and is not by it")
    return bool(claimed)


def plain_number(text: str) -> int:
    """Read a decimal number without sign, space or leading zero, below 2**63; raises :class:`NoteInvalid`."""
    if not (text.isascii() and text.isdecimal()) or (text[0] == "0" and text != "0") or len(text) > 19:
        raise NoteInvalid("the size is not a plain number")
    if int(text) > MOST_ENTRIES:
        raise NoteInvalid("the size is too large")
    return int(text)


def plain_base64(text: str) -> bytes:
    """Read base64 that is written the one right way; raises ``ValueError``."""
    data = b64decode(text, validate=True)
    if b64encode(data).decode() != text:
        raise ValueError("not the one way to write these bytes")
    return data


def name_is_plain(name: str) -> bool:
    """Tell whether a key may have this name: not empty, no white space, no plus, nothing that is not written."""
    return bool(name) and "+" not in name and not any(letter.isspace() or letter < " " for letter in name)


def _parts(data: bytes) -> tuple[str, list[str]]:
    if len(data) > NOTE_BYTES:
        raise NoteInvalid(f"the note is larger than {NOTE_BYTES:,} bytes")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteInvalid("the note is not UTF-8") from error
    if any(letter < " " and letter != "\n" for letter in whole):
        raise NoteInvalid("the note holds control characters")
    text, empty, below = whole.rpartition("\n\n")
    if not empty or not below.endswith("\n"):
        raise NoteInvalid("no signature follows the text")
    return text + "\n", below[:-1].split("\n")
