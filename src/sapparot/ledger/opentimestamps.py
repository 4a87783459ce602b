"""OpenTimestamps proofs: reading, writing, merging, and what a Bitcoin block header proves with one. Pure: no network, no clock.

A proof is a tree. It begins with the SHA-256 of a file; each branch is an operation on the message so far (append, prepend, SHA-256);
a leaf is an attestation of the message reached there. A *pending* attestation names a calendar that promised to go on; a *Bitcoin*
attestation says that the message is the root of the transactions of one block. Format: docs/formats/anchors.md, and the reference
implementation of opentimestamps.org. Readers here are strict: an operation that calendars do not use, a number with needless
bytes, anything left over is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import msgspec

MAGIC = b"\x00OpenTimestamps\x00\x00Proof\x00\xbf\x89\xe2\xe8\x84\xe8\x92\x94"
VERSION = 1
SHA256, APPEND, PREPEND = 0x08, 0xF0, 0xF1
ATTESTATION, FORK = 0x00, 0xFF
PENDING = bytes.fromhex("83dfe30d2ef90c8e")
BITCOIN = bytes.fromhex("0588960d73d71901")

MOST_MESSAGE = 4096
MOST_PAYLOAD = 8192
MOST_DEPTH = 256
MOST_NODES = 2_000
"""Operations and attestations of one proof; real ones have some hundreds."""


class ProofUnreadable(ValueError):
    """The bytes are not a timestamp proof that we read; the message says where they stop being one."""


class Operation(msgspec.Struct, frozen=True, order=True):
    """One step on a message: its tag, and the bytes that it appends or prepends."""

    tag: int
    argument: bytes = b""

    def __call__(self, message: bytes) -> bytes:
        """Return the message after the step."""
        if self.tag == SHA256:
            return sha256(message).digest()
        return message + self.argument if self.tag == APPEND else self.argument + message


class Attestation(msgspec.Struct, frozen=True, order=True):
    """Somebody's word about a message: an 8-byte tag of its kind, and its payload."""

    tag: bytes
    payload: bytes

    @property
    def calendar(self) -> str | None:
        """The address of the calendar that a pending attestation names."""
        return _Reader(self.payload).text() if self.tag == PENDING else None

    @property
    def height(self) -> int | None:
        """The height of the block that a Bitcoin attestation names."""
        return _Reader(self.payload).last_number() if self.tag == BITCOIN else None


class Stamp(msgspec.Struct, frozen=True):
    """A node of the tree: what is attested of its message, and where its message leads."""

    attestations: tuple[Attestation, ...] = ()
    branches: tuple[tuple[Operation, Stamp], ...] = ()

    def attested(self, message: bytes) -> Iterator[tuple[bytes, Attestation]]:
        """Yield every attestation below, with the message that it is about."""
        for attestation in self.attestations:
            yield message, attestation
        for operation, stamp in self.branches:
            yield from stamp.attested(operation(message))


def pending(address: str) -> Attestation:
    """Return the promise of the calendar at ``address``."""
    return Attestation(PENDING, _sized(address.encode()))


def bitcoin(height: int) -> Attestation:
    """Return the claim that a message is the root of the transactions in block ``height``."""
    return Attestation(BITCOIN, _number(height))


def merge(*stamps: Stamp) -> Stamp:
    """Return everything that stamps of one message say, in the order in which it is written."""
    if len(stamps) == 1:
        return stamps[0]
    below: dict[Operation, list[Stamp]] = {}
    for stamp in stamps:
        for operation, further in stamp.branches:
            below.setdefault(operation, []).append(further)
    return Stamp(
        tuple(sorted({attestation for stamp in stamps for attestation in stamp.attestations})),
        tuple((operation, merge(*below[operation])) for operation in sorted(below)),
    )


def graft(stamp: Stamp, message: bytes, found: tuple[bytes, Stamp]) -> Stamp:
    """Return ``stamp`` (of ``message``) with the stamp ``found[1]`` added wherever the message is ``found[0]``."""
    grown = Stamp(
        stamp.attestations,
        tuple((operation, graft(below, operation(message), found)) for operation, below in stamp.branches),
    )
    return merge(grown, found[1]) if message == found[0] else grown


def write_proof(digest: bytes, stamp: Stamp) -> bytes:
    """Return the ``.ots`` file of a file with the SHA-256 ``digest`` (32 bytes)."""
    return MAGIC + _number(VERSION) + bytes([SHA256]) + digest + write_stamp(stamp)


