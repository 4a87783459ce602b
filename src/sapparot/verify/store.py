"""The trail of every sheet in PostgreSQL: which entries of the log are about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from sapparot.base import outbox

if TYPE_CHECKING:  # an audit imports this without a database
    from sapparot.base.database import AsyncConnection, Connection

Change = Literal["first", "other", "again"]
"""A policy comes as the first of all, in the place of another one, or in force again after another one."""
LIMIT = 500
_TRAIL = (
    "SELECT sheet, position, kind FROM (SELECT sheet, position, kind FROM verify.trail WHERE sheet = ANY(%s)"
    " ORDER BY position DESC LIMIT %s) AS newest ORDER BY position"
)

_NEWEST = """
SELECT wanted.sheet, told.position, told.kind FROM unnest(%s::integer[]) AS wanted (sheet) CROSS JOIN LATERAL (
  (SELECT position, kind FROM verify.trail WHERE sheet = wanted.sheet AND kind = 'report' ORDER BY position DESC LIMIT %s)
  UNION ALL
  (SELECT position, kind FROM verify.trail WHERE sheet = wanted.sheet AND kind = 'move' ORDER BY position DESC LIMIT 1)
) AS told ORDER BY told.position
"""
_SINCE = (
    "SELECT sheet, position, kind FROM verify.trail WHERE sheet = ANY(%s) AND position > %s AND kind IN ('report', 'move')"
    " ORDER BY position LIMIT %s"
)

_DUTIES = """
SELECT DISTINCT said.position FROM unnest(%s::text[], %s::bigint[]) AS report (kid, position) CROSS JOIN LATERAL (
  SELECT position FROM verify.bearers WHERE kid = report.kid AND kind = 'duties' AND position < report.position
  ORDER BY position DESC LIMIT 1
) AS said ORDER BY said.position
"""


class Trace(Struct, frozen=True):
    """An entry about a sheet: the sheet's number, the entry's position in the log and its kind, `refused` for a report that counts not.

    A number below zero is that of a ballot in a whole area (:meth:`sapparot.contests.Election.area_sheet`).
    """

    sheet: int
    position: int
    kind: str


def record(connection: Connection, traces: Sequence[Trace]) -> None:
    """Add to the trails in the caller's transaction."""
    if traces:
        statement = "COPY verify.trail (sheet, position, kind) FROM STDIN (FORMAT BINARY)"
        with connection.cursor().copy(statement) as copy:
            copy.set_types(["int4", "int8", "text"])
            for trace in traces:
                copy.write_row((trace.sheet, trace.position, trace.kind))


def trail(connection: Connection, sheets: Sequence[int], limit: int = LIMIT) -> list[Trace]:
    """Return the newest `limit` entries about some sheets, in the order of the log."""
    return [Trace(*row) for row in connection.execute(_TRAIL, (list(sheets), limit)).fetchall()]


async def trail_async(connection: AsyncConnection, sheets: Sequence[int], limit: int = LIMIT) -> list[Trace]:
    """The same as :func:`trail` on an asynchronous connection."""
    cursor = await connection.execute(_TRAIL, (list(sheets), limit))
    return [Trace(*row) for row in await cursor.fetchall()]


async def newest_async(connection: AsyncConnection, sheets: Sequence[int], reports: int) -> list[Trace]:
    """Return the newest `reports` reports and the last move of each sheet, in the order of the log: one sheet hides no other."""
    cursor = await connection.execute(_NEWEST, (list(sheets), reports))
    return [Trace(*row) for row in await cursor.fetchall()]


async def since_async(connection: AsyncConnection, sheets: Sequence[int], after: int, limit: int) -> list[Trace]:
    """Return the first `limit` reports and moves of some sheets after a position, in the order of the log."""
    cursor = await connection.execute(_SINCE, (list(sheets), after, limit))
    return [Trace(*row) for row in await cursor.fetchall()]


def record_bearers(connection: Connection, found: Sequence[tuple[str, int, str]]) -> None:
    """Record which entries speak of which keys, as (thumbprint, position, kind), in the caller's transaction."""
    if found:
        with connection.cursor().copy("COPY verify.bearers (kid, position, kind) FROM STDIN") as copy:
            for row in found:
                copy.write_row(row)


async def about_async(connection: AsyncConnection, kid: str) -> list[tuple[int, str]]:
    """Return position and kind of the first entries about a key itself, not about its owner's duties, in the order of the log."""
    cursor = await connection.execute(
        "SELECT position, kind FROM verify.bearers WHERE kid = %s AND kind <> 'duties' ORDER BY position LIMIT %s",
        (kid, LIMIT),
    )
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def duties_before_async(connection: AsyncConnection, spoken: Sequence[tuple[str, int]]) -> list[int]:
    """Return where the log last spoke of the duties of a key before a position, for each pair of both; ascending."""
    cursor = await connection.execute(_DUTIES, ([kid for kid, _ in spoken], [position for _, position in spoken]))
    return [row[0] for row in await cursor.fetchall()]


def put_in_force(connection: Connection, entry: tuple[str, bytes]) -> Change | None:
    """Announce a policy in the caller's transaction, and tell how it comes; None when it is in force already."""
    connection.execute("LOCK TABLE verify.policies IN SHARE ROW EXCLUSIVE MODE")
    before = [row[0] for row in connection.execute("SELECT entry FROM verify.policies ORDER BY number DESC").fetchall()]
    if before[:1] == [entry[1]]:
        return None
    connection.execute("INSERT INTO verify.policies (entry) VALUES (%s)", (entry[1],))
    outbox.put(connection, [entry])
    return "again" if entry[1] in before else "other" if before else "first"


def in_force(connection: Connection) -> bytes | None:
    """Return the entry of the policy that was announced last."""
    row = connection.execute("SELECT entry FROM verify.policies ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else row[0]
