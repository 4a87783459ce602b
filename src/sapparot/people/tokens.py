"""Device tokens: who carries a report. Checked with one HMAC, without a database.

``kid.expiry.mac``: the device's thumbprint, seconds since 1970, and base64url of HMAC-SHA-256 over ``kid.expiry``. A token says who
carries; the report's own signature says who reports. Revocation takes effect when the report is admitted to the log.
"""

from __future__ import annotations

import hmac
from collections.abc import Container
from datetime import datetime

from sapparot.base.jws import b64
from sapparot.base.problems import Problem
from sapparot.people.problems import DEVICE_REVOKED, TOKEN_EXPIRED, TOKEN_INVALID, TOKEN_MISSING


class DeviceTokens:
    """Issues and checks device tokens under one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
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
        if scheme.lower() != "bearer" or not hmac.compare_digest(self._mac(claim).encode(), mac.encode()):
            raise Problem(TOKEN_INVALID)
        kid, _, expiry = claim.partition(".")
        if now.timestamp() > int(expiry):
            raise Problem(TOKEN_EXPIRED)
        if kid in self.revoked:
            raise Problem(DEVICE_REVOKED)
        return kid

    def _mac(self, claim: str) -> str:
        return b64(hmac.digest(self._secret, claim.encode(errors="replace"), "sha256"))
