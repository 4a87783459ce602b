"""What ends with a person or a network, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sapparot.base.database import AsyncConnection
from sapparot.people.facts import Device

_RETURNING = " RETURNING kid, key, network, level, enrolled_at, until, revoked_at"
_STANDING = " AND revoked_at IS NULL" + _RETURNING
_REVOKE = "UPDATE people.devices SET revoked_at = %s WHERE kid IN (SELECT kid FROM people.devices WHERE "
_ERASE = (
    "UPDATE people.persons SET state = 'erased', sealed = NULL, phone = NULL, area = NULL, trained_at = NULL,"
    " ended_at = coalesce(ended_at, %s) WHERE id = ANY(%s) AND state <> 'erased' RETURNING id"
)
_FORGOTTEN = (
    "DELETE FROM people.sessions WHERE person = ANY(%s)",
    "DELETE FROM people.passkeys WHERE person = ANY(%s)",
    "DELETE FROM people.linked WHERE person = ANY(%s)",
    "DELETE FROM people.codes WHERE person = ANY(%s)",
    "DELETE FROM people.messages WHERE person = ANY(%s)",
    "DELETE FROM people.applications WHERE person = ANY(%s)",
    "DELETE FROM people.consents WHERE person = ANY(%s)",
    "DELETE FROM people.reads WHERE person = ANY(%s)",
    "UPDATE people.invite_links SET label = '' WHERE made_by = ANY(%s)",
    "UPDATE people.devices SET person = NULL WHERE person = ANY(%s)",
)


async def end(connection: AsyncConnection, ids: Sequence[UUID], state: str, now: datetime) -> list[UUID]:
    """Give persons who take part the state ``left`` or ``expelled``; return those who took part until now."""
    cursor = await connection.execute(
        "UPDATE people.persons SET state = %s, ended_at = %s WHERE id = ANY(%s)"
        " AND state NOT IN ('left', 'expelled', 'erased') RETURNING id",
        (state, now, sorted(ids)),
    )
    return [row[0] for row in await cursor.fetchall()]


async def lock(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """Let nobody change these persons until the transaction ends."""
    await connection.execute("SELECT 1 FROM people.persons WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(ids),))


async def sign_out(connection: AsyncConnection, person: UUID, but: bytes) -> None:
    """End the sessions of a person, but the one with this hash."""
    await connection.execute("DELETE FROM people.sessions WHERE person = %s AND token_hash <> %s", (person, but))


async def close(connection: AsyncConnection, ids: Sequence[UUID], by: UUID | None, now: datetime) -> None:
    """End sessions, roles and open invites of persons, and every way to sign in but the telephone, which may be somebody else's one day."""
    await end_ways(connection, ids)
    await connection.execute(
        "UPDATE people.grants SET ended_at = %s, ended_by = %s WHERE person = ANY(%s) AND ended_at IS NULL",
        (now, by, list(ids)),
    )
    await connection.execute("UPDATE people.persons SET level = 1 WHERE id = ANY(%s) AND level > 1", (list(ids),))
    await connection.execute(
        "UPDATE people.invite_links SET ended_at = %s WHERE made_by = ANY(%s) AND ended_at IS NULL", (now, list(ids))
    )


async def end_ways(connection: AsyncConnection, ids: Sequence[UUID]) -> None:
    """End sessions of persons, and every way to sign in but the telephone."""
    await connection.execute("DELETE FROM people.sessions WHERE person = ANY(%s)", (list(ids),))
    await connection.execute("DELETE FROM people.passkeys WHERE person = ANY(%s)", (list(ids),))
    await connection.execute("DELETE FROM people.linked WHERE person = ANY(%s)", (list(ids),))


