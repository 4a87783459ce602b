"""Plans that are asked for, and the worker that makes them and notices who is missing."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, pool
from sapparot.contests import Election
from sapparot.duty.assignments.facts import Run, Terms, Wish
from sapparot.duty.checkins import store as checkins
from sapparot.duty.checkins.facts import CheckIn
from sapparot.duty.checkins.rules import flags
from sapparot.duty.rolls import Rolls
from sapparot.duty.runs import store
from sapparot.duty.worker import DutyWorker
from tests.duty.crew import add_networks, interests, roster, states, volunteer

STATION = "01-01-010111-001"
WEEKS_BEFORE = datetime(2026, 2, 1, tzinfo=UTC)
CLOSING = datetime(2026, 3, 1, 9, 45, tzinfo=UTC)


def ask(url: str, network: str | None, wish: Wish) -> int:
    async def run() -> int:
        async with pool(url, 4) as opened, opened.connection() as connection:
            return await store.ask(connection, "small", (network, uuid4()), wish, WEEKS_BEFORE)

    return asyncio.run(run())


def outcome(url: str, number: int) -> Run:
    async def run() -> Run:
        async with pool(url, 4) as opened, opened.connection() as connection:
            return (await store.runs(connection, number, None, every=True))[0]

    return asyncio.run(run())


def worker(now: datetime = WEEKS_BEFORE) -> DutyWorker:
    return DutyWorker(Rolls(), interests(), FixedClock(now), Terms())


def election_id(connection: Connection) -> str:
    row = connection.execute("SELECT election FROM contests.definitions WHERE part = 0").fetchone()
    assert row is not None
    return str(row[0])


def test_a_plan_offers_places_and_never_moves_who_chose(defined: Connection, database_url: str) -> None:
    add_networks(defined)
    people = [
        volunteer(defined, network, area) for network in ("ilaw", "sao") for area in ("01-01", "SM") for _ in range(15)
    ]
    chooser = volunteer(defined, "pao", "01-01")
    book = roster(database_url, FixedClock(WEEKS_BEFORE))

    async def choose() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            await book.choose(connection, chooser, STATION, ("progress", "final"))

    asyncio.run(choose())
    number = ask(database_url, None, Wish(seed=3))
    assert worker().step(defined) == 1
    made = outcome(database_url, number)
    assert made.state == "done" and made.outcome is not None
    assert made.outcome.people == 61
    assert made.outcome.placed == 60
    assert (made.outcome.covered, made.outcome.independent) == (50, 11)
    assert states(defined, chooser.person) == [(STATION, "progress", "accepted"), (STATION, "final", "accepted")]
    per_place = defined.execute(
        "SELECT place, count(DISTINCT person), count(DISTINCT job) FROM duty.duties GROUP BY place"
    )
    assert all(count <= 2 and jobs == 2 for _, count, jobs in per_place.fetchall())
    told = defined.execute("SELECT count(DISTINCT person) FROM duty.messages").fetchone()
    assert told == (60,)
    assert all(len({place for place, _, _ in states(defined, each.person)}) == 1 for each in people)


def test_a_plan_of_one_network_in_one_area_touches_nobody_else(defined: Connection, database_url: str) -> None:
    add_networks(defined)
    inside, outside = volunteer(defined, "ilaw", "01-01"), volunteer(defined, "ilaw", "02-01")
    stranger = volunteer(defined, "sao", "01-01")
    number = ask(database_url, "ilaw", Wish(area="01-01", jobs=("final",)))
    worker().step(defined)
    made = outcome(database_url, number).outcome
    assert made is not None
    assert (made.placed, made.stations, made.covered, made.independent) == (1, 20, 1, 0)
    assert [state for _, _, state in states(defined, inside.person)] == ["offered"]
    assert states(defined, outside.person) == states(defined, stranger.person) == []


def test_who_only_looks_learns_what_a_plan_would_do_and_nothing_is_offered(
    defined: Connection, database_url: str
) -> None:
    add_networks(defined)
    for area in ("01-01", "01-01", "02-01"):
        volunteer(defined, "ilaw", area)
    look = ask(database_url, "ilaw", Wish(look=True, renew=True, seed=5))
    worker().step(defined)
    seen = outcome(database_url, look).outcome
    assert seen is not None
    assert (seen.placed, seen.covered, seen.before, seen.provinces) == (3, 3, 0, {"01": 2, "02": 1})
    for table in ("duty.duties", "duty.messages"):
        assert defined.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() == (0,)
    held = ask(database_url, "ilaw", Wish(renew=True, seed=5))
    worker().step(defined)
    made = outcome(database_url, held).outcome
    assert made is not None and (made.placed, made.covered, made.provinces) == (3, 3, seen.provinces)
    again = ask(database_url, "ilaw", Wish(look=True, seed=5))
    worker().step(defined)
    last = outcome(database_url, again).outcome
    assert last is not None and (last.placed, last.before, last.covered) == (0, 3, 3)


def test_planning_anew_takes_back_only_offers_that_nobody_answered(defined: Connection, database_url: str) -> None:
    add_networks(defined)
    waiting, settled = volunteer(defined, "ilaw", "01-01"), volunteer(defined, "ilaw", "01-01")
    ask(database_url, "ilaw", Wish(jobs=("final",)))
    worker().step(defined)
    book = roster(database_url, FixedClock(WEEKS_BEFORE))

    async def accept() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            [duty] = await book.mine(connection, settled)
            await book.answer(connection, settled, duty.id, "accept")

    asyncio.run(accept())
    ask(database_url, "ilaw", Wish(jobs=("final",), renew=True))
    worker().step(defined)
    assert [state for _, _, state in states(defined, settled.person)] == ["accepted"]
    assert [state for _, _, state in states(defined, waiting.person)] == ["replaced", "offered"]


def test_a_plan_for_an_election_that_is_gone_fails_aloud(defined: Connection, database_url: str) -> None:
    defined.execute("INSERT INTO duty.runs (election, asked_at, wish, state) VALUES ('gone', now(), '{}', 'waiting')")
    defined.commit()
    assert worker().step(defined) == 1
    row = defined.execute("SELECT state, outcome ->> 'problem' FROM duty.runs").fetchone()
    assert row == ("failed", "duty.election_unknown")


def test_who_has_not_checked_in_before_closing_appears_by_itself(defined: Connection, database_url: str) -> None:
    add_networks(defined)
    here, missing = volunteer(defined), volunteer(defined, "sao")
    book = roster(database_url, FixedClock(WEEKS_BEFORE))

    async def prepare() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            for who in (here, missing):
                await book.choose(connection, who, STATION, ("progress", "final"))
            said = CheckIn(uuid4(), STATION, CLOSING - timedelta(hours=1))
            assert await checkins.note(connection, election_of, here.person, (said, ()), CLOSING)
            assert not await checkins.note(connection, election_of, here.person, (said, ()), CLOSING)

    election_of = election_id(defined)
    asyncio.run(prepare())
    assert worker(CLOSING - timedelta(hours=2)).step(defined) == 0
    assert worker(CLOSING).step(defined) == 2
    assert worker(CLOSING).step(defined) == 0
    assert missed(defined) == {missing.person}
    told = defined.execute("SELECT person, count(*) FROM duty.messages GROUP BY person").fetchall()
    assert told == [(missing.person, 1)]

    async def arrives() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            late = CheckIn(uuid4(), STATION, CLOSING)
            await checkins.note(connection, election_of, missing.person, (late, ("far",)), CLOSING)

    asyncio.run(arrives())
    assert missed(defined) == set()


def missed(connection: Connection) -> set[UUID]:
    found = connection.execute("SELECT DISTINCT person FROM duty.duties WHERE missed_at IS NOT NULL").fetchall()
    connection.commit()
    return {row[0] for row in found}


def test_an_odd_check_in_is_flagged_and_never_refused(small: Election) -> None:
    def said(**how: int) -> CheckIn:
        return CheckIn(uuid4(), STATION, CLOSING, **how)

    near, far = said(lat=1524, lon=10113), said(lat=1375, lon=10050)
    assert flags(small, near, CLOSING, assigned=True) == ()
    assert flags(small, far, CLOSING, assigned=False) == ("far", "not_assigned")
    assert flags(small, said(lat=1524), CLOSING, assigned=True) == ("no_place",)
    assert flags(small, near, CLOSING - timedelta(hours=1), assigned=True) == ("clock",)
    early = CheckIn(uuid4(), STATION, WEEKS_BEFORE, 1524, 10113)
    assert flags(small, early, WEEKS_BEFORE + timedelta(hours=2), assigned=True) == ("early",)
    ahead = CheckIn(uuid4(), STATION, CLOSING, 1524, 10113)
    assert flags(small, ahead, WEEKS_BEFORE, assigned=True) == ("early", "clock")


def test_a_phone_whose_clock_stands_in_1970_does_not_leave_its_owner_missing(
    defined: Connection, small: Election, database_url: str
) -> None:
    add_networks(defined)
    here = volunteer(defined)
    said = CheckIn(uuid4(), STATION, datetime(1970, 1, 2, tzinfo=UTC), 1524, 10113)
    odd = flags(small, said, CLOSING, assigned=True)
    assert odd == ("clock",)

    async def arrives() -> None:
        async with pool(database_url, 4) as opened, opened.connection() as connection:
            await roster(database_url, FixedClock(WEEKS_BEFORE)).choose(connection, here, STATION, ("final",))
            await checkins.note(connection, small.id, here.person, (said, odd), CLOSING)

    asyncio.run(arrives())
    assert worker(CLOSING).step(defined) == 0
    assert missed(defined) == set()
