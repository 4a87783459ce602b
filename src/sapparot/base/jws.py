"""Compact JWS (RFC 7515) with ES256 (RFC 7518) and EdDSA over Ed25519 (RFC 8037), and key thumbprints (RFC 7638).

Only what reports need: one signature, compact form, no unencoded payloads, no ``crit``, no ``none``. The algorithm always comes from the
key, never from the message: a header that names another one is refused.
"""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from typing import Any, Literal

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from sapparot.base import canonical

Algorithm = Literal["ES256", "EdDSA"]
_ECDSA = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)  # RFC 6979: the same bytes for the same message
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_ED25519_PRIME = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = frozenset({0, 1, _ED25519_PRIME - 1, _ORDER_8, _ED25519_PRIME - _ORDER_8})


THUMBPRINT = re.compile("[A-Za-z0-9_-]{43}")
"""What an RFC 7638 thumbprint looks like; a stranger's ``kid`` may be anything."""


class MalformedJws(ValueError):
    """The text is not a compact JWS that we accept."""


def b64(data: bytes) -> str:
    """Return base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_URL_TO_STANDARD = bytes.maketrans(b'-_+/="\\', b"+/!!!!!")
"""What the standard alphabet has in other places, or would end or bend a text in JSON, becomes a character that is in none."""
_CLOSING = (b'"', b'==="', b'=="', b'="')
_bytes = msgspec.json.Decoder(bytes)
_LAST = (_ALPHABET, b"", b"AQgw", b"AEIMQUYcgkosw048")
"""Characters that may end a text of that length modulo four: the bits that no byte needs must be zero; one too many is never right."""


def unb64(text: str | bytes) -> bytes:
    """Read base64url without padding, strictly: other characters, padding or loose trailing bits are refused."""
    raw = text.encode() if isinstance(text, str) else text
    over = len(raw) % 4
    if raw[-1:] not in _LAST[over]:
        raise MalformedJws("not base64url without padding")
    try:
        # As strict as binascii in its strict mode, and nearly twice as fast; reports are read several times on their way.
        return _bytes.decode(b'"' + raw.translate(_URL_TO_STANDARD) + _CLOSING[over])
    except (msgspec.MsgspecError, ValueError) as error:
        raise MalformedJws("not base64url without padding") from error


class Header(msgspec.Struct, frozen=True, omit_defaults=True):
    """The protected header members we read; ``crit`` is refused by :func:`parse`."""

    alg: str
    kid: str = ""
    typ: str = ""
    jwk: dict[str, Any] | None = None
    crit: Any = msgspec.UNSET
    b64: bool = True


class Jws(msgspec.Struct, frozen=True):
    """A parsed compact JWS; nothing is verified yet."""

    header: Header
    payload: bytes
    signing_input: bytes
    signature: bytes


_header_decoder = msgspec.json.Decoder(Header)


def parse(text: str | bytes) -> Jws:
    """Split and decode a compact JWS; raises :class:`MalformedJws`."""
    raw = text.encode() if isinstance(text, str) else text
    head, dot, rest = raw.partition(b".")
    body, second, mark = rest.partition(b".")
    if not dot or not second or b"." in mark:
        raise MalformedJws("a compact JWS has three parts")
    try:
        header = _header_decoder.decode(unb64(head))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedJws("the protected header is not readable") from error
    if header.crit is not msgspec.UNSET or not header.b64:
        raise MalformedJws("critical header members are not supported")
    return Jws(header, unb64(body), raw[: len(head) + 1 + len(body)], unb64(mark))


class PublicKey:
    """A verification key known by its RFC 7638 thumbprint ``kid``."""

    __slots__ = ("_key", "alg", "kid")

    def __init__(self, alg: Algorithm, key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey, kid: str) -> None:
        self.alg = alg
        self._key = key
        self.kid = kid

    @classmethod
    def from_jwk(cls, jwk: dict[str, Any]) -> PublicKey:
        """Read an EC P-256 or OKP Ed25519 public JWK; raises :class:`MalformedJws`."""
        try:
            if jwk.get("kty") == "EC" and jwk.get("crv") == "P-256":
                x, y = _coordinate(jwk["x"]), _coordinate(jwk["y"])
                point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + x + y)
                return cls("ES256", point, thumbprint(jwk))
            if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519":
                return cls("EdDSA", ed25519.Ed25519PublicKey.from_public_bytes(_coordinate(jwk["x"])), thumbprint(jwk))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise MalformedJws("the key is not a valid public JWK") from error
        raise MalformedJws("only P-256 and Ed25519 keys are accepted")

    @property
    def open_to_all(self) -> bool:
        """Tell whether anyone can sign under it: an Ed25519 point of small order, or one that RFC 8032 writes otherwise.

        Verifiers disagree about such signatures, so nobody may enrol with one.
        """
        if not isinstance(self._key, ed25519.Ed25519PublicKey):
            return False
        y = int.from_bytes(self._key.public_bytes_raw(), "little") % 2**255
        return y >= _ED25519_PRIME or y in _SMALL_ORDER

    def verify(self, jws: Jws) -> bool:
        """Tell whether this key signed it; the interpreter lock is released while it computes."""
        if jws.header.alg != self.alg or len(jws.signature) != 64:
            return False
        try:
            if isinstance(self._key, ed25519.Ed25519PublicKey):
                self._key.verify(jws.signature, jws.signing_input)
            else:
                r, s = int.from_bytes(jws.signature[:32], "big"), int.from_bytes(jws.signature[32:], "big")
                self._key.verify(encode_dss_signature(r, s), jws.signing_input, _ECDSA)
        except InvalidSignature:
            return False
        return True


class SigningKey:
    """A private key that makes compact JWS; equal messages give equal bytes."""

    __slots__ = ("_key", "_prefixes", "alg", "jwk", "kid")

    def __init__(self, alg: Algorithm, key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> None:
        self.alg = alg
        self._key = key
        self.jwk = _public_jwk(key)
        self.kid = thumbprint(self.jwk)
        self._prefixes: dict[str, bytes] = {}

    @classmethod
    def from_secret(cls, alg: Algorithm, secret: bytes) -> SigningKey:
        """Build the key from 32 secret bytes (an Ed25519 seed, or a P-256 scalar reduced into range)."""
        if len(secret) != 32:
            raise ValueError("a secret has 32 bytes")
        if alg == "EdDSA":
            return cls(alg, ed25519.Ed25519PrivateKey.from_private_bytes(secret))
        scalar = int.from_bytes(secret, "big") % (_P256_ORDER - 1) + 1
        return cls(alg, ec.derive_private_key(scalar, ec.SECP256R1()))

    def sign(self, payload: bytes, typ: str, *, embed_key: bool = False) -> str:
        """Return the compact JWS of ``payload``; ``embed_key`` puts the public key into the protected header."""
        prefix = self._prefixes.get(typ)
        if prefix is None or embed_key:
            header: dict[str, Any] = {"alg": self.alg, "kid": self.kid, "typ": typ}
            if embed_key:
                header["jwk"] = self.jwk
            prefix = b64(canonical.encode(header)).encode() + b"."
            if not embed_key:
                self._prefixes[typ] = prefix
        signing_input = prefix + urlsafe_b64encode(payload).rstrip(b"=")
        return (signing_input + b"." + urlsafe_b64encode(self.raw_sign(signing_input)).rstrip(b"=")).decode()

    def raw_sign(self, message: bytes) -> bytes:
        """Return the 64 byte signature of ``message``."""
        if isinstance(self._key, ed25519.Ed25519PrivateKey):
            return self._key.sign(message)
        r, s = decode_dss_signature(self._key.sign(message, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def public(self) -> PublicKey:
        """Return the key that verifies it."""
        return PublicKey(self.alg, self._key.public_key(), self.kid)


def thumbprint(jwk: dict[str, Any]) -> str:
    """Return the RFC 7638 thumbprint (SHA-256, base64url) of a public JWK."""
    members = ("crv", "kty", "x", "y") if jwk.get("kty") == "EC" else ("crv", "kty", "x")
    return b64(hashlib.sha256(canonical.encode({name: jwk[name] for name in members})).digest())


def _coordinate(text: str) -> bytes:
    data = unb64(text)
    if len(data) != 32:
        raise MalformedJws("a coordinate has 32 bytes")
    return data


def _public_jwk(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> dict[str, Any]:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(key.public_key().public_bytes_raw())}
    numbers = key.public_key().public_numbers()
    return {
        "kty": "EC",
        "crv": "P-256",
        "x": b64(numbers.x.to_bytes(32, "big")),
        "y": b64(numbers.y.to_bytes(32, "big")),
    }
