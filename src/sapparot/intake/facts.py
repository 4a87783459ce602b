"""A report on its way in."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

REPORT_TYPE = "sapparot-report+jwt"
PROMISE_TYPE = "sapparot-promise+jwt"


class Claim(msgspec.Struct, frozen=True):
    """The members that make a payload a report at all; every other member is judged later."""

    v: int
    id: UUID
    election: str
    sheet: str
    stage: str


class Line(msgspec.Struct, frozen=True):
    """One report as it stands in a body: its id, its bytes (compact JWS), their SHA-256, and who carried it."""

    id: UUID
    jws: bytes
    sha256: bytes
    carrier: str


class Stored(msgspec.Struct, frozen=True):
    """What the database holds for an id after a flush.

    ``fresh`` when this very line was stored now; ``refused`` is the code of a refusal that was decided earlier.
    """

    received_at: datetime
    sha256: bytes
    fresh: bool
    refused: str | None = None


class Promise(msgspec.Struct, frozen=True):
    """What the server signs when it accepts a report: it will stand in the log within ``max_delay`` seconds of ``received_at``.

    It binds for a report whose signature is valid under a key that the log enrols; ``sha256`` is of the compact JWS, in hexadecimal.
    """

    id: str
    sha256: str
    received_at: str
    max_delay: int
    log: str
    v: int = 1