def read_proof(data: bytes) -> tuple[bytes, Stamp]:
    """Read a ``.ots`` file: the SHA-256 it is about and its stamp; raises :class:`ProofUnreadable`."""
    reader = _Reader(data)
    if reader.take(len(MAGIC)) != MAGIC:
        raise ProofUnreadable("the file does not begin as a timestamp proof does")
    if (version := reader.number()) != VERSION:
        raise ProofUnreadable(f"version {version} of the format is not known")
    if reader.byte() != SHA256:
        raise ProofUnreadable("the proof is not about a SHA-256")
    digest = reader.take(32)
    return digest, reader.rest_as_stamp(digest)


def write_stamp(stamp: Stamp) -> bytes:
    """Return a stamp as calendars send it: every branch but the last follows a fork mark."""
    parts = [bytes([ATTESTATION]) + attestation.tag + _sized(attestation.payload) for attestation in stamp.attestations]
    for operation, below in stamp.branches:
        argument = b"" if operation.tag == SHA256 else _sized(operation.argument)
        parts.append(bytes([operation.tag]) + argument + write_stamp(below))
    if not parts:
        raise ValueError("a stamp attests something")
    return b"".join(bytes([FORK]) + part for part in parts[:-1]) + parts[-1]


def read_stamp(data: bytes, message: bytes) -> Stamp:
    """Read the stamp of ``message`` that a calendar sent; raises :class:`ProofUnreadable`."""
    return _Reader(data).rest_as_stamp(message)


def _number(value: int) -> bytes:
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + _number(rest) if rest else bytes([low])


def _sized(data: bytes) -> bytes:
    return _number(len(data)) + data


class _Reader:
    """A position in the bytes, and how many nodes were read."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0
        self._nodes = 0

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) != count:
            raise ProofUnreadable(f"the bytes end at {len(self._data)}, in the middle of something")
        self._at += count
        return taken

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Read a number of at most 32 bits, low groups of 7 bits first; a needless last group is refused."""
        value = 0
        for shift in range(0, 35, 7):
            group = self.byte()
            value |= (group & 0x7F) << shift
            if not group & 0x80:
                if shift and not group:
                    break
                return value
        raise ProofUnreadable(f"no number ends at {self._at}")

    def sized(self, most: int, least: int = 0) -> bytes:
        length = self.number()
        if not least <= length <= most:
            raise ProofUnreadable(f"{length} bytes at {self._at}, where {least} to {most} may stand")
        return self.take(length)

    def text(self) -> str:
        """Read the rest as one sized text without odd characters."""
        text = self.sized(1000).decode("ascii", "replace")
        if not all(letter.isalnum() or letter in "-._/:" for letter in text) or not text.isascii():
            raise ProofUnreadable("a calendar's address has characters that none has")
        self.end()
        return text

    def last_number(self) -> int:
        number = self.number()
        self.end()
        return number

    def end(self) -> None:
        if self._at != len(self._data):
            raise ProofUnreadable(f"something is left over from {self._at} on")

    def rest_as_stamp(self, message: bytes) -> Stamp:
        stamp = self._stamp(message, 0)
        self.end()
        return stamp

    def _stamp(self, message: bytes, depth: int) -> Stamp:
        if depth >= MOST_DEPTH:
            raise ProofUnreadable(f"more than {MOST_DEPTH} steps in a row")
        parts = []
        while (mark := self.byte()) == FORK:
            parts.append(self._one(self.byte(), message, depth))
        return merge(*parts, self._one(mark, message, depth))

    def _one(self, mark: int, message: bytes, depth: int) -> Stamp:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise ProofUnreadable(f"more than {MOST_NODES} steps")
        if mark == ATTESTATION:
            attestation = Attestation(self.take(8), self.sized(MOST_PAYLOAD))
            _ = attestation.calendar, attestation.height  # read once, so that later readers need not expect a failure
            return Stamp(attestations=(attestation,))
        if mark not in (SHA256, APPEND, PREPEND):
            raise ProofUnreadable(f"{mark:#04x} at {self._at - 1} is not an operation that calendars use")
        operation = Operation(mark) if mark == SHA256 else Operation(mark, self.sized(MOST_MESSAGE, 1))
        after = operation(message)
        if len(after) > MOST_MESSAGE:
            raise ProofUnreadable(f"a message of more than {MOST_MESSAGE} bytes")
        return Stamp(branches=((operation, self._stamp(after, depth + 1)),))
