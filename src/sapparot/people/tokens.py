"""Device tokens: who carries a report. Checked with one HMAC, without a database. And seals, by which tokens of sessions are told.

``kid.expiry.mac``: the device's thumbprint, seconds since 1970, and base64url of HMAC-SHA-256 over ``kid.expiry``. A token says who
carries; the report's own signature says who reports. Revocation takes effect when the report is admitted to the log.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest

from sapparot.base.jws import b64
from sapparot.base.problems import Problem
from sapparot.people.problems import DEVICE_REVOKED, TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_MISSING

SEAL = 21
"""Characters of base64url with which a session's token ends."""
BLOCK = 64
"""Bytes of a block of SHA-256."""


class DeviceTokens:
    """Issues and checks device tokens under one secret."""

    def __init__(self, secret: bytes) -> None:
        # HMAC (RFC 2104) begins with the same two blocks each time: a quarter of the work of beginning anew.
        block = (sha256(secret).digest() if len(secret) > BLOCK else secret).ljust(BLOCK, b"\0")
        self._inner, self._outer = (sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
        self.revoked: Container[str] = frozenset()

    def issue(self, kid: str, until: datetime) -> str:
        """Return the token of a device, valid until ``until``."""
        claim = f"{kid}.{int(until.timestamp())}"
        return f"{claim}.{self._mac(claim)}"

    def check(self, authorization: str | None, now: datetime) -> str:
        """Return the ``kid`` that an ``Authorization`` header proves; raises :class:`Problem`."""
        if not authorization:
            raise Problem(TOKEN_MISSING)
        scheme, _, token = authorization.partition(" ")
        claim, _, mac = token.strip().rpartition(".")
        if scheme.lower() != "bearer" or not compare_digest(self._mac(claim).encode(), mac.encode()):
            raise Problem(TOKEN_INVALID)
        kid, _, expiry = claim.partition(".")
        if now.timestamp() > int(expiry):
            raise Problem(TOKEN_EXPIRED)
        if kid in self.revoked:
            raise Problem(DEVICE_REVOKED)
        return kid

    def seal(self, word: str) -> str:
        """Return 21 characters (126 bits) that only this installation can make of the first half of a session's token."""
        return self._mac(f"session {word}")[:SEAL]

    def sealed(self, token: str) -> bool:
        """Tell whether a session's token was made here; whether the session stands, the database says."""
        return compare_digest(self.seal(token[:-SEAL]).encode(), token[-SEAL:].encode())

    def _mac(self, claim: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(claim.encode(errors="replace"))
        outer.update(inner.digest())
        return b64(outer.digest())
