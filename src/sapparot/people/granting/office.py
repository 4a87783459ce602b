"""The office that grants roles and ends them; a level that falls takes the devices with it that were enrolled at the higher one."""

from __future__ import annotations

from uuid import UUID

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.problems import Problem
from sapparot.people.granting import store
from sapparot.people.granting.facts import Grant, Granter, NewGrant
from sapparot.people.granting.problems import GRANT_UNKNOWN, NOT_ACTIVE
from sapparot.people.granting.rules import check_area, check_grant, level_of
from sapparot.people.parting import Farewell
from sapparot.people.persons.problems import PERSON_UNKNOWN

READY = ("active",)
READY_FOR_OPERATOR = ("active", "waiting", "listed")
"""Who begins an installation has not signed in yet."""


class Office:
    """Grants roles."""

    def __init__(self, farewell: Farewell, clock: Clock) -> None:
        self._farewell = farewell
        self._clock = clock

    async def grant(self, connection: AsyncConnection, granter: Granter, wanted: NewGrant) -> Grant:
        """Give a person a role, in one transaction; the same again changes nothing. Raises :class:`Problem`."""
        check_area(wanted.role, wanted.area)
        async with connection.transaction():
            found = await store.lock(connection, wanted.person)
            if found is None:
                raise Problem(PERSON_UNKNOWN)
            check_grant(granter, wanted.person, found[0], wanted.role)
            if found[1] not in (READY if granter.person else READY_FOR_OPERATOR):
                raise Problem(NOT_ACTIVE)
            now = self._clock.now()
            number = await store.add(connection, wanted.person, (wanted.role, wanted.area), granter.person, now)
            await self._level(connection, wanted.person)
            made = await store.grant(connection, number)
        if made is None:
            raise Problem(GRANT_UNKNOWN)
        return made

    async def end(self, connection: AsyncConnection, granter: Granter, number: int) -> Grant:
        """End a grant, in one transaction; one that ended stays as it ended. Raises :class:`Problem`."""
        async with connection.transaction():
            found = await store.grant(connection, number)
            if found is None:
                raise Problem(GRANT_UNKNOWN)
            await store.lock(connection, found.person)
            check_grant(granter, found.person, found.network, found.role)
            now = self._clock.now()
            await store.end(connection, number, granter.person, now)
            level = await self._level(connection, found.person)
            await self._farewell.lower(connection, found.person, level, now)
            ended = await store.grant(connection, number)
        return ended or found

    async def _level(self, connection: AsyncConnection, person: UUID) -> int:
        level = level_of(await store.roles(connection, person))
        await store.set_level(connection, person, level)
        return level
