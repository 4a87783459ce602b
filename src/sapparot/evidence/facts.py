"""What is known of a photograph."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

Kind = Literal["jpg", "png", "webp", "heic"]
UPLOADS = "v1/uploads/"
"""Where pieces lie in the sealed store, by upload."""


class PhotographKept(msgspec.Struct, frozen=True, kw_only=True):
    """A photograph was sealed and its copy published; both are known by the SHA-256 of their bytes, in hexadecimal."""

    original: str
    published: str
    kind: Kind
    """What the original was decoded as, whatever its sender called it."""
    size: int
    """Bytes of the original."""
    width: int
    """Pixels of the published copy, set upright."""
    height: int
    carrier: str
    """Pseudonym of the device whose token brought it; not in the public log."""
    received_at: datetime
    removed: bool = False
    """Whether it was taken down: its files are gone, and no other photograph with this copy is kept either."""

    @property
    def sealed_name(self) -> str:
        """Return the original's name in the sealed store."""
        return f"v1/evidence/{self.original}.{self.kind}"

    @property
    def public_name(self) -> str:
        """Return the copy's name in the public store."""
        return f"v1/evidence/{self.published}.jpg"


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """A photograph was begun to be sent in pieces."""

    id: UUID
    carrier: str
    """Pseudonym of the device that began it."""
    original: str
    """SHA-256 that the whole was said to have, in hexadecimal."""
    length: int
    received: int
    """Bytes that are on the disk; ``length`` only once the photograph is kept."""
    metadata: str
    """The header as it was sent."""
    until: datetime
    tail: bytes = b""
    """The last of the received bytes, which are too few for a piece."""

    @property
    def finished(self) -> bool:
        """Tell whether the photograph is kept."""
        return self.received == self.length


class Piece(msgspec.Struct, frozen=True):
    """A part of a photograph that lies in the sealed store: how far the upload had come before it, its size, and its SHA-256.

    With the tail before it a piece begins earlier than that; but only one of those that found the upload there is ever recorded.
    """

    start: int
    size: int
    sha256: bytes

    def name(self, upload: UUID) -> str:
        """Return its name in the sealed store: equal bytes at an equal place are one object, whoever wrote them."""
        return f"{UPLOADS}{upload}/{self.start:08d}-{self.sha256.hex()}"


class Begun(msgspec.Struct, frozen=True):
    """What was said of a photograph when its upload began."""

    original: str
    length: int
    metadata: str


class Beginning(msgspec.Struct, frozen=True):
    """Under which circumstances an upload began: how many bytes count as received (all of a photograph that is kept), and its time."""

    received: int
    now: datetime
    until: datetime
    of_device: int
    """Unfinished uploads that one device may have."""
    in_all: int
    """Received bytes of all unfinished uploads; beyond them none begins, and none sends its first bytes."""
