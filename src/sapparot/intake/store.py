"""Reports as they arrived, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection, Connection
from sapparot.intake.facts import Line, Stored

# One statement is one transaction: when it returns, every row is on disk.
_STORE = """
WITH fresh AS (
    INSERT INTO intake.received (id, received_at, carrier, sha256, jws)
    SELECT id, %b, carrier, sha256, jws FROM unnest(%b::uuid[], %b::text[], %b::bytea[], %b::bytea[]) AS line (id, carrier, sha256, jws)
    ON CONFLICT (id) DO NOTHING
    RETURNING id
)
SELECT id, pg_current_xact_id()::text::bigint FROM fresh
"""
_FIND = """
SELECT id, received_at, sha256, transaction::text::bigint, code
FROM intake.received LEFT JOIN intake.refused USING (id, sha256) WHERE id = ANY(%b::uuid[])
"""


class Received(NamedTuple):
    """A stored report that waits for admission."""

    transaction: int
    id: UUID
    received_at: datetime
    sha256: bytes
    jws: bytes


class Refusal(NamedTuple):
    """A report that is not admitted, and the code of the problem."""

    report: Received
    code: str


async def receive(connection: AsyncConnection, lines: Sequence[Line], now: datetime) -> list[Stored]:
    """Store reports durably and say for each what the database holds for its id now.

    Ids are sorted and unique inside the batch (unsorted ids deadlock against other batches); of lines with one id the first is stored.
    """
    first: dict[UUID, Line] = {}
    for line in lines:
        first.setdefault(line.id, line)
    batch = [first[key] for key in sorted(first)]
    columns = ([x.id for x in batch], [x.carrier for x in batch], [x.sha256 for x in batch], [x.jws for x in batch])
    cursor = await connection.execute(_STORE, (now, *columns))
    held = {row[0]: Stored(now, first[row[0]].sha256, row[1], True) for row in await cursor.fetchall()}
    if missing := [key for key in first if key not in held]:
        cursor = await connection.execute(_FIND, (missing,))
        held |= {row[0]: Stored(row[1], row[2], row[3], False, row[4]) for row in await cursor.fetchall()}
    return [_for_line(line, first[line.id], held[line.id]) for line in lines]


def _for_line(line: Line, first: Line, stored: Stored) -> Stored:
    """A second copy inside one batch is a duplicate of the first."""
    return stored if line is first or not stored.fresh else replace(stored, fresh=False)


async def batches(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, dict[UUID, bytes]]:
    """Return the reports of each flush: their SHA-256 by id."""
    cursor = await connection.execute(
        "SELECT transaction::text::bigint, id, sha256 FROM intake.received"
        " WHERE transaction = ANY(%b::bigint[]::text[]::xid8[])",
        (list(numbers),),
    )
    found: dict[int, dict[UUID, bytes]] = {}
    for number, report, digest in await cursor.fetchall():
        found.setdefault(number, {})[report] = digest
    return found


async def held(connection: AsyncConnection, report: UUID) -> bytes | None:
    """Return the compact JWS stored under an id."""
    cursor = await connection.execute("SELECT jws FROM intake.received WHERE id = %s", (report,))
    row = await cursor.fetchone()
    return row[0] if row else None


async def put_in_place(connection: AsyncConnection, line: Line, code: str, now: datetime) -> Stored:
    """Put a report in the place of one that nobody signed; the old bytes are kept among the refused ones."""
    async with connection.transaction():
        await connection.execute(
            "INSERT INTO intake.refused (id, sha256, code, refused_at, jws)"
            " SELECT id, sha256, %s, %s, jws FROM intake.received WHERE id = %s ON CONFLICT DO NOTHING",
            (code, now, line.id),
        )
        await connection.execute("DELETE FROM intake.received WHERE id = %s", (line.id,))
        cursor = await connection.execute(
            "INSERT INTO intake.received (id, received_at, carrier, sha256, jws) VALUES (%s, %s, %s, %s, %s)"
            " RETURNING transaction::text::bigint",
            (line.id, now, line.carrier, line.sha256, line.jws),
        )
        row = await cursor.fetchone()
    return Stored(now, line.sha256, row[0] if row else 0, fresh=True)


def waiting(connection: Connection, after: tuple[int, UUID], limit: int) -> list[Received]:
    """Return the oldest reports after a place in the order, none of a transaction that others may still precede."""
    cursor = connection.cursor(binary=True)
    cursor.execute(
        "SELECT transaction::text::bigint, id, received_at, sha256, jws FROM intake.received"
        " WHERE (transaction, id) > (%s::text::xid8, %s) AND transaction < pg_snapshot_xmin(pg_current_snapshot())"
        " ORDER BY transaction, id LIMIT %s",
        (str(after[0]), after[1], limit),
    )
    return [Received(*row) for row in cursor.fetchall()]


def count_waiting(connection: Connection, limit: int) -> int:
    """Return how many reports wait for admission, at most ``limit``."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM intake.received, intake.admitted"
        " WHERE (received.transaction, received.id) > (admitted.transaction, admitted.id) LIMIT %s) AS waiting",
        (limit,),
    ).fetchone()
    return int(row[0]) if row else 0


def admitted(connection: Connection) -> tuple[int, UUID]:
    """Return the place in the order up to which every report was dealt with."""
    row = connection.execute("SELECT transaction::text::bigint, id FROM intake.admitted").fetchone()
    if row is None:
        raise LookupError("intake.admitted has no row")
    return row[0], row[1]


def admit(connection: Connection, upto: Received, refusals: Sequence[Refusal], now: datetime) -> None:
    """Record, in the caller's transaction, that everything up to ``upto`` was dealt with, and what was refused."""
    connection.execute(
        "UPDATE intake.admitted SET transaction = %s::text::xid8, id = %s", (str(upto.transaction), upto.id)
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO intake.refused (id, sha256, code, refused_at, jws) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(x.report.id, x.report.sha256, x.code, now, x.report.jws) for x in refusals],
        )


def announce(connection: Connection, entry: tuple[str, bytes]) -> None:
    """Announce a key of promises in the log, once, in the caller's transaction."""
    added = connection.execute(
        "INSERT INTO intake.promise_keys (entry) VALUES (%s) ON CONFLICT DO NOTHING", (entry[1],)
    )
    if added.rowcount:
        outbox.put(connection, [entry])


def counts(connection: Connection) -> dict[str, int]:
    """Return how many reports were received, and how many were refused by code."""
    row = connection.execute("SELECT count(*) FROM intake.received").fetchone()
    refused = connection.execute("SELECT code, count(*) FROM intake.refused GROUP BY code ORDER BY code").fetchall()
    return {"received": int(row[0]) if row else 0, **{code: int(number) for code, number in refused}}
