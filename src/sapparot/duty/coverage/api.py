"""Coverage over HTTP, for organisers, heads, the war room's lead and the centre."""

from __future__ import annotations

import msgspec
from litestar.params import FromQuery
from msgspec.structs import replace

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint
from sapparot.duty.assignments.facts import Job
from sapparot.duty.coverage.facts import Covered, Gap, Missing
from sapparot.duty.coverage.survey import Survey
from sapparot.duty.problems import ELECTION_UNKNOWN, NOT_YOUR_AREA, PLACE_UNKNOWN
from sapparot.duty.rolls import Rolls
from sapparot.people.signin.api import Asked, identity_of

COVERAGE = Door("GET", "/v1/duties/coverage", "person", per_minute=60)
GAPS = Door("GET", "/v1/duties/gaps", "person", per_minute=60)
MISSING = Door("GET", "/v1/duties/missing", "person", per_minute=120)
SHOWN = 100


class Gaps(msgspec.Struct, frozen=True):
    """Stations that need somebody, those that matter most first."""

    job: Job
    gaps: list[Gap]


class Absent(msgspec.Struct, frozen=True):
    """People of the own network who have not checked in."""

    missing: list[Missing]


class CoverageDoors:
    """The doors of coverage."""

    def __init__(self, database: AsyncPool, survey: Survey, rolls: Rolls) -> None:
        self._database = database
        self._survey = survey
        self._rolls = rolls

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        problems = (ELECTION_UNKNOWN, PLACE_UNKNOWN, NOT_YOUR_AREA)
        return [
            Endpoint(COVERAGE, self.coverage, problems=problems),
            Endpoint(GAPS, self.gaps, problems=problems),
            Endpoint(MISSING, self.missing, problems=problems),
        ]

    async def coverage(self, request: Asked, area: FromQuery[str] = "", job: FromQuery[Job] = "final") -> Covered:
        """Return the coverage of an area, or everything, and of the areas inside it; `own` counts the caller's network, `networks` each."""
        who = identity_of(request)
        self._survey.check(await self._rolls.election(), who, await self._known(area))
        async with self._database.connection(timeout=5) as connection:
            covered = await self._survey.covered(connection, area or None, job, who.network)
            if who.has("centre", "lead"):
                return replace(covered, networks=await self._survey.networks(connection, area or None, job))
            return covered

    async def gaps(self, request: Asked, area: FromQuery[str] = "", job: FromQuery[Job] = "final") -> Gaps:
        """List at most 100 stations that need somebody."""
        self._survey.check(await self._rolls.election(), identity_of(request), await self._known(area))
        async with self._database.connection(timeout=5) as connection:
            return Gaps(job, await self._survey.gaps(connection, area or None, job, SHOWN))

    async def missing(self, request: Asked, area: FromQuery[str] = "") -> Absent:
        """List people of the own network who should have checked in and have not."""
        async with self._database.connection(timeout=5) as connection:
            return Absent(await self._survey.missing(connection, identity_of(request), area or None))

    async def _known(self, area: str) -> str | None:
        """Return the area when there is one of this code: an unknown one is refused by the survey itself."""
        return area if area in (await self._rolls.election()).areas else None
