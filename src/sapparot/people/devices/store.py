"""Devices of persons in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace
from psycopg.types.json import Jsonb

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection
from sapparot.base.jws import SigningKey
from sapparot.base.problems import Problem
from sapparot.people.devices.problems import DEVICE_TAKEN, DEVICES_FULL, TRAINING_FIRST
from sapparot.people.facts import Device, Enrolment
from sapparot.people.persons.problems import PERSON_UNKNOWN
from sapparot.people.problems import DEVICE_REVOKED
from sapparot.people.rules import enrolment_entry
from sapparot.people.signin.facts import Identity
from sapparot.people.store import DEVICE_LIFE, devices_async

HEAD, WAR_ROOM = 2, 3
"""At the first level the log tells of which areas a device may bring the authority's figures; at the second which devices are of one
person, so that nobody decides twice."""
MOST = 5
"""Devices of one person that stand at one time."""


async def enrol(
    connection: AsyncConnection, who: Identity, asked: Enrolment, now: datetime, keys: dict[str, SigningKey]
) -> Device:
    """Enrol a device of a person who passed the training, and announce it, in the caller's transaction; asking again changes nothing.

    The device may do what the session opens, and no more. Raises :class:`Problem`. The person's row is locked, so that many asks at once
    keep to the limit.
    """
    person = who.person
    network, level = await _who_may(connection, person)
    level = min(level, who.level)
    same = await _first(connection, person) if level >= WAR_ROOM else None
    areas = await led(connection, person) if level == HEAD else None
    device = Device(asked.kid, asked.key, network, level, now, now + DEVICE_LIFE, same=same, areas=areas)
    if await _known(connection, person, asked.kid) is None:
        if await _standing(connection, person, now) >= MOST:
            raise Problem(DEVICES_FULL, most=MOST)
        added = await connection.execute(
            "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (device.kid, Jsonb(device.key), network, level, person, device.enrolled_at, device.until),
        )
        if added.rowcount:
            await outbox.put_async(connection, [await asyncio.to_thread(enrolment_entry, device, keys[network])])
            return device
    known = await _known(connection, person, asked.kid)
    return known or device


async def require_training(connection: AsyncConnection, person: UUID) -> None:
    """Raise :class:`Problem` for a person who has not passed the training."""
    cursor = await connection.execute("SELECT trained_at FROM people.persons WHERE id = %s", (person,))
    row = await cursor.fetchone()
    if row is None or row[0] is None:
        raise Problem(TRAINING_FIRST)


async def revoke(connection: AsyncConnection, person: UUID, kid: str, now: datetime) -> tuple[bool, Device | None]:
    """Revoke a device of a person; return whether it is one of the person's, and the device when it stood until now."""
    cursor = await connection.execute(
        "UPDATE people.devices SET revoked_at = %s WHERE kid = %s AND person = %s AND revoked_at IS NULL"
        " RETURNING kid, key, network, level, enrolled_at, until, revoked_at",
        (now, kid, person),
    )
    if row := await cursor.fetchone():
        return True, Device(*row)
    return await _owner(connection, kid) == person, None


async def member(connection: AsyncConnection, person: UUID, network: str, area: str | None) -> bool:
    """Tell whether a person is in a network, and serves in an area or below it when one is named."""
    cursor = await connection.execute(
        "SELECT 1 FROM people.persons WHERE id = %s AND network = %s AND (%s::text IS NULL OR area = %s OR starts_with(area, %s))",
        (person, network, area, area, f"{area}-"),
    )
    return await cursor.fetchone() is not None


async def revoked(connection: AsyncConnection, now: datetime) -> frozenset[str]:
    """Return every device that is revoked."""
    cursor = await connection.execute(
        "SELECT kid FROM people.devices WHERE revoked_at IS NOT NULL AND revoked_at <= %s", (now,)
    )
    return frozenset(row[0] for row in await cursor.fetchall())


async def _who_may(connection: AsyncConnection, person: UUID) -> tuple[str, int]:
    cursor = await connection.execute(
        "SELECT network, level FROM people.persons WHERE id = %s AND state = 'active' FOR UPDATE", (person,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise Problem(PERSON_UNKNOWN)
    return row[0], row[1]


async def _known(connection: AsyncConnection, person: UUID, kid: str) -> Device | None:
    device = (await devices_async(connection, [kid])).get(kid)
    if device is None:
        return None
    if await _owner(connection, kid) != person:
        raise Problem(DEVICE_TAKEN)
    if device.revoked_at is not None:
        raise Problem(DEVICE_REVOKED)
    return device


async def led(connection: AsyncConnection, person: UUID) -> tuple[str, ...]:
    """Return the areas of which a person is head."""
    cursor = await connection.execute(
        "SELECT DISTINCT area FROM people.grants WHERE person = %s AND role = 'head' AND ended_at IS NULL ORDER BY area",
        (person,),
    )
    return tuple(row[0] for row in await cursor.fetchall())


async def announce_areas(connection: AsyncConnection, person: UUID, keys: Mapping[str, SigningKey]) -> None:
    """Say in the log, in the caller's transaction, of which areas the standing phones of a head may report the authority's figures now."""
    cursor = await connection.execute(
        "SELECT kid, key, network, level, enrolled_at, until FROM people.devices"
        " WHERE person = %s AND level = %s AND channel IS NULL AND revoked_at IS NULL ORDER BY kid",
        (person, HEAD),
    )
    areas = await led(connection, person)
    standing = [replace(Device(*row), areas=areas) for row in await cursor.fetchall()]
    await outbox.put_async(connection, [enrolment_entry(device, keys[device.network]) for device in standing])


async def _first(connection: AsyncConnection, person: UUID) -> str | None:
    """Return the first device that a person had in the war room, revoked or not."""
    cursor = await connection.execute(
        "SELECT kid FROM people.devices WHERE person = %s AND level >= %s AND channel IS NULL ORDER BY enrolled_at, kid LIMIT 1",
        (person, WAR_ROOM),
    )
    row = await cursor.fetchone()
    return str(row[0]) if row else None


async def _owner(connection: AsyncConnection, kid: str) -> UUID | None:
    cursor = await connection.execute("SELECT person FROM people.devices WHERE kid = %s", (kid,))
    row: Sequence[UUID | None] | None = await cursor.fetchone()
    return row[0] if row else None


async def _standing(connection: AsyncConnection, person: UUID, now: datetime) -> int:
    cursor = await connection.execute(
        "SELECT count(*) FROM people.devices WHERE person = %s AND revoked_at IS NULL AND until > %s AND channel IS NULL",
        (person, now),
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
