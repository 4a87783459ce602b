"""Duties in PostgreSQL, each with every step that it took.

Whoever changes duties holds two locks to the end of the transaction, the person's and then the place's, so what was read before the
change still holds at its end; a plan of the whole election holds the election's lock, which all others share. The unique indexes of
duty.duties refuse whatever would be wrong all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sapparot.base.database import AsyncConnection, Connection
from sapparot.duty.assignments.facts import Duty, DutyStep, Job, Manned, Standing, State

_OF_PERSON = (
    "SELECT id, election, person, network, place, job, state, since, how, run, missed_at"
    " FROM duty.duties WHERE person = %s AND election = %s ORDER BY id"
)
_OF_PEOPLE = (
    "SELECT id, election, person, network, place, job, state, since, how, run, missed_at FROM duty.duties"
    " WHERE person = ANY(%s) AND election = %s AND state IN ('offered', 'accepted', 'done') ORDER BY person, id"
)
_OF_DUTY = (
    "SELECT id, election, person, network, place, job, state, since, how, run, missed_at FROM duty.duties WHERE id = %s"
)
_AT_PLACES = (
    "SELECT id, election, person, network, place, job, state, since, how, run, missed_at"
    " FROM duty.duties WHERE election = %s AND place = ANY(%s) AND state IN ('offered', 'accepted', 'done') ORDER BY id"
)
_OF_ELECTION = (
    "SELECT id, election, person, network, place, job, state, since, how, run, missed_at"
    " FROM duty.duties WHERE election = %s AND (%s::text IS NULL OR network = %s)"
    " AND state IN ('offered', 'accepted', 'done') ORDER BY id"
)
_MANNED = (
    "SELECT network, state, missed_at IS NOT NULL, array_agg(place) FROM duty.duties"
    " WHERE election = %s AND job = %s AND state IN ('offered', 'accepted', 'done') GROUP BY 1, 2, 3"
)
_ADD = (
    "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, run, since)"
    " SELECT %s, wanted.person, wanted.network, wanted.place, wanted.job, %s, wanted.slot, wanted.turn, %s, %s, %s"
    " FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::smallint[], %b::smallint[])"
    " AS wanted (person, network, place, job, slot, turn)"
    " RETURNING id, election, person, network, place, job, state, since, how, run, missed_at"
)
_STEPS = (
    "INSERT INTO duty.steps (duty, number, state, at, by, reason)"
    " SELECT duties.id, (SELECT coalesce(max(before.number) + 1, 0) FROM duty.steps AS before WHERE before.duty = duties.id),"
    " %s, %s, %s, %s FROM unnest(%s::bigint[]) AS duties (id)"
)
_FIRST_STEPS = (
    "INSERT INTO duty.steps (duty, number, state, at, by, reason)"
    " SELECT duties.id, 0, %s, %s, %s, %s FROM unnest(%b::bigint[]) AS duties (id)"
)
_TAKEN = (
    "SELECT place, job, slot, person, turn, state FROM duty.duties"
    " WHERE election = %s AND (place = %s OR person = %s) AND state IN ('offered', 'accepted', 'done')"
)


class Place(NamedTuple):
    """A person and the place and job that it gets, with the numbers that keep it from being given twice."""

    person: UUID
    network: str
    place: str
    job: Job
    slot: int
    turn: int


class Began(NamedTuple):
    """How duties begin."""

    election: str
    state: State
    how: str
    by: UUID | None
    at: datetime
    run: int | None = None


async def lock(connection: AsyncConnection, election: str, people: Sequence[UUID], place: str) -> None:
    """Hold people, always in the same order, and then a place to the end of the transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 18))", (f"election {election}",))
    for name in (*(f"person {person}" for person in sorted(people)), f"place {election} {place}"):
        await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 18))", (name,))


async def try_lock(connection: AsyncConnection, person: UUID) -> bool:
    """Hold one more person if nobody else does: who waits while holding a place could wait for ever."""
    cursor = await connection.execute(
        "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 18))", (f"person {person}",)
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


def lock_election(connection: Connection, election: str) -> None:
    """Hold every person and place of an election to the end of the transaction."""
    connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 18))", (f"election {election}",))


async def taken(connection: AsyncConnection, election: str, person: UUID, place: str) -> list[Standing]:
    """Return what is held at a place and by a person."""
    cursor = await connection.execute(_TAKEN, (election, place, person))
    return [Standing(*row) for row in await cursor.fetchall()]


async def add(connection: AsyncConnection, began: Began, places: Sequence[Place]) -> list[Duty]:
    """Begin duties in the caller's transaction."""
    cursor = await connection.execute(_ADD, _added(began, places))
    made = [Duty(*row) for row in await cursor.fetchall()]
    await connection.execute(_FIRST_STEPS, (began.state, began.at, began.by, began.how, [duty.id for duty in made]))
    return made


