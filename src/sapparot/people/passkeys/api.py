"""The doors of passkeys: adding, naming and removing one's own, and signing in with one."""

from __future__ import annotations

from uuid import UUID

from litestar import Response
from litestar.params import FromPath, JSONBody

from sapparot.base.asgi import scope_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.passkeys.ceremony import Ceremony
from sapparot.people.passkeys.facts import ByPasskey, NewPasskey, Options, Passkey, Passkeys, Renamed
from sapparot.people.passkeys.problems import (
    PASSKEY_COPIED,
    PASSKEY_ELSEWHERE,
    PASSKEY_GONE,
    PASSKEY_REFUSED,
    PASSKEY_TAKEN,
    PASSKEY_UNKNOWN,
    PASSKEYS_ENOUGH,
)
from sapparot.people.persons.problems import NETWORK_ENDED, PERSON_ENDED
from sapparot.people.signin.api import SECONDS, Asked, SignedIn, identity_of, welcome
from sapparot.people.signin.coming import check_fresh
from sapparot.people.signin.problems import PASSKEY_FIRST, SIGN_IN_AGAIN, TOO_LATE
from sapparot.people.signin.rules import check_whole, token_of
from sapparot.people.signin.store import proved
from sapparot.people.terms.problems import TEXT_UNCLEAR

ALL = Door("GET", "/v1/me/passkeys", "applicant", per_minute=120)
ADDING = Door("POST", "/v1/me/passkeys/options", "applicant", per_minute=60)
ADD = Door("POST", "/v1/me/passkeys", "applicant", body_limit=40_000, per_minute=60)
RENAME = Door("PATCH", "/v1/me/passkeys/{passkey}", "applicant", body_limit=500, per_minute=60)
REMOVE = Door("DELETE", "/v1/me/passkeys/{passkey}", "applicant", per_minute=60)
ENTERING = Door("POST", "/v1/sign-in/passkey/options", "anyone", per_minute=600)
ENTER = Door("POST", "/v1/sign-in/passkey", "anyone", body_limit=40_000, per_minute=600)


class PasskeyDoors:
    """Passkeys of people."""

    def __init__(self, database: AsyncPool, ceremony: Ceremony, clock: Clock) -> None:
        self._database = database
        self._ceremony = ceremony
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints."""
        wrong = (PASSKEY_REFUSED, PASSKEY_ELSEWHERE, TOO_LATE)
        return [
            Endpoint(ALL, self.all),
            Endpoint(ADDING, self.adding, problems=(SIGN_IN_AGAIN, PASSKEY_FIRST, PASSKEYS_ENOUGH)),
            Endpoint(
                ADD, self.add, 201, problems=(*wrong, PASSKEY_FIRST, PASSKEY_TAKEN, PASSKEYS_ENOUGH, TEXT_UNCLEAR)
            ),
            Endpoint(RENAME, self.rename, 204, problems=(PASSKEY_GONE, TEXT_UNCLEAR)),
            Endpoint(REMOVE, self.remove, 204, problems=(PASSKEY_GONE, PASSKEY_FIRST)),
            Endpoint(ENTERING, self.entering),
            Endpoint(
                ENTER, self.enter, problems=(*wrong, PASSKEY_UNKNOWN, PASSKEY_COPIED, PERSON_ENDED, NETWORK_ENDED)
            ),
        ]

    async def all(self, request: Asked) -> Passkeys:
        """List one's own passkeys."""
        async with self._database.connection(timeout=SECONDS) as connection:
            return Passkeys(await self._ceremony.all(connection, identity_of(request).person))

    async def adding(self, request: Asked) -> Options:
        """Return the options with which ``navigator.credentials.create`` makes a passkey; only within 15 minutes of signing in."""
        async with self._database.connection(timeout=SECONDS) as connection:
            await check_fresh(connection, scope_of(request), self._clock.now())
            return Options(await self._ceremony.options_to_add(connection, whole(request)))

    async def add(self, request: Asked, data: JSONBody[NewPasskey]) -> Passkey:
        """Keep the passkey that the browser made; it has just shown it, so what the passkey opens is open."""
        async with self._database.connection(timeout=SECONDS) as connection, connection.transaction():
            added = await self._ceremony.add(connection, whole(request), data)
            await proved(connection, token_of(scope_of(request)) or "")
            return added

    async def rename(self, request: Asked, passkey: FromPath[UUID], data: JSONBody[Renamed]) -> None:
        """Give one of one's own passkeys another name."""
        async with self._database.connection(timeout=SECONDS) as connection:
            await self._ceremony.rename(connection, identity_of(request).person, passkey, data.name)

    async def remove(self, request: Asked, passkey: FromPath[UUID]) -> None:
        """Remove one of one's own passkeys; it opens nothing any more."""
        async with self._database.connection(timeout=SECONDS) as connection:
            await self._ceremony.remove(connection, whole(request), passkey)

    async def entering(self) -> Options:
        """Return the options with which ``navigator.credentials.get`` signs in with any passkey that the device has for this site."""
        return Options(self._ceremony.options_to_enter())

    async def enter(self, request: Asked, data: JSONBody[ByPasskey]) -> Response[SignedIn]:
        """Sign in with what the passkey signed; its challenge counts once, for ten minutes."""
        async with self._database.connection(timeout=SECONDS) as connection:
            person = await self._ceremony.enter(connection, data.credential)
            return await welcome(connection, request, person, "passkey", self._clock.now())


def whole(request: Asked) -> UUID:
    """Return the person who calls with all that it may; raises :class:`Problem` when the passkey is missing."""
    who = identity_of(request)
    check_whole(who)
    return who.person
