"""Everything that duties hold about a person, to be told and to be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sapparot.base.clock import Clock, stamp
from sapparot.base.database import AsyncConnection, Connection

_LEAVE = (
    "WITH gone AS (UPDATE duty.duties SET state = 'dropped', since = %s, missed_at = NULL"
    " WHERE person = ANY(%s) AND state IN ('offered', 'accepted') RETURNING id)"
    " INSERT INTO duty.steps (duty, number, state, at, by, reason)"
    " SELECT gone.id, (SELECT max(before.number) + 1 FROM duty.steps AS before WHERE before.duty = gone.id),"
    " 'dropped', %s, NULL, 'ended' FROM gone"
)


def places_served(connection: Connection, election: str) -> set[str]:
    """Return the codes of stations and areas where somebody has a duty."""
    found = connection.execute(
        "SELECT DISTINCT place FROM duty.duties WHERE election = %s AND state IN ('offered', 'accepted', 'done')",
        (election,),
    )
    return {place for (place,) in found.fetchall()}


class Holdings:
    """What other slices ask of this one when a person leaves or wants to know."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def free(self, connection: AsyncConnection, people: Sequence[UUID]) -> None:
        """Free the places of people who end."""
        now = self._clock.now()
        await connection.execute(_LEAVE, (now, list(people), now))

    async def forget(self, connection: AsyncConnection, people: Sequence[UUID]) -> None:
        """Free the places of people, and erase where they were, what they answered and what they were told."""
        ids = list(people)
        await self.free(connection, ids)
        await connection.execute("DELETE FROM duty.check_ins WHERE person = ANY(%s)", (ids,))
        await connection.execute("DELETE FROM duty.tries WHERE person = ANY(%s)", (ids,))
        await connection.execute("DELETE FROM duty.messages WHERE person = ANY(%s)", (ids,))

    async def tell(self, connection: AsyncConnection, person: UUID) -> Any:
        """Return duties, check-ins, tries at the quiz and messages of a person."""
        duties = await connection.execute(
            "SELECT election, place, job, state, since FROM duty.duties WHERE person = %s ORDER BY id", (person,)
        )
        checked = await connection.execute(
            "SELECT station, phone_at, server_at, lat, lon, flags FROM duty.check_ins WHERE person = %s ORDER BY server_at",
            (person,),
        )
        tries = await connection.execute(
            "SELECT version, began_at, passed FROM duty.tries WHERE person = %s ORDER BY began_at", (person,)
        )
        told = await connection.execute("SELECT at, th, en FROM duty.messages WHERE person = %s ORDER BY id", (person,))
        return {
            "duties": [
                {"election": row[0], "place": row[1], "job": row[2], "state": row[3], "since": stamp(row[4])}
                for row in await duties.fetchall()
            ],
            "check_ins": [
                {
                    "station": row[0], "phone_at": stamp(row[1]), "server_at": stamp(row[2]), "lat": row[3],
                    "lon": row[4], "flags": row[5],
                }
                for row in await checked.fetchall()
            ],
            "training": [
                {"version": row[0], "began_at": stamp(row[1]), "passed": row[2]} for row in await tries.fetchall()
            ],
            "messages": [{"at": stamp(row[0]), "th": row[1], "en": row[2]} for row in await told.fetchall()],
        }  # fmt: skip
