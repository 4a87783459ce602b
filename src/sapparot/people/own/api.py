"""``/v1/me``: what a person sees and decides about itself."""

from __future__ import annotations

from litestar.params import FromPath, FromQuery, JSONBody
from msgspec.structs import replace

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.joining.problems import NAME_UNCLEAR
from sapparot.people.own.account import Account
from sapparot.people.own.facts import Agree, Everything, Me, MeChange, Reads
from sapparot.people.parting import Ended, Farewell
from sapparot.people.persons import Purpose
from sapparot.people.persons.facts import Agreed
from sapparot.people.persons.problems import AREA_UNKNOWN
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.terms.problems import CONSENT_OUTDATED, CONSENT_REQUIRED, TEXT_UNCLEAR

ME = Door("GET", "/v1/me", "applicant", per_minute=600)
CHANGE = Door("PATCH", "/v1/me", "applicant", body_limit=2_000, per_minute=60)
ERASE = Door("DELETE", "/v1/me", "applicant", per_minute=60)
DATA = Door("GET", "/v1/me/data", "applicant", per_minute=30)
READS = Door("GET", "/v1/me/reads", "applicant", per_minute=120)
AGREE = Door("PUT", "/v1/me/consents/{purpose}", "applicant", body_limit=200, per_minute=120)
TAKE_BACK = Door("DELETE", "/v1/me/consents/{purpose}", "applicant", per_minute=120)


class OwnDoors:
    """What people do about themselves."""

    def __init__(self, database: AsyncPool, account: Account, farewell: Farewell, clock: Clock) -> None:
        self._database = database
        self._account = account
        self._farewell = farewell
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [
            Endpoint(ME, self.me),
            Endpoint(CHANGE, self.change, problems=(NAME_UNCLEAR, TEXT_UNCLEAR, AREA_UNKNOWN)),
            Endpoint(ERASE, self.erase),
            Endpoint(DATA, self.everything),
            Endpoint(READS, self.reads),
            Endpoint(AGREE, self.agree, problems=(CONSENT_OUTDATED,)),
            Endpoint(TAKE_BACK, self.take_back, problems=(CONSENT_REQUIRED,)),
        ]

    async def me(self, request: Asked) -> Me:
        """Say who is signed in, and what is held in short; ``level`` is what this session opens."""
        who = identity_of(request)
        async with self._database.connection(timeout=5) as connection:
            me = await self._account.me(connection, who.person)
        return replace(me, level=min(me.level, who.level))

    async def change(self, request: Asked, data: JSONBody[MeChange]) -> Me:
        """Change one's own name, address of mail, area or language."""
        async with self._database.connection(timeout=5) as connection:
            await self._account.change(connection, identity_of(request).person, data)
        return await self.me(request)

    async def erase(self, request: Asked) -> Ended:
        """Leave: one's devices report no more, what says who one is goes; what was reported stays in the log, under a pseudonym."""
        person, now = identity_of(request).person, self._clock.now()
        async with self._database.connection(timeout=5) as connection:
            return await self._farewell.erase(connection, [person], now, revoke=True)

    async def everything(self, request: Asked) -> Everything:
        """Return everything that is held about oneself."""
        async with self._database.connection(timeout=5) as connection:
            return await self._account.everything(connection, identity_of(request).person)

    async def reads(self, request: Asked, before: FromQuery[int | None] = None) -> Reads:
        """Say who looked at one's data: in what role, of which network, for what and when."""
        async with self._database.connection(timeout=5) as connection:
            return await self._account.reads(connection, identity_of(request).person, before)

    async def agree(self, request: Asked, purpose: FromPath[Purpose], data: JSONBody[Agree]) -> Me:
        """Agree to the version of a text that one has read."""
        async with self._database.connection(timeout=5) as connection:
            await self._account.agree(connection, identity_of(request).person, Agreed(purpose, data.version))
        return await self.me(request)

    async def take_back(self, request: Asked, purpose: FromPath[Purpose]) -> Me:
        """Take a consent back; it ends at once."""
        async with self._database.connection(timeout=5) as connection:
            await self._account.take_back(connection, identity_of(request).person, purpose)
        return await self.me(request)
