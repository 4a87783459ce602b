"""What makes an enrolment, without a database."""

from __future__ import annotations

import hashlib
from datetime import datetime

import msgspec

from sapparot.base import canonical
from sapparot.base.clock import stamp
from sapparot.base.jws import MalformedJws, PublicKey, SigningKey, parse
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.facts import Ask, Device, Enrolment, Invited, Network
from sapparot.people.problems import ENROLMENT_UNREADABLE, ENROLMENT_UNSIGNED, INVITE_NEEDS_AREA, NETWORK_NAMELESS

HEAD = 2
"""The level at which a device may report the authority's figures, of its own constituencies."""
LONGEST_NAME = 200
ASK_TYPE = "sapparot-device+jwt"
ENROLMENT_TYPE = "sapparot-enrolment+jwt"
REVOCATION_TYPE = "sapparot-revocation+jwt"


def read_ask(body: bytes) -> Enrolment:
    """Return the enrolment that a device asks for: a compact JWS whose header carries the key that signed it."""
    try:
        jws = parse(body.strip())
        if jws.header.typ != ASK_TYPE or jws.header.jwk is None:
            raise MalformedJws(f"the header names typ {ASK_TYPE} and carries jwk")
        key = PublicKey.from_jwk(jws.header.jwk)
        if key.open_to_all:
            raise MalformedJws("anyone could sign under this key")
        if "d" in jws.header.jwk:
            raise MalformedJws("a private key stays on its device")
        ask = msgspec.json.decode(jws.payload, type=Ask)
    except (MalformedJws, msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise ENROLMENT_UNREADABLE.about(error) from error
    if not key.verify(jws):
        raise Problem(ENROLMENT_UNSIGNED)
    members = ("kty", "crv", "x", "y") if key.alg == "ES256" else ("kty", "crv", "x")
    return Enrolment(key.kid, {name: jws.header.jwk[name] for name in members}, code_hash(ask.invite))


def code_hash(code: str) -> bytes:
    """Return what is kept of an invite code."""
    return hashlib.sha256(code.strip().encode(errors="replace")).digest()


def fitting(invited: Invited) -> Invited:
    """Return what an invite is to open; raises :class:`Problem` unless a head's names its constituency, and no other does."""
    if (invited.level == HEAD) != bool(invited.area):
        raise Problem(INVITE_NEEDS_AREA)
    return invited


def network_entry(network: Network) -> tuple[str, bytes]:
    """Return the log entry that announces a network and its key."""
    name = {"en": network.name.en, "th": network.name.th}
    return "network", canonical.encode({"id": network.id, "key": network.key, "kind": "network", "name": name, "v": 1})


def network_name(th: str, en: str) -> Text:
    """Return the name under which a network is announced, without spaces around it; raises :class:`Problem` for what shows nothing."""
    name = Text(th.strip(), en.strip())
    if not all(
        any(map(str.isalnum, one)) and one.isprintable() and len(one) <= LONGEST_NAME for one in (name.th, name.en)
    ):
        raise Problem(NETWORK_NAMELESS)
    return name


def enrolment_entry(device: Device, key: SigningKey) -> tuple[str, bytes]:
    """Return the log entry of a device, signed by its network's key."""
    payload: dict[str, object] = {
        "from": stamp(device.enrolled_at),
        "key": device.key,
        "kid": device.kid,
        "level": device.level,
        "network": device.network,
        "until": stamp(device.until),
        "v": 1,
    }
    if device.channel:
        payload["channel"] = device.channel
    if device.same:
        payload["same"] = device.same
    if device.areas is not None:
        payload["areas"] = device.areas
    jws = key.sign(canonical.encode(payload), ENROLMENT_TYPE)
    return "enrolment", canonical.encode({"jws": jws, "kind": "enrolment", "v": 1})


def revocation_entry(device: Device, at: datetime, reason: str, key: SigningKey) -> tuple[str, bytes]:
    """Return the log entry that ends a device's right to report, signed by its network's key."""
    payload = {"at": stamp(at), "kid": device.kid, "network": device.network, "reason": reason, "v": 1}
    jws = key.sign(canonical.encode(payload), REVOCATION_TYPE)
    return "revocation", canonical.encode({"jws": jws, "kind": "revocation", "v": 1})
