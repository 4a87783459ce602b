"""The table of entries and payloads, and how a JWS and a key are read."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from tests.second.reading import (
    Member,
    Members,
    Reader,
    Unreadable,
    any_object,
    anything,
    check,
    day,
    integer,
    items,
    json_of,
    left_out,
    members,
    perhaps,
    table,
    text,
    time,
)

TOTALS = ("valid", "spoiled", "no_vote", "ballots_cast")
VERSION = left_out(integer(1, 1), 1)
NAME, KEY, TEXT, WHOLE_NUMBER = text(1, 64), text(1, 200), text(), integer()
WORDS = members({"th": TEXT, "en": TEXT})
TEXT_OR_NULL = Member(TEXT, null=True)
FIGURES: dict[str, Reader | Member] = {
    "votes": left_out(table(TEXT, WHOLE_NUMBER), {}),
    **{name: perhaps(WHOLE_NUMBER) for name in (*TOTALS, "eligible")},
}
EVIDENCE = members({"sha256": left_out(TEXT, ""), "role": left_out(TEXT, ""), "small": left_out(anything)})

SIGNED = members({"jws": TEXT, "at": perhaps(time), "v": VERSION})
REPORT = members(
    {
        "id": NAME, "election": KEY, "sheet": KEY, "stage": KEY, **FIGURES, "evidence": left_out(items(EVIDENCE), []),
        "observed_at": perhaps(time), "seq": left_out(integer(0, 2**53), 0), "replaces": perhaps(NAME),
        "place": perhaps(items(WHOLE_NUMBER)), "photo": perhaps(TEXT), "v": VERSION,
    }
)  # fmt: skip
ENROLMENT = members(
    {
        "kid": KEY, "network": NAME, "level": integer(1, 3), "from": time, "until": time, "key": left_out(any_object, {}),
        "channel": left_out(anything), "same": perhaps(KEY), "areas": perhaps(items(KEY, 0, 64)), "v": VERSION,
    }
)  # fmt: skip
REVOCATION = members({"kid": KEY, "network": NAME, "at": time, "v": VERSION})
NETWORK = members({"id": NAME, "key": any_object, "v": VERSION})
DUTIES = members({"election": KEY, "duties": table(KEY, items(KEY, 0, 64), 200), "v": VERSION})
POLICY = members({"policy": any_object, "v": VERSION})
DECISION = members({"at": time, "jws": items(TEXT, 1, 20), "v": VERSION})
DECIDED = members(
    {
        "sheet": KEY, "at": time, "figures": perhaps(members(FIGURES)), "use": perhaps(WHOLE_NUMBER),
        "reason": perhaps(WORDS), "v": VERSION,
    }
)  # fmt: skip


def station(value: Any) -> tuple[Any, ...]:
    """Read an item of `stations`: code, eligible; perhaps kind, lat, lon, area."""
    check(isinstance(value, list) and len(value) >= 2)
    needed = [TEXT(value[0]), WHOLE_NUMBER(value[1]), *(TEXT(kind) for kind in value[2:3])]
    rest = zip((WHOLE_NUMBER, WHOLE_NUMBER, TEXT), value[3:6], strict=False)
    given = [*needed, *(None if each is None else reader(each) for reader, each in rest)]
    return (*given, *[None] * (6 - len(given)))


def part(**known: Reader | Member) -> Reader:
    return members({**known, "v": left_out(WHOLE_NUMBER, 1)})


RESTING = ("report", "reading", "decision", "duties")
"""Kinds of entries that rest on a definition."""

PARTS = {
    "election": part(
        id=TEXT, name=WORDS, date=day, opens_at=time, closes_at=time, parts=WHOLE_NUMBER,
        seat_rule=members({"name": TEXT, "list_seats": left_out(WHOLE_NUMBER)}),
        ballots=items(members({"code": TEXT, "scope": TEXT, "name": WORDS})),
        forms=items(members({"code": TEXT, "ballot": TEXT, "pages": left_out(WHOLE_NUMBER), "name": perhaps(WORDS)})),
    ),
    "parties": part(
        election=TEXT,
        items=items(
            members({"code": TEXT, "color": TEXT, "number": Member(WHOLE_NUMBER, null=True), "name": WORDS, "short": WORDS})
        ),
    ),
    "areas": part(
        election=TEXT,
        items=items(
            members(
                {
                    "code": TEXT, "kind": TEXT, "parent": TEXT_OR_NULL, "name": WORDS, "lat": perhaps(WHOLE_NUMBER),
                    "lon": perhaps(WHOLE_NUMBER), "registered": perhaps(WHOLE_NUMBER), "stations": perhaps(WHOLE_NUMBER),
                }
            )
        ),
    ),
    "options": part(
        election=TEXT,
        contests=items(
            members(
                {
                    "ballot": TEXT, "area": TEXT, "seats": left_out(WHOLE_NUMBER),
                    "options": items(
                        members(
                            {"number": WHOLE_NUMBER, "party": TEXT_OR_NULL, "name": WORDS, "list_names": perhaps(WHOLE_NUMBER)}
                        )
                    ),
                }
            )
        ),
    ),
    "stations": part(election=TEXT, area=TEXT, items=items(station)),
}  # fmt: skip


@dataclass(frozen=True)
class Letter:
    """What a device or a network signed."""

    kid: str
    payload: bytes
    algorithm: str
    signed: bytes
    signature: bytes


HEADER = members(
    {
        "alg": TEXT,
        "kid": left_out(TEXT, ""),
        "typ": left_out(TEXT, ""),
        "jwk": perhaps(any_object),
        "b64": left_out(anything, True),
    }
)


def letter_of(jws: str, kind: str) -> Letter:
    """Read the `jws` of an entry of this kind."""
    if not 1 <= jws.find(".") <= 1024:
        raise Unreadable("header")
    parts = jws.encode().split(b".")
    if len(parts) != 3:
        raise Unreadable("jws")
    try:
        given = json_of(base64url(parts[0]))
        header = HEADER(given)
    except Unreadable as error:
        raise Unreadable("jws") from error
    if "crit" in given or header["b64"] is not True:
        raise Unreadable("jws")
    payload, signature = base64url(parts[1]), base64url(parts[2])
    if header["typ"] != f"sapparot-{kind}+jwt":
        raise Unreadable("typ")
    return Letter(header["kid"], payload, header["alg"], parts[0] + b"." + parts[1], signature)


def base64url(data: bytes) -> bytes:
    """Read strict base64url: no padding, unused bits zero."""
    if not re.fullmatch(rb"[A-Za-z0-9_-]*", data) or len(data) % 4 == 1:
        raise Unreadable("jws")
    raw = urlsafe_b64decode(data + b"=" * (-len(data) % 4))
    if unpadded(raw) != data:
        raise Unreadable("jws")
    return raw


def unpadded(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def canonical(value: object) -> bytes:
    """Write canonical JSON (RFC 8785) of what entries hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def thumbprint(key: Members) -> str | None:
    """Give the name of a key (RFC 7638)."""
    names = ("crv", "kty", "x", "y") if key.get("kty") == "EC" else ("crv", "kty", "x")
    if any(name not in key for name in names):
        return None
    return unpadded(sha256(canonical({name: key[name] for name in names})).digest()).decode()


def public_key(key: Members) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
    try:
        if (key["kty"], key["crv"]) == ("EC", "P-256"):
            point = b"\4" + _coordinate(key["x"]) + _coordinate(key["y"])
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        if (key["kty"], key["crv"]) == ("OKP", "Ed25519"):
            return ed25519.Ed25519PublicKey.from_public_bytes(_coordinate(key["x"]))
    except (KeyError, ValueError, Unreadable) as error:
        raise Unreadable("key") from error
    raise Unreadable("key")


def _coordinate(value: Any) -> bytes:
    data = base64url(TEXT(value).encode())
    check(len(data) == 32)
    return data


def signed_by(letter: Letter, key: Members) -> bool:
    """Tell whether this key signed it; the algorithm is that of the key."""
    try:
        public = public_key(key)
        if len(letter.signature) != 64:
            return False
        if isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(letter.signature, letter.signed)
            return letter.algorithm == "EdDSA"
        halves = (int.from_bytes(half, "big") for half in (letter.signature[:32], letter.signature[32:]))
        public.verify(encode_dss_signature(*halves), letter.signed, ec.ECDSA(hashes.SHA256()))
        return letter.algorithm == "ES256"
    except (InvalidSignature, Unreadable):
        return False
