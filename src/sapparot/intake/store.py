"""Reports as they arrived, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from msgspec.structs import replace

from sapparot.base import outbox
from sapparot.base.database import AsyncConnection, Connection
from sapparot.intake.facts import Line, Stored

# One statement is one transaction: when it returns, every row is on disk. Which rows were fresh is told only when some were not.
_STORE = """
WITH flush AS (SELECT array_agg(nextval('intake.flushes')) AS numbers FROM generate_series(1, %b::integer)), fresh AS (
    INSERT INTO intake.received (id, flush, received_at, carrier, sha256, jws)
    SELECT id, numbers[(place - 1) / %b::integer + 1], %b, carrier, sha256, jws
    FROM flush, unnest(%b::uuid[], %b::text[], %b::bytea[], %b::bytea[]) WITH ORDINALITY
        AS line (id, carrier, sha256, jws, place)
    ON CONFLICT (id) DO NOTHING
    RETURNING id, flush
), queued AS (INSERT INTO intake.waiting (flush, id) SELECT flush, id FROM fresh)
SELECT numbers, (SELECT CASE WHEN count(*) < %b::bigint THEN coalesce(array_agg(id), '{}') END FROM fresh) FROM flush
"""
_FIND = """
SELECT id, received_at, received.sha256, received.flush, code
FROM intake.received LEFT JOIN intake.refused USING (id, sha256) WHERE id = ANY(%b::uuid[])
"""
# The bytes that lose their place keep their flush, so that its promise can be made again as it was.
_REPLACE = """
WITH line (id, usurper, carrier, sha256, jws) AS (
    SELECT id, usurper, carrier, sha256, jws
    FROM unnest(%b::uuid[], %b::bytea[], %b::text[], %b::bytea[], %b::bytea[]) AS line (id, usurper, carrier, sha256, jws)
), old AS (
    SELECT received.id, received.sha256, received.flush, received.jws
    FROM intake.received JOIN line ON received.id = line.id AND received.sha256 = line.usurper
    ORDER BY received.id FOR UPDATE OF received
), kept AS (
    INSERT INTO intake.refused (id, sha256, code, refused_at, flush, jws) SELECT id, sha256, %b, %b, flush, jws FROM old
    ON CONFLICT (id, sha256) DO UPDATE SET flush = excluded.flush, jws = excluded.jws
), flush AS (SELECT nextval('intake.flushes') AS number), placed AS (
    UPDATE intake.received
    SET flush = number, received_at = %b, carrier = line.carrier, sha256 = line.sha256, jws = line.jws
    FROM flush, line JOIN old USING (id) WHERE received.id = line.id
    RETURNING received.id, received.flush
), queued AS (INSERT INTO intake.waiting (flush, id) SELECT flush, id FROM placed)
SELECT id, flush FROM placed
"""
_BATCHES = """
SELECT flush, id, sha256 FROM intake.received WHERE flush = ANY(%b::bigint[])
UNION ALL SELECT flush, id, sha256 FROM intake.refused WHERE flush = ANY(%b::bigint[])
"""
# Rows are named by their place on the page: they are never changed, and nobody else removes them.
_TAKE = """
WITH taken AS (
    DELETE FROM intake.waiting WHERE ctid = ANY(ARRAY(SELECT ctid FROM intake.waiting ORDER BY flush, id LIMIT %b))
    RETURNING flush, id
)
SELECT id, received_at, sha256, jws FROM taken JOIN intake.received USING (flush, id) ORDER BY flush, id
"""
# Bytes that lost their id to another report were received too.
_COUNTS = """
SELECT 'received', (SELECT count(*) FROM intake.received) + (SELECT count(*) FROM intake.refused WHERE flush IS NOT NULL)
UNION ALL (SELECT code, count(*) FROM intake.refused GROUP BY code ORDER BY code)
"""

TOGETHER = 64
"""Reports that share one promise at most: what a report that is sent again costs, since its promise is made again from all of them."""
_place = attrgetter("id.int")
"""The order of ids in the database."""


class Received(NamedTuple):
    """A stored report that waits for admission."""

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
    batch = sorted(first.values(), key=_place)
    columns = ([x.id for x in batch], [x.carrier for x in batch], [x.sha256 for x in batch], [x.jws for x in batch])
    cursor = connection.cursor(binary=True)
    await cursor.execute(_STORE, (-(-len(batch) // TOGETHER), TOGETHER, now, *columns, len(batch)))
    ((flushes, some),) = await cursor.fetchall()
    flush = {line.id: flushes[place // TOGETHER] for place, line in enumerate(batch)}
    held = {key: Stored(now, first[key].sha256, flush[key], True) for key in (first if some is None else some)}
    if missing := [key for key in first if key not in held]:
        cursor = await connection.execute(_FIND, (missing,))
        held |= {row[0]: Stored(row[1], row[2], row[3], False, row[4]) for row in await cursor.fetchall()}
    return [_for_line(line, first[line.id], held[line.id]) for line in lines]


def _for_line(line: Line, first: Line, stored: Stored) -> Stored:
    """A second copy inside one batch is a duplicate of the first."""
    return stored if line is first or not stored.fresh else replace(stored, fresh=False)


async def batches(connection: AsyncConnection, flushes: Sequence[int]) -> dict[int, dict[UUID, bytes]]:
    """Return the reports of each flush, as it was when it was stored: their SHA-256 by id."""
    cursor = await connection.execute(_BATCHES, (list(flushes), list(flushes)))
    found: dict[int, dict[UUID, bytes]] = {}
    for flush, report, digest in await cursor.fetchall():
        found.setdefault(flush, {})[report] = digest
    return found


async def held(connection: AsyncConnection, reports: Sequence[UUID]) -> dict[UUID, tuple[bytes, str | None]]:
    """Return the compact JWS stored under each id, with the code of its refusal when it was refused."""
    cursor = await connection.execute(
        "SELECT id, received.jws, code FROM intake.received LEFT JOIN intake.refused USING (id, sha256)"
        " WHERE id = ANY(%b::uuid[])",
        (list(reports),),
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def find(connection: AsyncConnection, report: UUID) -> tuple[Received, str | None] | None:
    """Return the report that holds an id, with the code of its refusal when it is not admitted."""
    cursor = await connection.execute(
        "SELECT id, received_at, received.sha256, received.jws, code"
        " FROM intake.received LEFT JOIN intake.refused USING (id, sha256) WHERE id = %b",
        (report,),
    )
    row = await cursor.fetchone()
    return (Received(*row[:4]), row[4]) if row else None


async def put_in_place(
    connection: AsyncConnection, usurped: Mapping[UUID, tuple[Line, bytes]], code: str, now: datetime
) -> dict[UUID, Stored]:
    """Put each line in the place of the given bytes, which are kept among the refused ones under ``code``.

    One statement is one transaction. Ids whose bytes are other ones by now are left alone and missing in the answer.
    """
    lines = [usurped[key] for key in sorted(usurped)]
    columns = (
        [line.id for line, _ in lines],
        [sha256(usurper).digest() for _, usurper in lines],
        [line.carrier for line, _ in lines],
        [line.sha256 for line, _ in lines],
        [line.jws for line, _ in lines],
    )
    cursor = await connection.execute(_REPLACE, (*columns, code, now, now))
    return {row[0]: Stored(now, usurped[row[0]][0].sha256, row[1], True) for row in await cursor.fetchall()}


def take(connection: Connection, limit: int) -> list[Received]:
    """Take the oldest waiting reports off the queue, in the caller's transaction."""
    cursor = connection.cursor(binary=True)
    cursor.execute(_TAKE, (limit,))
    return [Received(*row) for row in cursor.fetchall()]


