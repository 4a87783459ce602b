"""Roles: granted by somebody above, ended the same way, each one a record."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody

from sapparot.base.asgi import scope_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.people.granting import store
from sapparot.people.granting.facts import Grant, Granter, NewGrant
from sapparot.people.granting.office import Office
from sapparot.people.granting.problems import (
    GRANT_UNKNOWN,
    HEAD_FULL,
    HEAD_NEEDS_AREA,
    NO_CONSTITUENCY,
    NOT_ACTIVE,
    NOT_TO_YOURSELF,
    NOT_YOURS_TO_GRANT,
)
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.coming import check_fresh
from sapparot.people.signin.problems import NOT_FOR_YOU, PASSKEY_FIRST, SIGN_IN_AGAIN
from sapparot.people.signin.rules import refused

LIST = Door("GET", "/v1/grants", "person", per_minute=120)
GRANT = Door("POST", "/v1/grants", "person", body_limit=500, per_minute=120)
END = Door("DELETE", "/v1/grants/{id}", "person", per_minute=120)
LOST = Door("DELETE", "/v1/people/{person}/ways", "person", per_minute=60)
AT_ONCE = 200


class Grants(msgspec.Struct, frozen=True):
    """Grants, newest first; ``next`` goes into ``before`` to read on."""

    grants: list[Grant]
    next: int | None


class Lost(msgspec.Struct, frozen=True):
    """What was taken from whoever may have found or stolen it; ``devices`` were revoked."""

    devices: int


class GrantDoors:
    """Granting and ending; which role may do which is a rule, not a door, because four roles grant."""

    def __init__(self, database: AsyncPool, office: Office, clock: Clock) -> None:
        self._database = database
        self._office = office
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        refusals = (NOT_FOR_YOU, PASSKEY_FIRST, NOT_TO_YOURSELF, NOT_YOURS_TO_GRANT)
        return [
            Endpoint(LIST, self.grants, problems=(NOT_FOR_YOU,)),
            Endpoint(LOST, self.lost, problems=(*refusals, SIGN_IN_AGAIN, PERSON_UNKNOWN)),
            Endpoint(
                GRANT,
                self.grant,
                201,
                problems=(
                    *refusals,
                    SIGN_IN_AGAIN,
                    HEAD_NEEDS_AREA,
                    NO_CONSTITUENCY,
                    PERSON_UNKNOWN,
                    NOT_ACTIVE,
                    HEAD_FULL,
                ),
            ),
            Endpoint(END, self.end, problems=(*refusals, GRANT_UNKNOWN)),
        ]

    async def grants(self, request: Asked, before: FromQuery[int | None] = None) -> Grants:
        """List every grant: organisers those of their network, the centre and the war room's lead all, others their own."""
        who = identity_of(request)
        async with self._database.connection(timeout=5) as connection:
            if who.has("centre", "lead"):
                found = await store.listed(connection, None, before, AT_ONCE)
            elif who.has("organiser"):
                found = await store.listed(connection, who.network, before, AT_ONCE)
            else:
                return Grants(await store.of_person(connection, who.person), None)
        return Grants(found, found[-1].id if len(found) == AT_ONCE else None)

    async def grant(self, request: Asked, data: JSONBody[NewGrant]) -> Grant:
        """Give a person a role that is yours to give, within 15 minutes of signing in; the same again changes nothing."""
        granter = _granter(request)
        async with self._database.connection(timeout=5) as connection:
            await check_fresh(connection, scope_of(request), self._clock.now())
            return await self._office.grant(connection, granter, data)

    async def end(self, request: Asked, id: FromPath[int]) -> Grant:
        """End a grant that is yours to end; devices enrolled at a level that is gone are revoked."""
        async with self._database.connection(timeout=5) as connection:
            return await self._office.end(connection, _granter(request), id)

    async def lost(self, request: Asked, person: FromPath[UUID]) -> Lost:
        """Take from somebody whose phone is lost its passkeys, linked accounts, sessions and devices; the telephone number stays."""
        granter = _granter(request)
        async with self._database.connection(timeout=5) as connection:
            await check_fresh(connection, scope_of(request), self._clock.now())
            return Lost(await self._office.lost(connection, granter, person))


def _granter(request: Asked) -> Granter:
    who = identity_of(request)
    roles = frozenset(role for role, _ in who.roles)
    if not roles & {"centre", "organiser", "lead"}:
        raise refused(who)
    return Granter(who.person, who.network, roles)
