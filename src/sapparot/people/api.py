"""``POST /v1/devices``: a device enrols under an invite and gets its token.

The body is a compact JWS, signed by the device's new key, that carries the key in its header and the invite code in its payload.
Asking again with the same key gives the same answer, so a lost answer costs nothing.
"""

from __future__ import annotations

import psycopg
from psycopg_pool import PoolTimeout

from sapparot.base import canonical
from sapparot.base.asgi import Gone, Receive, Scope, Send, read_body, respond, respond_problem
from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.groupcommit import Full, GroupCommit
from sapparot.base.problems import BUSY, Problem
from sapparot.people import store
from sapparot.people.facts import Device, Enrolment
from sapparot.people.keyring import Keyring
from sapparot.people.rules import read_ask
from sapparot.people.tokens import DeviceTokens

DOOR = Door("POST", "/v1/devices", "anyone", body_limit=4096, per_minute=60_000)
MAX_WAITING = 5000
MAX_BATCH = 500
DATABASE_SECONDS = 5.0
"""How long a device waits for a connection to the database before it is told to come back."""


class EnrolmentDoor:
    """The ASGI application behind ``POST /v1/devices``."""

    def __init__(self, database: AsyncPool, keyring: Keyring, tokens: DeviceTokens, clock: Clock) -> None:
        self._database = database
        self._keyring = keyring
        self._tokens = tokens
        self._clock = clock
        self._commits: GroupCommit[Enrolment, Device | Problem] = GroupCommit(
            self._enrol, max_waiting=MAX_WAITING, max_batch=MAX_BATCH
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            ask = read_ask(await read_body(scope, receive, DOOR.body_limit))
            answer = (await self._commits.submit([ask]))[0]
            if isinstance(answer, Problem):
                raise answer
        except Problem as problem:
            await respond_problem(send, problem)
        except (Full, psycopg.Error, PoolTimeout):
            await respond_problem(send, Problem(BUSY))
        except Gone:
            return
        else:
            await respond(send, 201, self._welcome(answer))

    async def close(self) -> None:
        """Finish what was accepted."""
        await self._commits.close()

    def _welcome(self, device: Device) -> bytes:
        token = self._tokens.issue(device.kid, device.until)
        return canonical.encode(
            {
                "kid": device.kid,
                "network": device.network,
                "level": device.level,
                "token": token,
                "until": stamp(device.until),
            }
        )

    async def _enrol(self, asked: list[Enrolment]) -> list[Device | Problem]:
        async with self._database.connection(timeout=DATABASE_SECONDS) as connection:
            try:
                return await store.enrol(connection, asked, self._clock.now(), self._keyring)
            except psycopg.errors.UniqueViolation:
                # Another process enrolled one of these keys at the same moment; now it is known.
                return await store.enrol(connection, asked, self._clock.now(), self._keyring)
