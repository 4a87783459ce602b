"""Duties over HTTP: one's own, open stations nearby, and what organisers and heads give and take."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody
from msgspec import Meta

from sapparot.base.database import AsyncPool
from sapparot.base.doors import Door
from sapparot.base.machine import Endpoint, invalid
from sapparot.duty.assignments.facts import Duty, Job
from sapparot.duty.assignments.nearby import Nearby, OpenStations
from sapparot.duty.assignments.roster import Roster
from sapparot.duty.problems import (
    ALREADY_HELD,
    DUTY_UNKNOWN,
    ELECTION_UNKNOWN,
    LEVEL_TOO_LOW,
    MOVE_REFUSED,
    NOT_YET,
    NOT_YOUR_AREA,
    PERSON_UNAVAILABLE,
    PLACE_FULL,
    PLACE_UNKNOWN,
    TOO_MANY_PLACES,
)
from sapparot.people.signin.api import Asked, identity_of

OPEN = Door("GET", "/v1/stations/open", "person", per_minute=120)
MINE = Door("GET", "/v1/me/duties", "person", per_minute=600)
CHOOSE = Door("POST", "/v1/me/duties", "person", body_limit=1_000, per_minute=60)
ANSWER = Door("POST", "/v1/me/duties/{id}/answer", "person", body_limit=200, per_minute=60)
DROP = Door("POST", "/v1/me/duties/{id}/drop", "person", body_limit=2_000, per_minute=60)
GIVE = Door("POST", "/v1/duties", "person", body_limit=1_000, per_minute=600)
REPLACE = Door("POST", "/v1/duties/{id}/replace", "person", body_limit=2_000, per_minute=300)

Jobs = Annotated[tuple[Job, ...], Meta(min_length=1, max_length=4)]
PlaceCode = Annotated[str, Meta(min_length=1, max_length=64)]
Reason = Annotated[str, Meta(max_length=300)]


class Chosen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person wants to guard a place."""

    place: PlaceCode
    jobs: Jobs = ("progress", "final")


class Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organiser or head offers a place to a person of the own network."""

    person: UUID
    place: PlaceCode
    jobs: Jobs = ("progress", "final")


class Answered(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person says to its duty."""

    answer: Literal["accept", "decline", "done"]


class Dropped(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a duty is given back; it may be empty, and no names belong here."""

    reason: Reason = ""


class Replaced(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a duty is taken away, and who is offered it instead: a person of the own network, else the nearest spare, or nobody."""

    reason: Reason = ""
    person: UUID | None = None
    spare: bool = True


class Duties(msgspec.Struct, frozen=True):
    """Some duties."""

    duties: list[Duty]


class DutyDoors:
    """The doors of duties."""

    def __init__(self, database: AsyncPool, roster: Roster, nearby: Nearby) -> None:
        self._database = database
        self._roster = roster
        self._nearby = nearby

    def endpoints(self) -> list[Endpoint]:
        """Return the endpoints of this room."""
        seats = (ELECTION_UNKNOWN, PLACE_UNKNOWN, PLACE_FULL, ALREADY_HELD, TOO_MANY_PLACES, LEVEL_TOO_LOW)
        return [
            Endpoint(OPEN, self.open, problems=(ELECTION_UNKNOWN, PLACE_UNKNOWN)),
            Endpoint(MINE, self.mine, problems=(ELECTION_UNKNOWN,)),
            Endpoint(CHOOSE, self.choose, status=201, problems=seats),
            Endpoint(ANSWER, self.answer, problems=(DUTY_UNKNOWN, MOVE_REFUSED, NOT_YET)),
            Endpoint(DROP, self.drop, problems=(DUTY_UNKNOWN, MOVE_REFUSED)),
            Endpoint(GIVE, self.give, status=201, problems=(*seats, NOT_YOUR_AREA, PERSON_UNAVAILABLE)),
            Endpoint(
                REPLACE, self.replace, problems=(*seats, DUTY_UNKNOWN, NOT_YOUR_AREA, MOVE_REFUSED, PERSON_UNAVAILABLE)
            ),
        ]

    async def open(
        self, request: Asked, near: FromQuery[str] = "", area: FromQuery[str] = "", job: FromQuery[Job] = "final"
    ) -> OpenStations:
        """List stations that have room: the nearest to a place (`near=13.75,100.50`) or those of an area, at most 50."""
        async with self._database.connection(timeout=5) as connection:
            return await self._nearby.find(connection, identity_of(request), (_place(near), area or None), job)

    async def mine(self, request: Asked) -> Duties:
        """List one's own duties in the election, the old ones too."""
        async with self._database.connection(timeout=5) as connection:
            return Duties(await self._roster.mine(connection, identity_of(request)))

    async def choose(self, request: Asked, data: JSONBody[Chosen]) -> Duties:
        """Guard a place that has room; who comes first has it."""
        async with self._database.connection(timeout=5) as connection:
            return Duties(await self._roster.choose(connection, identity_of(request), data.place, data.jobs))

    async def answer(self, request: Asked, id: FromPath[int], data: JSONBody[Answered]) -> Duty:
        """Accept or decline an offered duty, or say that it is done."""
        async with self._database.connection(timeout=5) as connection:
            return await self._roster.answer(connection, identity_of(request), id, data.answer)

    async def drop(self, request: Asked, id: FromPath[int], data: JSONBody[Dropped]) -> Duty:
        """Give a duty back; around polling day the nearest spare is asked at once."""
        async with self._database.connection(timeout=5) as connection:
            return await self._roster.drop(connection, identity_of(request), id, data.reason)

    async def give(self, request: Asked, data: JSONBody[Given]) -> Duties:
        """Offer a place to a person of the own network: organisers anywhere, heads in their own constituency."""
        async with self._database.connection(timeout=5) as connection:
            who = identity_of(request)
            return Duties(await self._roster.give(connection, who, data.person, data.place, data.jobs))

    async def replace(self, request: Asked, id: FromPath[int], data: JSONBody[Replaced]) -> Duty:
        """Take a duty from a person of the own network, for instance because nobody came, and offer it to somebody else."""
        async with self._database.connection(timeout=5) as connection:
            nobody: Literal["spare", "nobody"] = "spare" if data.spare else "nobody"
            instead = data.person or nobody
            return await self._roster.replace(connection, identity_of(request), id, data.reason, instead)


def _place(near: str) -> tuple[int, int] | None:
    """Read ``13.75,100.50`` as whole hundredths of a degree in microdegrees: closer than a kilometre is nobody's business here."""
    if not near:
        return None
    parts = near.split(",")
    try:
        lat, lon = (round(float(part) * 100) * 10_000 for part in parts)
    except (ValueError, OverflowError):
        raise invalid([("near", "write latitude and longitude in degrees: 13.75,100.50")]) from None
    if abs(lat) > 90_000_000 or abs(lon) > 180_000_000:
        raise invalid([("near", "latitude is at most 90, longitude at most 180")])
    return lat, lon
