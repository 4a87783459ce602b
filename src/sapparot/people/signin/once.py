"""What is given out, must come back soon, and counts once: the challenge of a passkey, the way to a provider and back.

``random (16 bytes) | until (8, Unix seconds) | carried | HMAC-SHA-256 (32)`` over the use, whom it is about, and all that stands before it.
Nothing is kept of what never comes back; of what does, a hash is kept until it would have ended.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import struct
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from sapparot.base.database import AsyncConnection
from sapparot.people.signin import store

LASTS = timedelta(minutes=10)
_CHANCE, _MAC = 16, 32
_UNTIL = struct.Struct(">Q")
_LEAST = _CHANCE + _UNTIL.size + _MAC


class Once:
    """Makes and knows again what counts once."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def make(self, use: str, about: str, now: datetime, carried: bytes = b"") -> bytes:
        """Return something for one ``use`` that is ``about`` somebody and carries bytes, which are not hidden."""
        until = _UNTIL.pack(int((now + LASTS).timestamp()))
        body = secrets.token_bytes(_CHANCE) + until + carried
        return body + self._mac(use, about, body)

    def read(self, use: str, about: str, made: bytes, now: datetime) -> bytes | None:
        """Return what it carries; None when it was made elsewhere, for another use, about somebody else, or is too old."""
        if len(made) < _LEAST:
            return None
        body, mac = made[:-_MAC], made[-_MAC:]
        if not hmac.compare_digest(mac, self._mac(use, about, body)) or _until(made) <= now:
            return None
        return body[_CHANCE + _UNTIL.size :]

    def derive(self, made: bytes, label: str) -> str:
        """Return a secret that belongs to it, and that it does not tell."""
        mac = hmac.digest(self._secret, b"sapparot/once/" + label.encode() + b"\n" + made, "sha256")
        return urlsafe_b64encode(mac).decode().rstrip("=")

    async def spend(self, connection: AsyncConnection, made: bytes, now: datetime) -> bool:
        """Use it up; return False when it was used before. It must have been read."""
        return await store.spend(connection, hashlib.sha256(made).digest(), _until(made), now)

    def _mac(self, use: str, about: str, body: bytes) -> bytes:
        return hmac.digest(self._secret, f"sapparot/once\n{use}\n{about}\n".encode() + body, "sha256")


def _until(made: bytes) -> datetime:
    seconds: int = _UNTIL.unpack(made[_CHANCE : _CHANCE + _UNTIL.size])[0]
    return datetime.fromtimestamp(seconds, UTC)