async def erase(connection: AsyncConnection, ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Erase who persons are and everything that is kept about them here; return those who were not erased before."""
    cursor = await connection.execute(_ERASE, (now, sorted(ids)))
    erased = [row[0] for row in await cursor.fetchall()]
    for statement in _FORGOTTEN:
        await connection.execute(statement, (erased,))
    return erased


async def revoke_of_persons(connection: AsyncConnection, ids: Sequence[UUID], now: datetime) -> list[Device]:
    """Revoke all devices of persons, and the keys of their text messages; return them."""
    cursor = await connection.execute(
        _REVOKE + "person = ANY(%s) ORDER BY kid FOR UPDATE)" + _STANDING, (now, list(ids))
    )
    return [Device(*row) for row in await cursor.fetchall()]


async def revoke_above(connection: AsyncConnection, person: UUID, level: int, now: datetime) -> list[Device]:
    """Revoke the devices of a person that were enrolled above a level; return them. The key of text messages is no device and stands."""
    cursor = await connection.execute(
        _REVOKE + "person = %s AND level > %s AND channel IS NULL ORDER BY kid FOR UPDATE)" + _STANDING,
        (now, person, level),
    )
    return [Device(*row) for row in await cursor.fetchall()]


async def revoke_one(connection: AsyncConnection, kid: str, now: datetime) -> list[Device]:
    """Revoke a device that stands, or was revoked from a later moment on; return it."""
    cursor = await connection.execute(
        _REVOKE + "kid = %s FOR UPDATE) AND (revoked_at IS NULL OR revoked_at > %s)" + _RETURNING, (now, kid, now)
    )
    return [Device(*row) for row in await cursor.fetchall()]


async def revoke_of_network(connection: AsyncConnection, network: str, limit: int, now: datetime) -> list[Device]:
    """Revoke at most ``limit`` devices of a network that stand; return them."""
    cursor = await connection.execute(
        _REVOKE + "network = %s AND revoked_at IS NULL ORDER BY kid LIMIT %s FOR UPDATE)" + _STANDING,
        (now, network, limit),
    )
    return [Device(*row) for row in await cursor.fetchall()]


async def end_network(connection: AsyncConnection, network: str, state: str, now: datetime) -> bool:
    """Record that a network takes part no more, and close its doors; return whether it took part until now."""
    cursor = await connection.execute(
        "UPDATE people.networks SET state = %s, ended_at = %s, open = false WHERE id = %s AND state = 'active'",
        (state, now, network),
    )
    await connection.execute(
        "UPDATE people.invites SET expires_at = least(expires_at, %s) WHERE network = %s", (now, network)
    )
    await connection.execute(
        "UPDATE people.invite_links SET ended_at = %s WHERE network = %s AND ended_at IS NULL", (now, network)
    )
    return cursor.rowcount > 0


async def members(connection: AsyncConnection, network: str, limit: int) -> list[UUID]:
    """Return at most ``limit`` persons of a network who take part."""
    cursor = await connection.execute(
        "SELECT id FROM people.persons WHERE network = %s AND state NOT IN ('left', 'expelled', 'erased') ORDER BY id LIMIT %s",
        (network, limit),
    )
    return [row[0] for row in await cursor.fetchall()]


async def guarded(connection: AsyncConnection, ids: Sequence[UUID]) -> set[UUID]:
    """Return those among ``ids`` who hold a role that an organiser of their network cannot take from them."""
    cursor = await connection.execute(
        "SELECT DISTINCT person FROM people.grants WHERE person = ANY(%s) AND ended_at IS NULL"
        " AND role IN ('organiser', 'centre', 'lead', 'reviewer', 'decider')",
        (list(ids),),
    )
    return {row[0] for row in await cursor.fetchall()}


async def ended_networks(connection: AsyncConnection) -> list[str]:
    """Return networks that ended and still have people or devices: somebody was interrupted."""
    cursor = await connection.execute(
        "SELECT id FROM people.networks AS network WHERE state <> 'active' AND (EXISTS (SELECT 1 FROM people.devices"
        " WHERE network = network.id AND revoked_at IS NULL) OR EXISTS (SELECT 1 FROM people.persons"
        " WHERE network = network.id AND state NOT IN ('left', 'expelled', 'erased'))) ORDER BY id"
    )
    return [row[0] for row in await cursor.fetchall()]


async def to_erase(
    connection: AsyncConnection, left_before: datetime, all_before: datetime | None, limit: int
) -> list[UUID]:
    """Return persons whose data are due: who left long enough ago, and, when the election is long over, everybody who is older."""
    cursor = await connection.execute(
        "SELECT id FROM people.persons WHERE state <> 'erased' AND ((state = 'left' AND ended_at < %s) OR joined_at < %s)"
        " ORDER BY id LIMIT %s",
        (left_before, all_before, limit),
    )
    return [row[0] for row in await cursor.fetchall()]


async def sweep(connection: AsyncConnection, before: datetime, limit: int) -> int:
    """Remove people who signed up and never proved their telephone, what was typed, and lists that wait; return how many people."""
    await connection.execute("UPDATE people.import_files SET sealed = NULL WHERE kept_at < %s", (before,))
    await connection.execute("DELETE FROM people.applications WHERE at < %s", (before,))
    await connection.execute("DELETE FROM people.sessions WHERE until < %s", (before,))
    cursor = await connection.execute(
        "DELETE FROM people.persons WHERE id IN (SELECT id FROM people.persons AS old WHERE state = 'applied' AND joined_at < %s"
        " AND NOT EXISTS (SELECT 1 FROM people.applications WHERE person = old.id) ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
        (before, limit),
    )
    return cursor.rowcount
