"""Passkeys, as they are kept and as browsers speak of them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

Bytes = Annotated[str, Meta(max_length=16_000, pattern=r"^[A-Za-z0-9_-]*$")]
"""Bytes in base64url, without padding."""
PasskeyName = Annotated[str, Meta(min_length=1, max_length=60)]


class Passkey(msgspec.Struct, frozen=True):
    """A passkey of a person, as it sees it."""

    id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


class Named(msgspec.Struct, frozen=True):
    """What a person calls a passkey. Stored only sealed."""

    name: str


class Kept(NamedTuple):
    """A passkey as the table keeps it: ``key`` is its public key (COSE), ``signed`` how often it says that it signed."""

    id: UUID
    person: UUID
    credential: bytes
    key: bytes
    signed: int
    transports: list[str]
    sealed: bytes
    made_at: datetime
    used_at: datetime | None


class Attested(msgspec.Struct, frozen=True, rename="camel"):
    """What a device says about the passkey that it made (WebAuthn, ``AuthenticatorAttestationResponse``)."""

    client_data: Annotated[Bytes, Meta()] = msgspec.field(name="clientDataJSON")
    attestation_object: Bytes
    transports: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(max_length=20)] = []


class Asserted(msgspec.Struct, frozen=True, rename="camel"):
    """What a device signed (WebAuthn, ``AuthenticatorAssertionResponse``)."""

    client_data: Annotated[Bytes, Meta()] = msgspec.field(name="clientDataJSON")
    authenticator_data: Bytes
    signature: Bytes
    user_handle: Bytes | None = None


class Made(msgspec.Struct, frozen=True, rename="camel"):
    """A passkey that a browser made (``PublicKeyCredential.toJSON()``)."""

    id: Bytes
    raw_id: Bytes
    response: Attested
    type: Literal["public-key"] = "public-key"


class Proof(msgspec.Struct, frozen=True, rename="camel"):
    """A passkey that signed (``PublicKeyCredential.toJSON()``)."""

    id: Bytes
    raw_id: Bytes
    response: Asserted
    type: Literal["public-key"] = "public-key"


class NewPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A passkey that a person adds, and what it calls it."""

    name: PasskeyName
    credential: Made


class Renamed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another name for a passkey."""

    name: PasskeyName


class ByPasskey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody signs in with a passkey."""

    credential: Proof


class Options(msgspec.Struct, frozen=True):
    """What a browser is asked for: ``publicKey`` goes into ``navigator.credentials``, its bytes in base64url."""

    public_key: dict[str, Any] = msgspec.field(name="publicKey")


class Passkeys(msgspec.Struct, frozen=True):
    """Every passkey of a person."""

    passkeys: list[Passkey]
