"""What else is held about a person, in PostgreSQL."""

from __future__ import annotations

from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.own.facts import OwnDevice, OwnSession


async def devices(connection: AsyncConnection, person: UUID) -> list[OwnDevice]:
    """Return the devices of a person."""
    cursor = await connection.execute(
        "SELECT kid, level, enrolled_at, until, revoked_at FROM people.devices WHERE person = %s ORDER BY enrolled_at, kid",
        (person,),
    )
    return [OwnDevice(*row) for row in await cursor.fetchall()]


async def sessions(connection: AsyncConnection, person: UUID) -> list[OwnSession]:
    """Return where a person is signed in."""
    cursor = await connection.execute(
        "SELECT method, began_at, seen_at, until FROM people.sessions WHERE person = %s ORDER BY began_at", (person,)
    )
    return [OwnSession(*row) for row in await cursor.fetchall()]
