"""Whose duties changed, where people have duties now, and what the log was told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sapparot.base.database import Connection

_HELD = (
    "SELECT person, array_agg(DISTINCT place) FROM duty.duties WHERE election = %b AND person = ANY(%b::uuid[])"
    " AND job IN ('progress', 'final') AND state IN ('accepted', 'done') GROUP BY person"
)
_TELL = (
    "INSERT INTO duty.disclosed (election, kid, stations) VALUES (%s, %s, %s)"
    " ON CONFLICT (election, kid) DO UPDATE SET stations = excluded.stations"
)


def everybody(connection: Connection, election: str) -> list[UUID]:
    """Return everybody who has or had a duty in an election."""
    found = connection.cursor(binary=True).execute(
        "SELECT DISTINCT person FROM duty.duties WHERE election = %s", (election,)
    )
    return [row[0] for row in found.fetchall()]


def changed(connection: Connection, election: str, since: datetime) -> list[UUID]:
    """Return those of whom a duty came into its state at ``since`` or later."""
    found = connection.execute(
        "SELECT DISTINCT person FROM duty.duties WHERE election = %s AND since >= %s", (election, since)
    )
    return [row[0] for row in found.fetchall()]


def held(connection: Connection, election: str, people: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Return at which stations some people have accepted or done duties on site."""
    found = connection.cursor(binary=True).execute(_HELD, (election, list(people)))
    return {row[0]: row[1] for row in found.fetchall()}


def told(connection: Connection, election: str, kids: Iterable[str]) -> dict[str, list[str]]:
    """Return what the log was last told of some keys."""
    found = connection.execute(
        "SELECT kid, stations FROM duty.disclosed WHERE election = %s AND kid = ANY(%s)", (election, list(kids))
    )
    return {row[0]: row[1] for row in found.fetchall()}


def tell(connection: Connection, election: str, duties: Mapping[str, Sequence[str]]) -> None:
    """Note in the caller's transaction what the log is told."""
    with connection.cursor() as cursor:
        cursor.executemany(_TELL, [(election, kid, list(duties[kid])) for kid in sorted(duties)])
