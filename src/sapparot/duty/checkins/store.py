"""Check-ins in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sapparot.base.database import AsyncConnection, Connection
from sapparot.duty.checkins.facts import CheckIn, Present

_NOTE = (
    "INSERT INTO duty.check_ins (id, election, person, station, phone_at, server_at, lat, lon, flags)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING"
)
_MISSED = (
    "UPDATE duty.duties AS missing SET missed_at = %s WHERE missing.election = %s AND missing.state = 'accepted'"
    " AND missing.job IN ('progress', 'final') AND missing.missed_at IS NULL AND NOT EXISTS ("
    "SELECT 1 FROM duty.check_ins AS here WHERE here.election = missing.election AND here.person = missing.person"
    " AND here.station = missing.place AND NOT 'early' = ANY(here.flags)) RETURNING missing.id, missing.person, missing.place"
)


async def note(
    connection: AsyncConnection, election: str, person: UUID, said: tuple[CheckIn, Sequence[str]], now: datetime
) -> bool:
    """Keep a check-in with its flags and let the person be missing no more; return False for an id that is known already."""
    one, flags = said
    cursor = await connection.execute(
        _NOTE, (one.id, election, person, one.station, one.at, now, one.lat, one.lon, list(flags))
    )
    if not cursor.rowcount:
        return False
    await connection.execute(
        "UPDATE duty.duties SET missed_at = NULL WHERE election = %s AND person = %s AND place = %s",
        (election, person, one.station),
    )
    return True


async def assigned(connection: AsyncConnection, election: str, person: UUID) -> set[str]:
    """Return the places where a person has a duty."""
    cursor = await connection.execute(
        "SELECT DISTINCT place FROM duty.duties WHERE election = %s AND person = %s"
        " AND state IN ('offered', 'accepted', 'done')",
        (election, person),
    )
    return {row[0] for row in await cursor.fetchall()}


async def present(connection: AsyncConnection, election: str, stations: Sequence[str] | None) -> list[Present]:
    """Return the check-ins at some stations, or at all."""
    cursor = await connection.execute(
        "SELECT person, station, phone_at, server_at, flags FROM duty.check_ins"
        " WHERE election = %s AND (%s::text[] IS NULL OR station = ANY(%s)) ORDER BY server_at, id",
        (election, stations, stations),
    )
    return [Present(row[0], row[1], row[2], row[3], tuple(row[4])) for row in await cursor.fetchall()]


async def stations(connection: AsyncConnection, election: str) -> set[str]:
    """Return the stations where somebody with a duty there has checked in."""
    cursor = await connection.execute(
        "SELECT DISTINCT station FROM duty.check_ins WHERE election = %s AND NOT 'not_assigned' = ANY(flags)"
        " AND NOT 'early' = ANY(flags)",
        (election,),
    )
    return {row[0] for row in await cursor.fetchall()}


def anybody(connection: Connection) -> bool:
    """Tell whether anybody has or had a duty."""
    row = connection.execute("SELECT EXISTS (SELECT FROM duty.duties)").fetchone()
    return bool(row and row[0])


def note_missed(connection: Connection, election: str, now: datetime) -> list[tuple[int, UUID, str]]:
    """Note who should be at a station and has not checked in, once; return (duty, person, place)."""
    found = connection.execute(_MISSED, (now, election)).fetchall()
    return sorted((row[0], row[1], row[2]) for row in found)
