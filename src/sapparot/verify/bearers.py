"""Which key an entry of the log speaks of: what a stranger needs to follow a report to its enrolment and on to its network."""

from __future__ import annotations

from typing import Any

import msgspec

from sapparot.base.jws import THUMBPRINT, MalformedJws, parse, thumbprint

KEY_KINDS = ("network", "promise_key")
"""Entries that carry a key themselves."""
SIGNED_KINDS = ("enrolment", "revocation")
"""Entries whose signed payload names a key."""


class _Announced(msgspec.Struct):
    key: dict[str, Any]


class _Signed(msgspec.Struct):
    jws: str


class _Named(msgspec.Struct):
    kid: str


def bearer(kind: str, body: bytes) -> str | None:
    """Return the RFC 7638 thumbprint of the key that an entry speaks of; None for other entries and for what cannot be read.

    It is a hint where to look and says nothing about whether the entry is genuine.
    """
    try:
        if kind in KEY_KINDS:
            return thumbprint(msgspec.json.decode(body, type=_Announced).key)
        if kind in SIGNED_KINDS:
            letter = parse(msgspec.json.decode(body, type=_Signed).jws)
            kid = msgspec.json.decode(letter.payload, type=_Named).kid
            return kid if THUMBPRINT.fullmatch(kid) else None
    except (msgspec.MsgspecError, MalformedJws, KeyError, UnicodeDecodeError, RecursionError):
        return None
    return None
