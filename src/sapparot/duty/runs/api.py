"""Automatic plans over HTTP: organisers for their network, the centre for all of them."""

from __future__ import annotations

import msgspec
from litestar.params import FromPath, JSONBody

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.duty.assignments.facts import Run, Wish
from sapparot.duty.problems import ELECTION_UNKNOWN, PLACE_UNKNOWN, RUN_UNKNOWN
from sapparot.duty.runs.desk import RunDesk
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.problems import NOT_FOR_YOU

ASK = Door("POST", "/v1/duties/runs", "person", body_limit=1_000, per_minute=10)
LIST = Door("GET", "/v1/duties/runs", "person", per_minute=120)
ONE = Door("GET", "/v1/duties/runs/{id}", "person", per_minute=600)


class Runs(msgspec.Struct, frozen=True):
    """Some plans, newest first."""

    runs: list[Run]


class RunDoors:
    """The doors of automatic plans."""

    def __init__(self, database: AsyncPool, desk: RunDesk) -> None:
        self._database = database
        self._desk = desk

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [
            Endpoint(ASK, self.ask, status=202, problems=(NOT_FOR_YOU, ELECTION_UNKNOWN, PLACE_UNKNOWN)),
            Endpoint(LIST, self.list, problems=(NOT_FOR_YOU,)),
            Endpoint(ONE, self.one, problems=(NOT_FOR_YOU, RUN_UNKNOWN)),
        ]

    async def ask(self, request: Asked, data: JSONBody[Wish]) -> Run:
        """Ask for an automatic plan: an organiser for the own network, the centre for everybody; with `look` only for what it would do."""
        async with self._database.connection(timeout=5) as connection:
            return await self._desk.ask(connection, identity_of(request), data)

    async def list(self, request: Asked) -> Runs:
        """List the plans that the caller may see."""
        async with self._database.connection(timeout=5) as connection:
            return Runs(await self._desk.all(connection, identity_of(request)))

    async def one(self, request: Asked, id: FromPath[int]) -> Run:
        """Return a plan and what it came to."""
        async with self._database.connection(timeout=5) as connection:
            return await self._desk.one(connection, identity_of(request), id)
