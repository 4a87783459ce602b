"""Making a passkey and signing in with one (https://www.w3.org/TR/webauthn-3/, sections 7.1 and 7.2).

The challenge counts once, for ten minutes; one that adds a passkey says for whom it was made. A passkey lies in the device with its person
(a resident key), so nobody has to be named before signing in. The lock of the device is asked for every time, so a passkey is
something one has and something one knows or is. Signatures are judged by py_webauthn; what it cannot know is judged here: whose passkey it
is, whether it was removed, whether its count grows, whether its person may come in at all.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers import decode_credential_public_key, decoded_public_key_to_cryptography
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    RegistrationCredential,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from sapparot.base.database import AsyncConnection
from sapparot.base.jws import b64
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.people.passkeys import store
from sapparot.people.passkeys.facts import Kept, Made, Named, NewPasskey, Passkey, Proof
from sapparot.people.passkeys.problems import (
    PASSKEY_COPIED,
    PASSKEY_GONE,
    PASSKEY_REFUSED,
    PASSKEY_TAKEN,
    PASSKEY_UNKNOWN,
    PASSKEYS_ENOUGH,
)
from sapparot.people.passkeys.rules import MOST, clean, named, said_in, unpacked
from sapparot.people.persons import Person, Persons, Vault
from sapparot.people.persons.facts import Particulars
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.persons.store import sealed as sealed_persons
from sapparot.people.signin.coming import welcome_back
from sapparot.people.signin.facts import Site
from sapparot.people.signin.once import Once
from sapparot.people.signin.problems import TOO_LATE
from sapparot.people.signin.store import new_id

USE = "passkey"
"""The use for which names of passkeys are sealed."""
ADDING, ENTERING = "passkey/add", "passkey/enter"
SITE_NAME = Text("ตาสับปะรด", "Sapparot")
MILLISECONDS = 300_000
_KEYS = (-8, -7, -257)
"""EdDSA, ES256, RS256 (COSE)."""
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError)
"""What py_webauthn raises for bytes that are no answer of a device."""


class Ceremony:
    """The passkeys of everybody."""

    def __init__(self, persons: Persons, once: Once, site: Site) -> None:
        self._persons = persons
        self._once = once
        self.site = site

    async def options_to_add(self, connection: AsyncConnection, who: UUID) -> dict[str, Any]:
        """Return what a browser needs to make a passkey for a person."""
        found = (await sealed_persons(connection, [who])).get(who)
        if found is None or found.sealed is None:
            raise Problem(PERSON_UNKNOWN)
        name = self._persons.vault.open(who, found.sealed, Particulars).name
        known = await store.of_person(connection, who)
        if len(known) >= MOST:
            raise Problem(PASSKEYS_ENOUGH)
        challenge = self._once.make(ADDING, str(who), self._persons.clock.now())
        return {
            "rp": {"id": self.site.name, "name": SITE_NAME.say(found.person.lang)},
            "user": {"id": b64(who.bytes), "name": name, "displayName": name},
            "challenge": b64(challenge),
            "pubKeyCredParams": [{"type": "public-key", "alg": each} for each in _KEYS],
            "timeout": MILLISECONDS,
            "excludeCredentials": named(known),
            "authenticatorSelection": {
                "residentKey": "required",
                "requireResidentKey": True,
                "userVerification": "required",
            },
            "attestation": "none",
        }

    async def add(self, connection: AsyncConnection, who: UUID, wanted: NewPasskey) -> Passkey:
        """Keep a passkey that a person's browser made; raises :class:`Problem`."""
        name, made, now = clean(wanted.name), wanted.credential, self._persons.clock.now()
        challenge = said_in(unpacked(made.response.client_data), "webauthn.create", self.site.origin)
        if self._once.read(ADDING, str(who), challenge, now) is None:
            raise Problem(TOO_LATE)
        right = self._made(made, challenge)
        if not await self._once.spend(connection, challenge, now):
            raise Problem(TOO_LATE)
        sealed = self._persons.vault.seal(who, Named(name), USE)
        kept = Kept(
            new_id(), who, right.credential_id, right.credential_public_key, right.sign_count,
            made.response.transports, sealed, now, None,
        )  # fmt: skip
        async with connection.transaction():
            outcome = await store.keep(connection, kept, MOST)
        if not outcome:
            raise Problem(PASSKEYS_ENOUGH if outcome is None else PASSKEY_TAKEN)
        return Passkey(kept.id, name, now, None)

    def options_to_enter(self) -> dict[str, Any]:
        """Return what a browser needs to sign in with any passkey that it knows: the same for everybody, so it tells nothing of anybody."""
        return {
            "challenge": b64(self._once.make(ENTERING, "", self._persons.clock.now())),
            "timeout": MILLISECONDS,
            "rpId": self.site.name,
            "allowCredentials": [],
            "userVerification": "required",
        }

    async def enter(self, connection: AsyncConnection, proof: Proof) -> Person:
        """Return the person whom a passkey proves; raises :class:`Problem`."""
        now = self._persons.clock.now()
        challenge = said_in(unpacked(proof.response.client_data), "webauthn.get", self.site.origin)
        kept = await store.by_credential(connection, unpacked(proof.raw_id))
        if kept is None:
            raise Problem(PASSKEY_UNKNOWN)
        if self._once.read(ENTERING, "", challenge, now) is None:
            raise Problem(TOO_LATE)
        count = self._proven(kept, proof, challenge)
        if not await self._once.spend(connection, challenge, now):
            raise Problem(TOO_LATE)
        async with connection.transaction():
            person = await welcome_back(connection, self._persons, kept.person)
            if not await store.used(connection, kept.id, count, now):
                raise Problem(PASSKEY_COPIED)
        return person

    async def all(self, connection: AsyncConnection, who: UUID) -> list[Passkey]:
        """Return the passkeys of a person."""
        return await passkeys_of(connection, self._persons.vault, who)

    async def rename(self, connection: AsyncConnection, who: UUID, passkey: UUID, name: str) -> None:
        """Give a passkey another name."""
        sealed = self._persons.vault.seal(who, Named(clean(name)), USE)
        if not await store.rename(connection, who, passkey, sealed):
            raise Problem(PASSKEY_GONE)

    async def remove(self, connection: AsyncConnection, who: UUID, passkey: UUID) -> None:
        """Remove a passkey; it opens nothing any more."""
        if not await store.remove(connection, who, passkey):
            raise Problem(PASSKEY_GONE)

    def _made(self, made: Made, challenge: bytes) -> VerifiedRegistration:
        answer = AuthenticatorAttestationResponse(
            client_data_json=unpacked(made.response.client_data),
            attestation_object=unpacked(made.response.attestation_object),
        )
        try:
            right = verify_registration_response(
                credential=RegistrationCredential(made.id, unpacked(made.raw_id), answer),
                expected_challenge=challenge,
                expected_rp_id=self.site.name,
                expected_origin=self.site.origin,
                require_user_verification=True,
            )
            decoded_public_key_to_cryptography(decode_credential_public_key(right.credential_public_key))
        except _MALFORMED as error:
            raise Problem(PASSKEY_REFUSED) from error
        if right.credential_id != unpacked(made.raw_id):
            raise Problem(PASSKEY_REFUSED)
        return right

    def _proven(self, kept: Kept, proof: Proof, challenge: bytes) -> int:
        """Return the count that a device signed; whether it grew is asked when it is kept, so that two at once cannot both pass."""
        said = proof.response
        if said.user_handle and unpacked(said.user_handle) != kept.person.bytes:
            raise Problem(PASSKEY_REFUSED)
        answer = AuthenticatorAssertionResponse(
            client_data_json=unpacked(said.client_data),
            authenticator_data=unpacked(said.authenticator_data),
            signature=unpacked(said.signature),
        )
        try:
            right = verify_authentication_response(
                credential=AuthenticationCredential(proof.id, unpacked(proof.raw_id), answer),
                expected_challenge=challenge,
                expected_rp_id=self.site.name,
                expected_origin=self.site.origin,
                credential_public_key=kept.key,
                credential_current_sign_count=0,
                require_user_verification=True,
            )
        except _MALFORMED as error:
            raise Problem(PASSKEY_REFUSED) from error
        return right.new_sign_count


async def passkeys_of(connection: AsyncConnection, vault: Vault, who: UUID) -> list[Passkey]:
    """Return the passkeys of a person with the names that it gave them."""
    return [
        Passkey(each.id, vault.open(who, each.sealed, Named, USE).name, each.made_at, each.used_at)
        for each in await store.of_person(connection, who)
    ]
