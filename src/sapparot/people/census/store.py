"""Numbers about a network's people in PostgreSQL."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.census.facts import Census, HeldDevice, Phone, Standing
from sapparot.people.persons.facts import State

_PHONES = (
    "SELECT one.kid, one.level, code.area, one.enrolled_at, one.until, one.revoked_at, one.person, one.channel"
    " FROM people.devices AS one LEFT JOIN people.invites AS code ON code.code_hash = one.invite WHERE one.network = %s"
)


async def census(connection: AsyncConnection, network: str, now: datetime) -> Census:
    """Count the people of a network, and their devices that stand."""
    cursor = await connection.execute(
        "SELECT state, level, count(*), count(trained_at) FROM people.persons WHERE network = %s GROUP BY state, level",
        (network,),
    )
    states: Counter[State] = Counter()
    levels: Counter[int] = Counter()
    trained = 0
    for state, level, people, passed in await cursor.fetchall():
        states[state] += people
        if state == "active":
            levels[level] += people
            trained += passed
    devices = await _devices(connection, network, now)
    return Census(dict(states), dict(levels), trained, *devices, await _areas(connection, network))


async def _devices(connection: AsyncConnection, network: str, now: datetime) -> tuple[int, int, int]:
    cursor = await connection.execute(
        "SELECT count(person), count(DISTINCT person), count(*) - count(person) FROM people.devices"
        " WHERE network = %s AND revoked_at IS NULL AND until > %s",
        (network, now),
    )
    row = await cursor.fetchone()
    return (row[0], row[1], row[2]) if row else (0, 0, 0)


async def _areas(connection: AsyncConnection, network: str) -> dict[str, int]:
    cursor = await connection.execute(
        "SELECT coalesce(area, ''), count(*) FROM people.persons"
        " WHERE network = %s AND state IN ('listed', 'waiting', 'active') GROUP BY area",
        (network,),
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


class Origin(NamedTuple):
    """The label of the link by which somebody came, and the links that it made."""

    label: str | None
    links: tuple[UUID, ...]


async def origin(connection: AsyncConnection, person: UUID) -> Origin:
    """Return where a person came from, and by which links it brings others."""
    cursor = await connection.execute(
        "SELECT made.label FROM people.persons AS one JOIN people.invite_links AS made ON made.id = one.link WHERE one.id = %s",
        (person,),
    )
    row = await cursor.fetchone()
    cursor = await connection.execute("SELECT id FROM people.invite_links WHERE made_by = %s ORDER BY id", (person,))
    return Origin(row[0] if row else None, tuple(each[0] for each in await cursor.fetchall()))


async def devices(connection: AsyncConnection, person: UUID) -> tuple[HeldDevice, ...]:
    """Return the devices of a person, the newest first."""
    cursor = await connection.execute(
        "SELECT kid, level, enrolled_at, until, revoked_at FROM people.devices WHERE person = %s ORDER BY enrolled_at DESC, kid",
        (person,),
    )
    return tuple(HeldDevice(*row) for row in await cursor.fetchall())


async def phones(connection: AsyncConnection, network: str, begins: str, after: str, limit: int) -> list[Phone]:
    """Return the devices of a network whose thumbprints begin so, in their order; those that are nobody's, where nothing is named."""
    cursor = await connection.execute(
        f"{_PHONES} AND (%s <> '' OR one.person IS NULL) AND starts_with(one.kid, %s) AND one.kid > %s ORDER BY one.kid LIMIT %s",
        (network, begins, begins, after, limit),
    )
    return [Phone(*row) for row in await cursor.fetchall()]


async def nameless(connection: AsyncConnection, network: str, kid: str) -> Phone | None:
    """Return a device of a network that is nobody's."""
    cursor = await connection.execute(f"{_PHONES} AND one.person IS NULL AND one.kid = %s", (network, kid))
    row = await cursor.fetchone()
    return Phone(*row) if row else None


async def holder(connection: AsyncConnection, kid: str) -> UUID | None:
    """Return the person of a device."""
    cursor = await connection.execute("SELECT person FROM people.devices WHERE kid = %s", (kid,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def enrolled_at(connection: AsyncConnection, kid: str) -> datetime | None:
    """Return since when a device may report."""
    cursor = await connection.execute("SELECT enrolled_at FROM people.devices WHERE kid = %s", (kid,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def standing(connection: AsyncConnection, network: str) -> list[Standing]:
    """Count who agrees now to which version of what a network asks; who is gone is left out."""
    cursor = await connection.execute(
        "SELECT given.purpose, given.version, count(*) FROM people.consents AS given JOIN people.persons AS one ON one.id = given.person"
        " WHERE one.network = %s AND given.ended_at IS NULL AND one.state NOT IN ('left', 'expelled', 'erased')"
        " GROUP BY given.purpose, given.version ORDER BY given.purpose, given.version",
        (network,),
    )
    return [Standing(*row) for row in await cursor.fetchall()]
