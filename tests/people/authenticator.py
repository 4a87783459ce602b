"""A device that makes passkeys and signs with them, written from WebAuthn alone: what a browser would hand to a page, as JSON."""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
Options = dict[str, Any]
Answer = dict[str, Any]


def packed(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def unpacked(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Authenticator:
    """One passkey in one device, which counts unless ``counts`` is false; ``site`` is the page that its browser shows."""

    def __init__(self, site: str = "http://localhost", *, counts: bool = True) -> None:
        self.site = site
        self.counts = counts
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.name = secrets.token_bytes(32)
        self.user = b""
        self.key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: Options, **changes: Any) -> Answer:
        """Make the passkey that is asked for."""
        self.user = unpacked(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.name).to_bytes(2, "big") + self.name + cbor2.dumps(changes.pop("cose", cose))
        data = self._data(options["rp"]["id"], ATTESTED) + attested
        response = {
            "clientDataJSON": packed(self._client("webauthn.create", options["challenge"], **changes)),
            "attestationObject": packed(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": ["internal"],
        }
        return self._credential(response)

    def sign(self, options: Options, **changes: Any) -> Answer:
        """Sign what is asked for."""
        client = self._client("webauthn.get", options["challenge"], **changes)
        data = self._data(options["rpId"])
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": packed(client),
            "authenticatorData": packed(data),
            "signature": packed(signature),
            "userHandle": packed(self.user),
        }
        return self._credential(response)

    def _data(self, site: str, flags: int = 0) -> bytes:
        self.count += self.counts
        return hashlib.sha256(site.encode()).digest() + bytes([self.flags | flags]) + self.count.to_bytes(4, "big")

    def _client(self, what: str, asked: str, **changes: Any) -> bytes:
        said = {"type": what, "challenge": asked, "origin": self.site, "crossOrigin": False} | changes
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, Any]) -> Answer:
        name = packed(self.name)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }
