"""Which keys an entry of the log speaks of: what a stranger needs to follow a report to its enrolment, its network and its duties."""

from __future__ import annotations

from typing import Any

import msgspec

from sapparot.base.jws import THUMBPRINT, MalformedJws, parse, thumbprint
from sapparot.verify.letters import DutiesEntry

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


def bearers(kind: str, body: bytes) -> list[str]:
    """Return the RFC 7638 thumbprints of the keys that an entry speaks of; none for other entries and for what cannot be read.

    They are a hint where to look and say nothing about whether the entry is genuine.
    """
    try:
        if kind in KEY_KINDS:
            return [thumbprint(msgspec.json.decode(body, type=_Announced).key)]
        if kind in SIGNED_KINDS:
            letter = parse(msgspec.json.decode(body, type=_Signed).jws)
            kid = msgspec.json.decode(letter.payload, type=_Named).kid
            return [kid] if THUMBPRINT.fullmatch(kid) else []
        if kind == "duties":
            return [kid for kid in msgspec.json.decode(body, type=DutiesEntry).duties if THUMBPRINT.fullmatch(kid)]
    except (msgspec.MsgspecError, MalformedJws, KeyError, UnicodeDecodeError, RecursionError):
        return []
    return []
