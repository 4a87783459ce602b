"""Explanations of differences in PostgreSQL; they are only added, the newest of a sheet holds."""

from __future__ import annotations

from collections.abc import Sequence

from sapparot.base.database import AsyncConnection
from sapparot.duty.comparison.facts import Explanation


async def explain(connection: AsyncConnection, election: str, sheet: tuple[str, str], said: Explanation) -> None:
    """Add what somebody says about a sheet, which is (station, ballot)."""
    await connection.execute(
        "INSERT INTO duty.explanations (election, place, ballot, state, owner, reason, by, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (election, *sheet, said.state, said.owner, said.reason, said.by, said.at),
    )


async def explanations(
    connection: AsyncConnection, election: str, stations: Sequence[str]
) -> dict[tuple[str, str], Explanation]:
    """Return the newest explanation of each sheet of some stations, by (station, ballot)."""
    cursor = await connection.execute(
        "SELECT DISTINCT ON (place, ballot) place, ballot, state, owner, reason, by, at FROM duty.explanations"
        " WHERE election = %s AND place = ANY(%s) ORDER BY place, ballot, id DESC",
        (election, list(stations)),
    )
    return {(row[0], row[1]): Explanation(*row[2:]) for row in await cursor.fetchall()}
