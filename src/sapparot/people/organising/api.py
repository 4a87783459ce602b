"""What an organiser does about the people of its own network, and the centre about networks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, NamedTuple
from uuid import UUID

from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from sapparot.base.asgi import scope_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import CSV, Endpoint
from sapparot.base.problems import Problem
from sapparot.people.importing import Importer, Report
from sapparot.people.importing.problems import AREAS_UNKNOWN, COLUMNS_MISSING, FILE_UNREADABLE, TOO_MANY_ROWS
from sapparot.people.organising import store
from sapparot.people.organising.bureau import Bureau
from sapparot.people.organising.facts import (
    Approve,
    Approved,
    EndNetwork,
    EndPerson,
    Members,
    Wanted,
)
from sapparot.people.organising.problems import ABOVE_YOU, NOT_CONFIRMED
from sapparot.people.parting import Ended
from sapparot.people.persons import Contact, Reader, State
from sapparot.people.persons.problems import PERSON_UNKNOWN, PHONE_INVALID
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.coming import check_fresh
from sapparot.people.signin.problems import NOT_FOR_YOU, SIGN_IN_AGAIN

PEOPLE = Door("GET", "/v1/networks/{id}/people", "organiser", per_minute=300)
EXPORT = Door("GET", "/v1/networks/{id}/people.csv", "organiser", per_minute=10)
APPROVE = Door("POST", "/v1/networks/{id}/approvals", "organiser", body_limit=25_000, per_minute=120)
END = Door("POST", "/v1/networks/{id}/people/{person}/end", "organiser", body_limit=200, per_minute=300)
IMPORT = Door("POST", "/v1/networks/{id}/imports", "organiser", body_limit=8_000_000, per_minute=30)
WAITING = Door("GET", "/v1/areas/{area}/waiting", "head", per_minute=120)
APPROVE_HERE = Door("POST", "/v1/areas/{area}/approvals", "head", body_limit=25_000, per_minute=120)
CONTACT = Door("GET", "/v1/devices/{kid}/contact", "centre", per_minute=10)
LEAVE = Door("POST", "/v1/networks/{id}/leave", "organiser", body_limit=200, per_minute=10)
EXPEL = Door("POST", "/v1/networks/{id}/expel", "centre", body_limit=200, per_minute=10)


EXPORTS = 2
"""Connections to the database that all exports together use at one time."""
EXPORT_SECONDS = 60.0


class Services(NamedTuple):
    """What these doors use."""

    bureau: Bureau
    importer: Importer
    clock: Clock


class OrganiserDoors:
    """The doors of organisers and of the centre."""

    def __init__(self, database: AsyncPool, services: Services) -> None:
        self._database = database
        self._bureau, self._importer, self._clock = services
        self._exports = asyncio.Semaphore(EXPORTS)

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        own = (NOT_FOR_YOU,)
        return [
            Endpoint(PEOPLE, self.people, problems=(*own, PHONE_INVALID)),
            Endpoint(EXPORT, self.export, problems=(*own, SIGN_IN_AGAIN), media_type=CSV),
            Endpoint(APPROVE, self.approve, problems=own),
            Endpoint(END, self.end, problems=(*own, PERSON_UNKNOWN, ABOVE_YOU)),
            Endpoint(
                IMPORT, self.bring, problems=(*own, FILE_UNREADABLE, COLUMNS_MISSING, TOO_MANY_ROWS, AREAS_UNKNOWN)
            ),
            Endpoint(LEAVE, self.leave, problems=(*own, SIGN_IN_AGAIN, NOT_CONFIRMED)),
            Endpoint(EXPEL, self.expel, problems=(NETWORK_UNKNOWN, SIGN_IN_AGAIN, NOT_CONFIRMED)),
            Endpoint(CONTACT, self.contact, problems=(SIGN_IN_AGAIN, PERSON_UNKNOWN)),
            Endpoint(WAITING, self.waiting, problems=own),
            Endpoint(APPROVE_HERE, self.approve_here, problems=own),
        ]

    async def waiting(self, request: Asked, area: FromPath[str], after: FromQuery[UUID | None] = None) -> Members:
        """List who waits in one's own area, of one's own network."""
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.waiting(connection, _head(request, area), area, after)

    async def approve_here(self, request: Asked, area: FromPath[str], data: JSONBody[Approve]) -> Approved:
        """Let people who wait in one's own area, of one's own network, take part."""
        reader = _head(request, area)
        async with self._database.connection(timeout=5) as connection:
            return Approved(await store.approve(connection, reader.network or "", data.people, area))

    async def contact(self, request: Asked, kid: FromPath[str]) -> Contact:
        """Tell the centre who reports with a device: only of people who agreed to that, soon after signing in; each look is on record."""
        await self._check_fresh(request)
        who = identity_of(request)
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.behind(connection, Reader(who.person, who.network, "centre"), kid)

    async def people(  # noqa: PLR0913 - a query has as many members as it has
        self,
        request: Asked,
        id: FromPath[str],
        q: FromQuery[str] = "",
        in_state: Annotated[State | None, QueryParameter(name="state")] = None,
        area: FromQuery[str | None] = None,
        after: FromQuery[UUID | None] = None,
        limit: FromQuery[int] = 50,
    ) -> Members:
        """List or find people of one's own network: part of a name, a whole telephone, a state, an area and what lies below it."""
        wanted = Wanted(q[:120], in_state, area, after, limit)
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.people(connection, _reader(request, id), wanted)

    async def export(self, request: Asked, id: FromPath[str]) -> Stream:
        """Return the people of one's own network as CSV that no spreadsheet takes for formulas."""
        reader = _reader(request, id)
        await self._check_fresh(request)

        async def written() -> AsyncIterator[bytes]:
            after: UUID | None = None
            while True:
                async with self._exports, self._database.connection(timeout=EXPORT_SECONDS) as connection:
                    part, after = await self._bureau.export(connection, reader, after)
                yield part  # whoever reads slowly holds no connection
                if after is None:
                    return

        named = {"content-disposition": f'attachment; filename="{id}.csv"'}
        return Stream(written(), media_type=CSV, headers=named)

    async def approve(self, request: Asked, id: FromPath[str], data: JSONBody[Approve]) -> Approved:
        """Let people who wait take part."""
        reader = _reader(request, id)
        async with self._database.connection(timeout=5) as connection:
            return Approved(await store.approve(connection, reader.network or "", data.people))

    async def end(self, request: Asked, id: FromPath[str], person: FromPath[UUID], data: JSONBody[EndPerson]) -> Ended:
        """End a person, alone or with everybody on its branch; their devices are revoked by entries of the log."""
        reader = _reader(request, id)
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.end(connection, reader, person, (data.state, data.branch))

    async def bring(self, request: Asked, id: FromPath[str], dry_run: FromQuery[bool] = False) -> Report:
        """Bring a CSV file of people; with ``dry_run=true`` say what it would do. Bringing the same file again goes on, or does nothing."""
        reader = _reader(request, id)
        data = await request.body()
        async with self._database.connection(timeout=5) as connection:
            if dry_run:
                return await self._importer.look(connection, id, data)
            return await self._importer.bring(connection, id, reader.person, data)

    async def leave(self, request: Asked, id: FromPath[str], data: JSONBody[EndNetwork]) -> Ended:
        """Leave with one's own network: its people and devices end, what they reported stays."""
        _reader(request, id)
        await self._check_fresh(request)
        return await self._end_network(id, data, "left")

    async def expel(self, request: Asked, id: FromPath[str], data: JSONBody[EndNetwork]) -> Ended:
        """Expel a network: its people and devices end, what they reported stays."""
        await self._check_fresh(request)
        return await self._end_network(id, data, "expelled")

    async def _check_fresh(self, request: Asked) -> None:
        async with self._database.connection(timeout=5) as connection:
            await check_fresh(connection, scope_of(request), self._clock.now())

    async def _end_network(self, network: str, data: EndNetwork, state: str) -> Ended:
        if data.confirm != network:
            raise Problem(NOT_CONFIRMED)
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.end_network(connection, network, expelled=state == "expelled")


def _head(request: Asked, area: str) -> Reader:
    who = identity_of(request)
    if not who.heads(area):
        raise Problem(NOT_FOR_YOU)
    return Reader(who.person, who.network, "head")


def _reader(request: Asked, network: str) -> Reader:
    who = identity_of(request)
    if who.network != network:
        raise Problem(NOT_FOR_YOU)
    return Reader(who.person, who.network, "organiser")