def refuse(connection: Connection, refusals: Sequence[Refusal], now: datetime) -> None:
    """Record in the caller's transaction that reports are not admitted."""
    if refusals:
        connection.execute(
            "INSERT INTO intake.refused (id, sha256, code, refused_at)"
            " SELECT id, sha256, code, %b FROM unnest(%b::uuid[], %b::bytea[], %b::text[]) AS refusal (id, sha256, code)"
            " ON CONFLICT DO NOTHING",
            (
                now,
                [refusal.report.id for refusal in refusals],
                [refusal.report.sha256 for refusal in refusals],
                [refusal.code for refusal in refusals],
            ),
        )


def announce(connection: Connection, entry: tuple[str, bytes]) -> None:
    """Announce a key of promises in the log, once, in the caller's transaction."""
    added = connection.execute(
        "INSERT INTO intake.promise_keys (entry) VALUES (%s) ON CONFLICT DO NOTHING", (entry[1],)
    )
    if added.rowcount:
        outbox.put(connection, [entry])


def hold_off(connection: Connection) -> bool:
    """Let no report in until the caller's transaction ends; False when one that was not refused has come in already."""
    connection.execute("LOCK TABLE intake.received IN SHARE MODE")
    row = connection.execute(
        "SELECT NOT EXISTS (SELECT 1 FROM intake.received LEFT JOIN intake.refused USING (id, sha256) WHERE code IS NULL)"
    ).fetchone()
    return bool(row and row[0])


def count_waiting(connection: Connection, limit: int) -> int:
    """Return how many reports wait for admission, at most ``limit``."""
    row = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM intake.waiting LIMIT %s) AS waiting", (limit,)
    ).fetchone()
    return int(row[0]) if row else 0


def counts(connection: Connection) -> dict[str, int]:
    """Return how many reports were received, and how many were refused by code."""
    return dict(connection.execute(_COUNTS).fetchall())


async def counted(connection: AsyncConnection, seconds: float) -> dict[str, int]:
    """Count like :func:`counts`; what takes longer than ``seconds`` is given up."""
    await connection.execute("SELECT set_config('statement_timeout', %s, true)", (f"{seconds:.0f}s",))
    return dict(await (await connection.execute(_COUNTS)).fetchall())
