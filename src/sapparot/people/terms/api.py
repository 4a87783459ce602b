"""Networks as anyone sees them, and what an organiser changes about its own."""

from __future__ import annotations

import msgspec
from litestar.params import FromPath, JSONBody

from sapparot.base.clock import Clock
from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.base.problems import Problem
from sapparot.people.problems import NETWORK_UNKNOWN
from sapparot.people.signin.api import Asked, identity_of
from sapparot.people.signin.problems import NOT_FOR_YOU
from sapparot.people.terms import store
from sapparot.people.terms.facts import ConsentText, Terms, TermsChange
from sapparot.people.terms.problems import COLOUR_TOO_PALE, TEXT_UNCLEAR

LIST = Door("GET", "/v1/networks", "anyone", per_minute=600)
ONE = Door("GET", "/v1/networks/{id}", "anyone", per_minute=600)
CHANGE = Door("PATCH", "/v1/networks/{id}", "organiser", body_limit=40_000, per_minute=60)


class Network(msgspec.Struct, frozen=True):
    """A network with what it asks people to agree to."""

    terms: Terms
    consents: list[ConsentText]


class Networks(msgspec.Struct, frozen=True):
    """The networks that take part."""

    networks: list[Terms]


class TermsDoors:
    """What one may ask and change about networks."""

    def __init__(self, database: AsyncPool, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        return [
            Endpoint(LIST, self.networks),
            Endpoint(ONE, self.network, problems=(NETWORK_UNKNOWN,)),
            Endpoint(CHANGE, self.change, problems=(NOT_FOR_YOU, COLOUR_TOO_PALE, TEXT_UNCLEAR)),
        ]

    async def networks(self) -> Networks:
        """List the networks that take part."""
        async with self._database.connection(timeout=5) as connection:
            return Networks(await store.all_terms(connection))

    async def network(self, id: FromPath[str]) -> Network:
        """Say how a network presents itself, whom it takes and what it asks people to agree to."""
        async with self._database.connection(timeout=5) as connection:
            terms = await store.terms(connection, id)
            if terms is None:
                raise Problem(NETWORK_UNKNOWN)
            return Network(terms, await store.texts(connection, id))

    async def change(self, request: Asked, id: FromPath[str], data: JSONBody[TermsChange]) -> Network:
        """Change one's own network: look, welcome, doors, and what people agree to (another wording is another version)."""
        if identity_of(request).network != id:
            raise Problem(NOT_FOR_YOU)
        async with self._database.connection(timeout=5) as connection, connection.transaction():
            await store.terms(connection, id, lock=True)
            await store.change(connection, id, data, self._clock.now())
        return await self.network(id)
