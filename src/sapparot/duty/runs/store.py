"""Automatic plans in PostgreSQL, and what the worker changes in one piece."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import convert, to_builtins
from psycopg.types.json import Jsonb

from sapparot.base.database import AsyncConnection, Connection
from sapparot.duty.assignments.facts import Outcome, Run, Wish

_RUN = "SELECT id, election, network, asked_by, asked_at, wish, state, ended_at, outcome FROM duty.runs"
_WITHDRAWN = (
    "WITH taken AS (UPDATE duty.duties SET state = 'replaced', since = %s WHERE election = %s AND state = 'offered'"
    " AND how = 'planned' AND (%s::text IS NULL OR network = %s) AND place = ANY(%s) RETURNING id)"
    " INSERT INTO duty.steps (duty, number, state, at, by, reason)"
    " SELECT taken.id, (SELECT max(before.number) + 1 FROM duty.steps AS before WHERE before.duty = taken.id),"
    " 'replaced', %s, NULL, 'planned anew' FROM taken"
)


async def ask(
    connection: AsyncConnection, election: str, whose: tuple[str | None, UUID], wish: Wish, now: datetime
) -> int:
    """Ask for a plan; ``whose`` is (network or None for all, who asks); return its number."""
    cursor = await connection.execute(
        "INSERT INTO duty.runs (election, network, asked_by, asked_at, wish, state)"
        " VALUES (%s, %s, %s, %s, %s, 'waiting') RETURNING id",
        (election, *whose, now, Jsonb(to_builtins(wish))),
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def runs(connection: AsyncConnection, number: int | None, network: str | None, *, every: bool) -> list[Run]:
    """Return plans, newest first, at most 50: one by its number, those of a network, or with ``every`` all."""
    cursor = await connection.execute(
        _RUN + " WHERE (%s::bigint IS NULL OR id = %s) AND (%s OR network = %s) ORDER BY id DESC LIMIT 50",
        (number, number, every, network),
    )
    return [_read(row) for row in await cursor.fetchall()]


def waiting(connection: Connection) -> Run | None:
    """Return the plan that was asked for first of those that wait."""
    row = connection.execute(_RUN + " WHERE state = 'waiting' ORDER BY id LIMIT 1").fetchone()
    return _read(row) if row else None


def ended(connection: Connection, run: Run, state: str, outcome: Outcome, now: datetime) -> None:
    """Record in the caller's transaction what a plan came to."""
    connection.execute(
        "UPDATE duty.runs SET state = %s, outcome = %s, ended_at = %s WHERE id = %s",
        (state, Jsonb(to_builtins(outcome)), now, run.id),
    )


def withdraw(connection: Connection, run: Run, places: list[str], now: datetime) -> None:
    """Take back, in the caller's transaction, planned offers at some places that nobody answered."""
    connection.execute(_WITHDRAWN, (now, run.election, run.network, run.network, places, now))


def _read(row: tuple[Any, ...]) -> Run:
    wish = convert(row[5], Wish)
    outcome = convert(row[8], Outcome) if row[8] is not None else None
    return Run(row[0], row[1], row[2], row[3], row[4], wish, row[6], row[7], outcome)
