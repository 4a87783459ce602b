"""The comparison over HTTP, for heads, organisers, the war room and the centre: as JSON, and as a table for lawyers."""

from __future__ import annotations

from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import CSV, Endpoint
from sapparot.duty.comparison.balance import Balance, Sheets
from sapparot.duty.comparison.facts import Compared, Explanation, NewExplanation
from sapparot.duty.comparison.table import written
from sapparot.duty.problems import ELECTION_UNKNOWN, NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.returns.watch import Watch
from sapparot.people.signin.api import Asked, identity_of

COMPARISON = Door("GET", "/v1/areas/{area}/comparison", "person", per_minute=60)
TABLE = Door("GET", "/v1/areas/{area}/comparison.csv", "person", per_minute=20)
EXPLAIN = Door("POST", "/v1/explanations", "person", body_limit=3_000, per_minute=120)


class ComparisonDoors:
    """The doors of the comparison."""

    def __init__(self, database: AsyncPool, watch: Watch, balance: Balance) -> None:
        self._database = database
        self._watch = watch
        self._balance = balance

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        problems = (ELECTION_UNKNOWN, PLACE_UNKNOWN, NOT_YOUR_AREA)
        return [
            Endpoint(COMPARISON, self.comparison, problems=problems),
            Endpoint(TABLE, self.table, problems=problems, media_type=CSV),
            Endpoint(EXPLAIN, self.explain, status=201, problems=problems),
        ]

    async def comparison(
        self, request: Asked, area: FromPath[str], ballot: FromQuery[str] = "constituency"
    ) -> Compared:
        """Set the own finals, those of other networks and the authority's figures side by side; every difference is said in words."""
        return (await self._compare(request, area, ballot)).whole

    async def table(
        self,
        request: Asked,
        area: FromPath[str],
        ballot: FromQuery[str] = "constituency",
        only: FromQuery[str] = "",
    ) -> Stream:
        """Return every figure of every reported sheet as CSV, with its positions in the log; ``only=differing`` what differs."""
        sheets = await self._compare(request, area, ballot)
        named = {"content-disposition": f'attachment; filename="comparison-{area}-{ballot}.csv"'}
        table = written(sheets, differing=only == "differing")
        return Stream(table, media_type=CSV, headers=named)

    async def explain(self, request: Asked, data: JSONBody[NewExplanation]) -> Explanation:
        """Say what is known about the differences of a sheet: heads of its constituency, and the war room."""
        async with self._database.connection(timeout=5) as connection:
            return await self._balance.explain(connection, identity_of(request), data)

    async def _compare(self, request: Asked, area: str, ballot: str) -> Sheets:
        who = identity_of(request)
        async with self._database.connection(timeout=5) as connection:
            await self._watch.admit(who, area)
            return await self._balance.compare(connection, area, ballot, who.network)