def add_now(connection: Connection, began: Began, places: Sequence[Place]) -> list[Duty]:
    """The same as :func:`add` without an event loop."""
    cursor = connection.cursor(binary=True)
    made = [Duty(*row) for row in cursor.execute(_ADD, _added(began, places)).fetchall()]
    connection.execute(_FIRST_STEPS, (began.state, began.at, began.by, began.how, [duty.id for duty in made]))
    return made


def _added(began: Began, places: Sequence[Place]) -> tuple[object, ...]:
    columns = [list(column) for column in zip(*places, strict=True)] if places else [[]] * 6
    return (began.election, began.state, began.how, began.run, began.at, *columns)


async def move(
    connection: AsyncConnection, duties: Sequence[int], state: State, by: tuple[UUID | None, str], at: datetime
) -> None:
    """Bring duties that the caller has locked into another state; ``by`` is (who, reason)."""
    await connection.execute(
        "UPDATE duty.duties SET state = %s, since = %s, missed_at = NULL WHERE id = ANY(%s)", (state, at, list(duties))
    )
    await connection.execute(_STEPS, (state, at, *by, list(duties)))


async def of_person(connection: AsyncConnection, person: UUID, election: str) -> list[Duty]:
    """Return every duty that a person has or had."""
    cursor = await connection.execute(_OF_PERSON, (person, election))
    return [Duty(*row) for row in await cursor.fetchall()]


async def of_people(connection: AsyncConnection, people: Sequence[UUID], election: str) -> list[Duty]:
    """Return the duties that some people hold, by their ids."""
    cursor = await connection.execute(_OF_PEOPLE, (list(people), election))
    return [Duty(*row) for row in await cursor.fetchall()]


async def one(connection: AsyncConnection, duty: int) -> Duty | None:
    """Return a duty."""
    cursor = await connection.execute(_OF_DUTY, (duty,))
    row = await cursor.fetchone()
    return Duty(*row) if row else None


async def at_places(connection: AsyncConnection, election: str, places: Sequence[str]) -> list[Duty]:
    """Return the duties that stand at some places."""
    cursor = await connection.execute(_AT_PLACES, (election, list(places)))
    return [Duty(*row) for row in await cursor.fetchall()]


async def of_election(connection: AsyncConnection, election: str, network: str | None = None) -> list[Duty]:
    """Return the duties that stand in an election, or those of a network's people."""
    cursor = await connection.execute(_OF_ELECTION, (election, network, network))
    return [Duty(*row) for row in await cursor.fetchall()]


def of_election_now(connection: Connection, election: str) -> list[Duty]:
    """The same without an event loop, of all networks."""
    cursor = connection.cursor(binary=True)
    return [Duty(*row) for row in cursor.execute(_OF_ELECTION, (election, None, None)).fetchall()]


async def manned(connection: AsyncConnection, election: str, job: Job) -> list[Manned]:
    """Return where people of each network stand for a job, station by station, without telling who."""
    cursor = connection.cursor(binary=True)
    await cursor.execute(_MANNED, (election, job))
    return [Manned(*row) for row in await cursor.fetchall()]


async def steps(connection: AsyncConnection, duty: int) -> list[DutyStep]:
    """Return the steps of a duty in order."""
    cursor = await connection.execute(
        "SELECT duty, state, at, by, reason FROM duty.steps WHERE duty = %s ORDER BY number", (duty,)
    )
    return [DutyStep(*row) for row in await cursor.fetchall()]


async def busy(connection: AsyncConnection, election: str, among: Sequence[UUID]) -> set[UUID]:
    """Return who among some people has a duty that stands in an election."""
    cursor = await connection.execute(
        "SELECT DISTINCT person FROM duty.duties WHERE election = %s AND person = ANY(%s)"
        " AND state IN ('offered', 'accepted', 'done')",
        (election, list(among)),
    )
    return {row[0] for row in await cursor.fetchall()}


async def refused(connection: AsyncConnection, election: str, place: str) -> set[UUID]:
    """Return who had a duty at a place and has it no more: they are not asked again."""
    cursor = await connection.execute(
        "SELECT DISTINCT person FROM duty.duties WHERE election = %s AND place = %s"
        " AND state IN ('declined', 'dropped', 'replaced')",
        (election, place),
    )
    return {row[0] for row in await cursor.fetchall()}


def standing_now(connection: Connection, election: str) -> list[Standing]:
    """Return everything that is held in an election."""
    found = connection.cursor(binary=True).execute(
        "SELECT place, job, slot, person, turn, state FROM duty.duties"
        " WHERE election = %s AND state IN ('offered', 'accepted', 'done')",
        (election,),
    )
    return [Standing(*row) for row in found.fetchall()]
