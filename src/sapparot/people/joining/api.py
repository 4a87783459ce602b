"""Signing up, and the invite links of organisers and volunteers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody

from sapparot.base.database import AsyncConnection, AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.problems import BUSY, TOO_MANY, Problem
from sapparot.people.joining import store
from sapparot.people.joining.facts import InviteLink, Join, MadeInvite, NewInvite, OwnInvite
from sapparot.people.joining.problems import INVITE_ENDED, INVITE_NEEDED, INVITES_SPENT, LINK_UNKNOWN, NAME_UNCLEAR
from sapparot.people.joining.reception import Reception, SignedUp
from sapparot.people.organising.bureau import Bureau
from sapparot.people.parting import Ended
from sapparot.people.persons import Persons, Reader
from sapparot.people.persons.problems import AREA_UNKNOWN, NETWORK_ENDED, PERSON_UNKNOWN, PHONE_INVALID
from sapparot.people.problems import INVITE_EXPIRED, INVITE_UNKNOWN, INVITE_USED_UP, NETWORK_UNKNOWN
from sapparot.people.signin.api import Asked, asker_of, identity_of
from sapparot.people.signin.facts import Asker
from sapparot.people.signin.problems import CODE_TOO_SOON, CODES_STOPPED, NOT_FOR_YOU
from sapparot.people.terms.problems import CONSENT_OUTDATED, CONSENT_REQUIRED, TEXT_UNCLEAR

JOIN = Door("POST", "/v1/join", "anyone", body_limit=4_000, per_minute=120)
INVITES = Door("GET", "/v1/networks/{id}/invites", "organiser", per_minute=120)
INVITE = Door("POST", "/v1/networks/{id}/invites", "organiser", body_limit=1_000, per_minute=60)
CANCEL = Door("DELETE", "/v1/networks/{id}/invites/{invite}", "organiser", per_minute=120)
MINE = Door("GET", "/v1/me/invites", "person", per_minute=120)
BRING = Door("POST", "/v1/me/invites", "person", body_limit=200, per_minute=30)
CANCEL_MINE = Door("DELETE", "/v1/me/invites/{invite}", "person", per_minute=60)
AT_ONCE = 200
AT_WORK = 3
"""Sign-ups that use a connection to the database at one time, so that a rush leaves some to everybody else."""
MOST_WAITING = 64
"""Sign-ups at work or waiting for it, before the next is told at once to come back."""
Begin = Callable[[AsyncConnection, SignedUp, Asker], Awaitable[str]]
"""Begins a sign-in by code for who signed up; returns its handle. Its code proves this very sign-up."""


class Links(msgspec.Struct, frozen=True):
    """Invite links, newest first; ``next`` goes into ``before`` to read on."""

    invites: list[InviteLink]
    next: datetime | None


class Joined(msgspec.Struct, frozen=True):
    """The answer to every sign-up: the code that was sent goes with this handle to ``POST /v1/sign-in/code``."""

    handle: str


class InviteDoors:
    """Invite links of organisers and volunteers."""

    def __init__(self, database: AsyncPool, reception: Reception, bureau: Bureau, persons: Persons) -> None:
        self._database = database
        self._reception = reception
        self._bureau = bureau
        self._persons = persons

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of invite links."""
        return [
            Endpoint(INVITES, self.links, problems=(NOT_FOR_YOU,)),
            Endpoint(INVITE, self.invite, 201, problems=(NOT_FOR_YOU, NETWORK_ENDED, TEXT_UNCLEAR, AREA_UNKNOWN)),
            Endpoint(CANCEL, self.cancel, problems=(NOT_FOR_YOU, LINK_UNKNOWN)),
            Endpoint(MINE, self.mine),
            Endpoint(BRING, self.bring, 201, problems=(INVITES_SPENT, NETWORK_ENDED)),
            Endpoint(CANCEL_MINE, self.cancel_mine, 204, problems=(LINK_UNKNOWN,)),
        ]

    async def links(self, request: Asked, id: FromPath[str], before: FromQuery[datetime | None] = None) -> Links:
        """List the invite links of one's own network, with who made them and how often they were used."""
        _organiser(request, id)
        async with self._database.connection(timeout=5) as connection:
            found = await store.links_of_network(connection, id, before, AT_ONCE)
        return Links(found, found[-1].made_at if len(found) == AT_ONCE else None)

    async def invite(self, request: Asked, id: FromPath[str], data: JSONBody[NewInvite]) -> MadeInvite:
        """Make an invite link; its code is told here and never again."""
        reader = _organiser(request, id)
        async with self._database.connection(timeout=5) as connection:
            return await self._reception.invite(connection, (id, reader.person), data)

    async def cancel(
        self, request: Asked, id: FromPath[str], invite: FromPath[UUID], branch: FromQuery[bool] = False
    ) -> Ended:
        """Cancel an invite link; with ``branch=true`` everybody who came by it is expelled, and whom they brought."""
        reader = _organiser(request, id)
        async with self._database.connection(timeout=5) as connection:
            return await self._bureau.end_link(connection, reader, invite, branch=branch)

    async def mine(self, request: Asked) -> Links:
        """List the invite links that one made."""
        async with self._database.connection(timeout=5) as connection:
            return Links(await store.links_of_person(connection, identity_of(request).person), None)

    async def bring(self, request: Asked, data: JSONBody[OwnInvite]) -> MadeInvite:
        """Make an invite link within what the network gives each volunteer."""
        async with self._database.connection(timeout=5) as connection:
            person = await self._persons.get(connection, identity_of(request).person)
            if person is None:
                raise Problem(PERSON_UNKNOWN)
            return await self._reception.own_invite(connection, person, data.uses)

    async def cancel_mine(self, request: Asked, invite: FromPath[UUID]) -> None:
        """Cancel an invite link that one made."""
        async with self._database.connection(timeout=5) as connection:
            link = await store.link_by_id(connection, invite)
            if link is None or link.made_by != identity_of(request).person:
                raise Problem(LINK_UNKNOWN)
            await store.end_link(connection, invite, self._persons.clock.now())


