"""Where an Ed25519 signing key can sit: in a file, in the environment, in a process of its own, in a PKCS#11 token.

Whoever signs sees one interface, :class:`Signer`, and no seed. An agent is any process that listens on a Unix socket and answers lines;
docs/howto/keys.md gives the protocol on half a page. What an agent or a token gives back is verified before it is used: equal messages
get equal signatures (RFC 8032), and a wrong one never leaves this process.
"""

from __future__ import annotations

import importlib.util
import socket
from base64 import b64encode
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sapparot.base.keys import secret_file
from sapparot.base.problems import SIGNER_UNAVAILABLE, Problem
from sapparot.base.text import Text

SECONDS = 10.0
"""How long an agent may take for one answer."""
ANSWER_BYTES = 1024
PUBLIC_BYTES, SIGNATURE_BYTES = 32, 64
_OCTET_STRING = bytes([0x04, PUBLIC_BYTES])


class Signer(Protocol):
    """An Ed25519 key that can be used and not seen; raises :class:`Problem` when it is out of reach."""

    public: bytes
    """The public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64 bytes of the signature over ``message``."""
        ...


class SeedSigner:
    """A key made from its seed of 32 bytes, in this process."""

    def __init__(self, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """Return the signature."""
        return self._key.sign(message)


class AgentSigner:
    """A key in another process, reached over a Unix socket."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.public = self._ask("public", PUBLIC_BYTES)

    def sign(self, message: bytes) -> bytes:
        """Return the signature that the agent made, verified."""
        return _verified(self.public, message, self._ask(f"sign {b64encode(message).decode()}", SIGNATURE_BYTES))

    def _ask(self, line: str, length: int) -> bytes:
        """Send one line and read the answer: ``ok`` and ``length`` bytes in hexadecimal, or ``no`` and why not."""
        try:
            with socket.socket(socket.AF_UNIX) as agent:
                agent.settimeout(SECONDS)
                agent.connect(str(self._path))
                agent.sendall(line.encode() + b"\n")
                with agent.makefile("rb") as answers:
                    word, _, rest = answers.readline(ANSWER_BYTES).decode().rstrip("\n").partition(" ")
            if word == "no":
                raise _unavailable(f"the agent refuses: {rest[:200]}")
            found = bytes.fromhex(rest) if word == "ok" else b""
        except (OSError, ValueError) as error:
            raise _unavailable(f"the agent at {self._path}: {error}") from error
        if len(found) != length:
            raise _unavailable(f"the agent at {self._path} does not answer in form")
        return found


class TokenSigner:
    """A key in a PKCS#11 token (an HSM, a smart card, SoftHSM), named by an RFC 7512 URI that :func:`check_place` lets pass."""

    def __init__(self, uri: str) -> None:
        self._pkcs11: Any = importlib.import_module("pkcs11")
        self._lock = Lock()
        named, asked = _read_uri(uri)
        try:
            token = self._pkcs11.lib(asked["module-path"]).get_token(token_label=named["token"])
            session = token.open(user_pin=_pin(asked))
            kinds, label = self._pkcs11.ObjectClass, named["object"]
            self._key = session.get_key(object_class=kinds.PRIVATE_KEY, label=label)
            point = session.get_key(object_class=kinds.PUBLIC_KEY, label=label)[self._pkcs11.Attribute.EC_POINT]
        except (self._pkcs11.PKCS11Error, RuntimeError, OSError) as error:
            raise _unavailable(f"the PKCS#11 token: {error or type(error).__name__}") from error
        self.public = bytes(point).removeprefix(_OCTET_STRING) if len(point) != PUBLIC_BYTES else bytes(point)
        if len(self.public) != PUBLIC_BYTES:
            raise _unavailable("the key in the PKCS#11 token is not Ed25519")

    def sign(self, message: bytes) -> bytes:
        """Return the signature that the token made, verified."""
        try:
            with self._lock:  # a session serves one caller at a time
                made = bytes(self._key.sign(message, mechanism=self._pkcs11.Mechanism.EDDSA))
        except self._pkcs11.PKCS11Error as error:
            raise _unavailable(f"the PKCS#11 token: {error or type(error).__name__}") from error
        return _verified(self.public, message, made)


def signer_from(place: str | None, file: Path) -> Signer:
    """Return the signer that a setting names: 64 hexadecimal digits of a seed, ``agent:PATH``, ``pkcs11:…``; none means ``file``."""
    if place is None:
        return SeedSigner(secret_file(file))
    if place.startswith("agent:"):
        return AgentSigner(Path(place.removeprefix("agent:")))
    if place.startswith("pkcs11:"):
        return _token(place)
    return SeedSigner(bytes.fromhex(place))


def check_place(place: str | None) -> None:
    """Raise ValueError for the address of a key in a token that cannot be used, however often it is tried."""
    if place is None or not place.startswith("pkcs11:"):
        return
    named, asked = _read_uri(place)
    lacking = [name for name in ("token", "object") if not named.get(name)]
    if lacking := lacking + ["module-path"] * (not asked.get("module-path")):
        raise ValueError(f"the PKCS#11 URI lacks {' and '.join(lacking)}")
    if importlib.util.find_spec("pkcs11") is None:
        raise ValueError("the package python-pkcs11 is not installed")


@cache
def _token(uri: str) -> TokenSigner:
    """Return one signer a URI: a token takes one login from a process."""
    return TokenSigner(uri)


def _verified(public: bytes, message: bytes, signature: bytes) -> bytes:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        raise _unavailable("the signature that came back is not by the key that was named") from error
    return signature


def _read_uri(uri: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return the attributes of the path and of the query of a PKCS#11 URI (RFC 7512, section 2.3)."""
    path, _, query = uri.removeprefix("pkcs11:").partition("?")
    parts = (part.partition("=") for part in path.split(";") if part)
    return {name: unquote(value) for name, _, value in parts}, {
        name: values[0] for name, values in parse_qs(query).items()
    }


def _pin(asked: dict[str, str]) -> str | None:
    source = asked.get("pin-source")
    if source is None:
        return asked.get("pin-value")
    return Path(source.removeprefix("file:")).read_text().strip()


def _unavailable(why: str) -> Problem:
    return Problem(
        SIGNER_UNAVAILABLE, Text("ใช้กุญแจลงนามไม่ได้: {why}", "the signing key cannot be used: {why}").fill(why=why)
    )
