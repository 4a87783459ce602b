"""``/v1/me/devices``: a person's phones. A lost one is revoked by its person, by the head of its area, or by an organiser."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from litestar.params import FromPath

from sapparot.base import outbox
from sapparot.base.asgi import scope_of
from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.jws import THUMBPRINT, SigningKey
from sapparot.base.machine import Endpoint
from sapparot.base.problems import Problem
from sapparot.people.devices import store
from sapparot.people.devices.problems import DEVICE_TAKEN, DEVICE_UNKNOWN, DEVICES_FULL, TRAINING_FIRST
from sapparot.people.devices.revoked import Revoked
from sapparot.people.organising.problems import ABOVE_YOU
from sapparot.people.own import store as own
from sapparot.people.own.facts import OwnDevice
from sapparot.people.parting import Farewell
from sapparot.people.parting.store import guarded
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.problems import DEVICE_REVOKED, ENROLMENT_UNREADABLE, ENROLMENT_UNSIGNED
from sapparot.people.rules import read_ask, revocation_entry
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.people.signin.rules import token_hash, token_of
from sapparot.people.tokens import DeviceTokens

MINE = Door("GET", "/v1/me/devices", "person", per_minute=120)
ENROL = Door("POST", "/v1/me/devices", "person", body_limit=4096, per_minute=30)
REVOKE = Door("DELETE", "/v1/me/devices/{kid}", "person", per_minute=60)
OF_MEMBER = Door("DELETE", "/v1/networks/{id}/people/{person}/devices", "organiser", per_minute=120)
IN_AREA = Door("DELETE", "/v1/areas/{area}/people/{person}/devices", "head", per_minute=120)
REASON = "lost"
"""What the public log says of a device that somebody revoked: nothing about whom."""
SECONDS = 5.0


class Enrolled(msgspec.Struct, frozen=True):
    """An enrolled device; ``token`` goes into ``Authorization: Bearer`` with reports and photographs."""

    kid: str
    network: str
    level: int
    token: str
    until: datetime


class OwnDevices(msgspec.Struct, frozen=True):
    """The devices of a person, revoked ones too."""

    devices: list[OwnDevice]


class RevokedDevices(msgspec.Struct, frozen=True):
    """How many devices were revoked."""

    devices: int


class Desk(NamedTuple):
    """What the doors of devices work with; ``trained``: whether the training comes first."""

    keys: dict[str, SigningKey]
    tokens: DeviceTokens
    revoked: Revoked
    farewell: Farewell
    trained: bool


class DeviceDoors:
    """The devices of persons."""

    def __init__(self, database: AsyncPool, desk: Desk, clock: Clock) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints."""
        asked = (ENROLMENT_UNREADABLE, ENROLMENT_UNSIGNED, TRAINING_FIRST, DEVICES_FULL, DEVICE_TAKEN, DEVICE_REVOKED)
        return [
            Endpoint(MINE, self.mine),
            Endpoint(ENROL, self.enrol, 201, problems=(*asked, PERSON_UNKNOWN)),
            Endpoint(REVOKE, self.revoke, 204, problems=(DEVICE_UNKNOWN,)),
            Endpoint(OF_MEMBER, self.of_member, problems=(NOT_FOR_YOU, PERSON_UNKNOWN, ABOVE_YOU)),
            Endpoint(IN_AREA, self.in_area, problems=(NOT_FOR_YOU, PERSON_UNKNOWN, ABOVE_YOU)),
        ]

    async def mine(self, request: Asked) -> OwnDevices:
        """List one's own devices."""
        async with self._database.connection(timeout=SECONDS) as connection:
            return OwnDevices(await own.devices(connection, identity_of(request).person))

    async def enrol(self, request: Asked) -> Enrolled:
        """Enrol a device: the body is a compact JWS that carries and proves its key, with ``{"v":1,"invite":""}``."""
        who, asked = identity_of(request), read_ask(await request.body())
        async with self._database.connection(timeout=SECONDS) as connection, connection.transaction():
            if self._desk.trained:
                await store.require_training(connection, who.person)
            device = await store.enrol(connection, who, asked, self._clock.now(), self._desk.keys)
        token = self._desk.tokens.issue(device.kid, device.until)
        return Enrolled(device.kid, device.network, device.level, token, device.until)

    async def revoke(self, request: Asked, kid: FromPath[str]) -> None:
        """Revoke one of one's own devices at once, by an entry of the public log, and sign out every browser but this one."""
        if not THUMBPRINT.fullmatch(kid):
            raise Problem(DEVICE_UNKNOWN)
        who, now = identity_of(request).person, self._clock.now()
        async with self._database.connection(timeout=SECONDS) as connection, connection.transaction():
            here = token_of(scope_of(request))
            await self._desk.farewell.sign_out(connection, who, token_hash(here or ""))
            own, device = await store.revoke(connection, who, kid, now)
            if not own:
                raise Problem(DEVICE_UNKNOWN)  # and nobody was signed out
            if device is not None:
                entry = revocation_entry(device, now, REASON, self._desk.keys[device.network])
                await outbox.put_async(connection, [entry])
        self._desk.revoked.add(kid)

    async def of_member(self, request: Asked, id: FromPath[str], person: FromPath[UUID]) -> RevokedDevices:
        """Revoke all devices of a person of one's own network, such as a phone that is lost."""
        if identity_of(request).network != id:
            raise Problem(NOT_FOR_YOU)
        return await self._of(id, None, person)

    async def in_area(self, request: Asked, area: FromPath[str], person: FromPath[UUID]) -> RevokedDevices:
        """Revoke all devices of a person of one's own network who serves in one's own area."""
        who = identity_of(request)
        if not who.heads(area):
            raise Problem(NOT_FOR_YOU)
        return await self._of(who.network, area, person)

    async def _of(self, network: str, area: str | None, person: UUID) -> RevokedDevices:
        async with self._database.connection(timeout=SECONDS) as connection, connection.transaction():
            if not await store.member(connection, person, network, area):
                raise Problem(PERSON_UNKNOWN)
            if await guarded(connection, [person]):
                raise Problem(ABOVE_YOU)
            await self._desk.farewell.sign_out(connection, person)
            count = await self._desk.farewell.phones(connection, person, self._clock.now())
        await self._desk.revoked.look()
        return RevokedDevices(count)
