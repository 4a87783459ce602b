"""What the stations of a constituency have sent, over HTTP."""

from __future__ import annotations

from litestar.params import FromPath, FromQuery
from msgspec.structs import replace

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.duty.problems import ELECTION_UNKNOWN, NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.returns.facts import Returns, Show
from sapparot.duty.returns.rules import shown
from sapparot.duty.returns.watch import Watch
from sapparot.people.signin.api import Asked, identity_of

RETURNS = Door("GET", "/v1/areas/{area}/returns", "person", per_minute=60)


class ReturnDoors:
    """The door of returns."""

    def __init__(self, database: AsyncPool, watch: Watch) -> None:
        self._database = database
        self._watch = watch

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoint of this room."""
        return [Endpoint(RETURNS, self.returns, problems=(ELECTION_UNKNOWN, PLACE_UNKNOWN, NOT_YOUR_AREA))]

    async def returns(self, request: Asked, area: FromPath[str], show: FromQuery[Show] = "all") -> Returns:
        """List the stations of an area with who of the own network guards them, and what each has sent."""
        async with self._database.connection(timeout=5) as connection:
            found = await self._watch.of(connection, identity_of(request), area)
        return replace(found, stations=tuple(shown(found.stations, show)))