class JoinDoor:
    """Signing up: the same answer for telephones that are known and that are not."""

    def __init__(self, database: AsyncPool, reception: Reception, begin: Begin) -> None:
        self._database = database
        self._reception = reception
        self._begin = begin
        self._room, self._waiting = asyncio.Semaphore(AT_WORK), 0

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint."""
        said = (
            NETWORK_UNKNOWN,
            NETWORK_ENDED,
            PHONE_INVALID,
            NAME_UNCLEAR,
            TEXT_UNCLEAR,
            CONSENT_REQUIRED,
            CONSENT_OUTDATED,
        )
        by_invite = (INVITE_NEEDED, INVITE_UNKNOWN, INVITE_ENDED, INVITE_EXPIRED, INVITE_USED_UP)
        return [Endpoint(JOIN, self.join, 202, problems=(*said, *by_invite, TOO_MANY, CODE_TOO_SOON, CODES_STOPPED))]

    async def join(self, request: Asked, data: JSONBody[Join]) -> Joined:
        """Sign up with a network and get a code on the telephone; nothing holds until the code comes back."""
        if self._waiting >= MOST_WAITING:
            raise Problem(BUSY)
        self._waiting += 1
        try:
            async with self._room, self._database.connection(timeout=5) as connection, connection.transaction():
                signed = await self._reception.join(connection, data)  # kept with its code, or not at all
                return Joined(await self._begin(connection, signed, asker_of(request)))
        finally:
            self._waiting -= 1


def _organiser(request: Asked, network: str) -> Reader:
    who = identity_of(request)
    if who.network != network:
        raise Problem(NOT_FOR_YOU)
    return Reader(who.person, who.network, "organiser")
