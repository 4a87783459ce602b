"""The office that grants roles and ends them; a level that falls takes the devices with it that were enrolled at the higher one.

Of which constituencies somebody is head stands in the enrolments of its phones: when that changes, the log says so at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncConnection
from sapparot.base.jws import SigningKey
from sapparot.base.problems import Problem
from sapparot.people.devices import store as devices
from sapparot.people.facts import AREAS
from sapparot.people.granting import store
from sapparot.people.granting.facts import Grant, Granter, NewGrant
from sapparot.people.granting.problems import GRANT_UNKNOWN, HEAD_FULL, NO_CONSTITUENCY, NOT_ACTIVE
from sapparot.people.granting.rules import check_above, check_area, check_grant, level_of
from sapparot.people.parting import Farewell
from sapparot.people.persons.problems import PERSON_UNKNOWN

Constituency = Callable[[str], Awaitable[bool]]
"""Another slice tells whether a code is that of a constituency."""
READY = ("active",)
READY_FOR_OPERATOR = ("active", "waiting", "listed")
"""Who begins an installation has not signed in yet."""


class Office:
    """Grants roles."""

    def __init__(
        self, farewell: Farewell, clock: Clock, keys: Mapping[str, SigningKey], maps: Sequence[Constituency] = ()
    ) -> None:
        """``keys``: of the networks; ``maps``: who knows which constituencies there are."""
        self._farewell = farewell
        self._clock = clock
        self._keys = keys
        self._maps = maps

    async def grant(self, connection: AsyncConnection, granter: Granter, wanted: NewGrant) -> Grant:
        """Give a person a role, in one transaction; the same again changes nothing. Raises :class:`Problem`."""
        check_area(wanted.role, wanted.area)
        if wanted.area is not None and not all([await known(wanted.area) for known in self._maps]):
            raise Problem(NO_CONSTITUENCY)
        async with connection.transaction():
            found = await store.lock(connection, wanted.person)
            if found is None:
                raise Problem(PERSON_UNKNOWN)
            check_grant(granter, wanted.person, found[0], wanted.role)
            if found[1] not in (READY if granter.person else READY_FOR_OPERATOR):
                raise Problem(NOT_ACTIVE)
            now, led = self._clock.now(), await devices.led(connection, wanted.person)
            if wanted.area is not None and wanted.area not in led and len(led) >= AREAS:
                raise Problem(HEAD_FULL, most=AREAS)
            number = await store.add(connection, wanted.person, (wanted.role, wanted.area), granter.person, now)
            await self._level(connection, wanted.person)
            await self._areas(connection, wanted.person, led)
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
            now, led = self._clock.now(), await devices.led(connection, found.person)
            await store.end(connection, number, granter.person, now)
            level = await self._level(connection, found.person)
            await self._farewell.lower(connection, found.person, level, now)
            await self._areas(connection, found.person, led)
            ended = await store.grant(connection, number)
        return ended or found

    async def lost(self, connection: AsyncConnection, granter: Granter, person: UUID) -> int:
        """End all by which somebody comes in and reports, but its telephone number; return how many devices. Raises :class:`Problem`."""
        async with connection.transaction():
            found = await store.lock(connection, person)
            if found is None:
                raise Problem(PERSON_UNKNOWN)
            if granter.person:
                check_above(granter, person, found[0], await store.roles(connection, person))
            return await self._farewell.lost(connection, person, self._clock.now())

    async def _areas(self, connection: AsyncConnection, person: UUID, before: tuple[str, ...]) -> None:
        if await devices.led(connection, person) != before:
            await devices.announce_areas(connection, person, self._keys)

    async def _level(self, connection: AsyncConnection, person: UUID) -> int:
        level = level_of(await store.roles(connection, person))
        await store.set_level(connection, person, level)
        return level
