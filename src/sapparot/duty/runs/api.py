"""Automatic plans over HTTP: organisers for their network, the centre for all of them."""

from __future__ import annotations

import msgspec
from litestar.params import FromPath, JSONBody

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.problems import Problem
from sapparot.duty.assignments.facts import Run, Wish
from sapparot.duty.problems import ELECTION_UNKNOWN, PLACE_UNKNOWN, RUN_UNKNOWN
from sapparot.duty.rolls import Rolls
from sapparot.duty.runs import store
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.facts import Identity
from sapparot.people.signin.problems import NOT_FOR_YOU

ASK = Door("POST", "/v1/duties/runs", "person", body_limit=1_000, per_minute=10)
LIST = Door("GET", "/v1/duties/runs", "person", per_minute=120)
ONE = Door("GET", "/v1/duties/runs/{id}", "person", per_minute=600)


class Runs(msgspec.Struct, frozen=True):
    """Some plans, newest first."""

    runs: list[Run]


class RunDoors:
    """The doors of automatic plans."""

    def __init__(self, database: AsyncPool, rolls: Rolls, clock: Clock) -> None:
        self._database = database
        self._rolls = rolls
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [
            Endpoint(ASK, self.ask, status=202, problems=(NOT_FOR_YOU, ELECTION_UNKNOWN, PLACE_UNKNOWN)),
            Endpoint(LIST, self.list, problems=(NOT_FOR_YOU,)),
            Endpoint(ONE, self.one, problems=(NOT_FOR_YOU, RUN_UNKNOWN)),
        ]

    async def ask(self, request: Asked, data: JSONBody[Wish]) -> Run:
        """Ask for an automatic plan: an organiser for the own network, the centre for everybody. A worker makes it."""
        who, network = _whose(request)
        election = await self._rolls.election()
        if data.area is not None and data.area not in election.areas:
            raise Problem(PLACE_UNKNOWN)
        async with self._database.connection(timeout=5) as connection:
            number = await store.ask(connection, election.id, (network, who.person), data, self._clock.now())
            return (await store.runs(connection, number, network, every=network is None))[0]

    async def list(self, request: Asked) -> Runs:
        """List the plans that the caller may see."""
        _, network = _whose(request)
        async with self._database.connection(timeout=5) as connection:
            return Runs(await store.runs(connection, None, network, every=network is None))

    async def one(self, request: Asked, id: FromPath[int]) -> Run:
        """Return a plan and what it came to."""
        _, network = _whose(request)
        async with self._database.connection(timeout=5) as connection:
            found = await store.runs(connection, id, network, every=network is None)
        if not found:
            raise Problem(RUN_UNKNOWN)
        return found[0]


def _whose(request: Asked) -> tuple[Identity, str | None]:
    """Return the caller and whose people it may plan: its network's, or for the centre those of all networks."""
    who = identity_of(request)
    if who.has("centre"):
        return who, None
    if not who.has("organiser"):
        raise Problem(NOT_FOR_YOU)
    return who, who.network
