"""What is known of a photograph."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

Kind = Literal["jpg", "png", "webp", "heic"]


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

    @property
    def sealed_name(self) -> str:
        """Return the original's name in the sealed store."""
        return f"v1/evidence/{self.original}.{self.kind}"

    @property
    def public_name(self) -> str:
        """Return the copy's name in the public store."""
        return f"v1/evidence/{self.published}.jpg"
