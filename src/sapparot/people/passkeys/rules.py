"""What a browser says about a passkey, before any signature is looked at."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import msgspec

from sapparot.base.jws import b64
from sapparot.base.problems import Problem
from sapparot.people.passkeys.facts import Kept
from sapparot.people.passkeys.problems import PASSKEY_ELSEWHERE, PASSKEY_REFUSED
from sapparot.people.terms.problems import TEXT_UNCLEAR
from sapparot.people.terms.rules import plain

MOST = 10
"""Passkeys that one person may have."""


class Said(msgspec.Struct, frozen=True):
    """What the browser itself signed along (WebAuthn, ``CollectedClientData``)."""

    type: str
    challenge: str
    origin: str
    cross_origin: bool = msgspec.field(default=False, name="crossOrigin")


def unpacked(text: str) -> bytes:
    """Return the bytes of base64url; raises :class:`Problem`."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise Problem(PASSKEY_REFUSED) from error


def clean(name: str) -> str:
    """Return the name of a passkey; raises :class:`Problem` for one that is empty or cannot be shown."""
    if not (name := plain(name)):
        raise Problem(TEXT_UNCLEAR)
    return name


def said_in(client_data: bytes, what: str, origin: str) -> bytes:
    """Return the challenge that a browser answers to; raises :class:`Problem` when it did so elsewhere or for something else."""
    try:
        said = msgspec.json.decode(client_data, type=Said)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(PASSKEY_REFUSED) from error
    if said.origin != origin or said.cross_origin:
        raise Problem(PASSKEY_ELSEWHERE)
    if said.type != what:
        raise Problem(PASSKEY_REFUSED)
    return unpacked(said.challenge)


def named(known: list[Kept]) -> list[dict[str, Any]]:
    """Return how a browser is told which passkeys there are."""
    return [{"type": "public-key", "id": b64(each.credential), "transports": each.transports} for each in known]
