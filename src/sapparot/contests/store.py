"""Definitions of elections in PostgreSQL, so that every process knows the roll before it reads the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import msgspec

from sapparot.base import outbox
from sapparot.base.problems import Problem
from sapparot.contests import problems
from sapparot.contests.facts import ElectionDefined
from sapparot.contests.roll import assemble

if TYPE_CHECKING:  # an audit imports this without a database
    from sapparot.base.database import Connection

_DEFINE = (
    "INSERT INTO contests.definitions (election, part, kind, body)"
    " SELECT %s, * FROM unnest(%b::integer[], %b::text[], %b::bytea[]) ON CONFLICT DO NOTHING"
)


def save(connection: Connection, entries: Sequence[tuple[str, bytes]], *, correct: bool = False) -> bool:
    """Define an election in the caller's transaction and queue its entries for the ledger; False when it already was.

    Raises DefinitionError for entries that are not one whole election, Problem OTHER_DEFINITION when the id is taken by a different one
    and this one is not to take its place (`correct`), OTHER_ELECTION when the log counts another: phones would be given the one and the
    count would read the other.
    A crash before the commit leaves nothing, after it the outbox holds every entry; both are repaired by importing again, which changes
    nothing the second time.
    """
    bodies = [body for _, body in entries]
    election = assemble(bodies).id
    # Of two imports at once the second waits here until the first has committed.
    connection.execute("LOCK TABLE contests.definitions IN SHARE ROW EXCLUSIVE MODE")
    if others := [name for name in defined(connection) if name != election]:
        raise Problem(problems.OTHER_ELECTION, problems.OTHER_THERE.fill(counted=others[0], brought=election))
    if _insert(connection, election, 0, entries[:1]) == 0:
        if load(connection, election) == bodies:
            return False
        if not correct:
            raise Problem(problems.OTHER_DEFINITION, election=election)
        connection.execute("DELETE FROM contests.definitions WHERE election = %s", (election,))
        _insert(connection, election, 0, entries[:1])
    _insert(connection, election, 1, entries[1:])
    outbox.put(connection, entries)
    return True


def load(connection: Connection, election: str) -> list[bytes]:
    """Give the definition entries of an election, header first; empty when it is not defined."""
    found = connection.execute(
        "SELECT body FROM contests.definitions WHERE election = %s ORDER BY part", (election,)
    ).fetchall()
    return [body for (body,) in found]


def defined(connection: Connection) -> list[str]:
    """Give the ids of the elections that are defined, in alphabetical order."""
    found = connection.execute("SELECT election FROM contests.definitions WHERE part = 0 ORDER BY election").fetchall()
    return [election for (election,) in found]


def polling_day(connection: Connection) -> date | None:
    """Give the latest polling day of the elections that are defined."""
    found = connection.execute("SELECT body FROM contests.definitions WHERE part = 0").fetchall()
    return max((msgspec.json.decode(body, type=ElectionDefined).date for (body,) in found), default=None)


def _insert(connection: Connection, election: str, first: int, entries: Sequence[tuple[str, bytes]]) -> int:
    numbers = list(range(first, first + len(entries)))
    kinds, bodies = [kind for kind, _ in entries], [body for _, body in entries]
    return connection.execute(_DEFINE, (election, numbers, kinds, bodies)).rowcount
