"""Duties: who may have which, what happens when many want the same, and when somebody leaves."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, AsyncPool, Connection, pool
from sapparot.base.problems import Problem
from sapparot.duty.assignments import nearby, rules, store
from sapparot.duty.assignments.facts import Duty, Job, Manned, State, Terms
from sapparot.people.signin.facts import Identity
from tests.duty.crew import add_networks, roster, states, volunteer

STATION, NEXT = "01-01-010111-001", "01-01-010111-002"
WEEKS_BEFORE = FixedClock(datetime(2026, 2, 1, tzinfo=UTC))
ON_THE_DAY = FixedClock(datetime(2026, 3, 1, 5, tzinfo=UTC))
BOTH: tuple[Job, ...] = ("progress", "final")
T = TypeVar("T")


def with_pool(url: str, work: Callable[[AsyncPool], Awaitable[T]]) -> T:
    async def run() -> T:
        async with pool(url, 12) as opened:
            return await work(opened)

    return asyncio.run(run())


def at_once(url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def run(opened: AsyncPool) -> T:
        async with opened.connection() as connection:
            return await work(connection)

    return with_pool(url, run)


@pytest.fixture
def crew(defined: Connection) -> Connection:
    add_networks(defined)
    return defined


def code(error: BaseException) -> str:
    assert isinstance(error, Problem), error
    return error.kind.code


def test_of_many_who_want_one_station_at_the_same_moment_as_many_get_it_as_it_takes(
    crew: Connection, database_url: str
) -> None:
    people = [volunteer(crew, network) for network in ("ilaw", "sao", "pao") for _ in range(8)]
    book = roster(database_url, WEEKS_BEFORE)

    async def one(opened: AsyncPool, who: Identity) -> list[Duty]:
        async with opened.connection() as connection:
            return await book.choose(connection, who, STATION, BOTH)

    async def all_at_once(opened: AsyncPool) -> list[list[Duty] | BaseException]:
        await book.rolls.election()
        return await asyncio.gather(*(one(opened, who) for who in people), return_exceptions=True)

    answers = with_pool(database_url, all_at_once)
    lucky = [answer for answer in answers if isinstance(answer, list)]
    assert len(lucky) == 2
    assert {code(answer) for answer in answers if isinstance(answer, BaseException)} == {"duty.place_full"}
    held = crew.execute("SELECT job, count(*) FROM duty.duties WHERE state = 'accepted' GROUP BY job").fetchall()
    assert dict(held) == {"progress": 2, "final": 2}
    steps = crew.execute("SELECT count(*) FROM duty.steps").fetchone()
    assert steps == (4,)


def test_one_person_who_chooses_everywhere_at_once_gets_one_station(crew: Connection, database_url: str) -> None:
    who = volunteer(crew)
    book = roster(database_url, WEEKS_BEFORE)

    async def everywhere(opened: AsyncPool) -> list[list[Duty] | BaseException]:
        async def one(place: str) -> list[Duty]:
            async with opened.connection() as connection:
                return await book.choose(connection, who, place, BOTH)

        stations = (await book.rolls.election()).stations.codes[:15]
        return await asyncio.gather(*(one(place) for place in [*stations, stations[0]]), return_exceptions=True)

    answers = with_pool(database_url, everywhere)
    assert len({place for place, _, _ in states(crew, who.person)}) == 1
    problems = Counter(code(answer) for answer in answers if isinstance(answer, BaseException))
    assert sum(problems.values()) == 15
    assert set(problems) <= {"duty.too_many_places", "duty.already_held"}


def test_the_database_itself_refuses_what_must_never_happen(crew: Connection, database_url: str) -> None:
    who = volunteer(crew)
    began = store.Began("small", "accepted", "chosen", None, WEEKS_BEFORE.now())
    first = store.Place(who.person, "ilaw", STATION, "final", 0, 0)
    store.add_now(crew, began, [first])
    crew.commit()
    other = volunteer(crew)
    for wrong in (first._replace(slot=1, turn=1), first._replace(place=NEXT), first._replace(person=other.person)):
        with pytest.raises(psycopg.errors.UniqueViolation):
            store.add_now(crew, began, [wrong])
        crew.rollback()


def test_who_drops_out_on_the_day_is_replaced_at_once_by_who_adds_a_group_and_is_near(
    crew: Connection, database_url: str
) -> None:
    before, book = roster(database_url, WEEKS_BEFORE), roster(database_url, ON_THE_DAY)
    official, leaving = volunteer(crew, "sao"), volunteer(crew, "ilaw")
    near_official = volunteer(crew, "pao", "01-01-010111")
    independent = volunteer(crew, "ilaw", "01")
    elsewhere = volunteer(crew, "ilaw", "02-01")
    silent = volunteer(crew, "ilaw", "01-01-010111", consents=())

    async def day(connection: AsyncConnection) -> None:
        await before.choose(connection, official, STATION, BOTH)
        for duty in await before.choose(connection, leaving, STATION, BOTH):
            assert (await book.drop(connection, leaving, duty.id, "ill")).state == "dropped"
            assert (await book.drop(connection, leaving, duty.id, "ill")).state == "dropped"

    at_once(database_url, day)
    assert states(crew, independent.person) == [(STATION, "progress", "offered"), (STATION, "final", "offered")]
    for nobody in (near_official, elsewhere, silent):
        assert states(crew, nobody.person) == []

    async def declines(connection: AsyncConnection) -> None:
        for duty in await book.mine(connection, independent):
            await book.answer(connection, independent, duty.id, "decline")

    at_once(database_url, declines)
    assert [state for _, _, state in states(crew, near_official.person)] == ["offered", "offered"]
    told = crew.execute("SELECT person, count(*) FROM duty.messages GROUP BY person").fetchall()
    assert dict(told) == {independent.person: 2, near_official.person: 2}


def test_who_takes_a_place_and_gives_it_back_at_once_calls_no_spare_away(crew: Connection, database_url: str) -> None:
    book = roster(database_url, ON_THE_DAY)
    restless, spare = volunteer(crew), volunteer(crew, "sao")

    async def day(connection: AsyncConnection) -> None:
        for place in (STATION, NEXT):
            for duty in await book.choose(connection, restless, place, BOTH):
                await book.drop(connection, restless, duty.id, "")

    at_once(database_url, day)
    assert states(crew, spare.person) == []


def test_nobody_fills_station_after_station_by_being_done_there(crew: Connection, database_url: str) -> None:
    who = volunteer(crew)
    before, book = roster(database_url, WEEKS_BEFORE), roster(database_url, ON_THE_DAY)

    async def day(connection: AsyncConnection) -> None:
        for place in (STATION, NEXT):
            for duty in await book.choose(connection, who, place, BOTH):
                with pytest.raises(Problem) as early:
                    await before.answer(connection, who, duty.id, "done")
                assert code(early.value) == "duty.not_yet"
                await book.answer(connection, who, duty.id, "done")
        with pytest.raises(Problem) as third:
            await book.choose(connection, who, "01-01-010111-003", BOTH)
        assert code(third.value) == "duty.too_many_places"

    at_once(database_url, day)
    assert {place for place, *_ in states(crew, who.person)} == {STATION, NEXT}, "one, and one more to help at"


def test_weeks_before_a_dropped_duty_just_becomes_open_again(crew: Connection, database_url: str) -> None:
    book = roster(database_url, WEEKS_BEFORE)
    leaving, spare = volunteer(crew), volunteer(crew)

    async def early(connection: AsyncConnection) -> None:
        [duty] = await book.choose(connection, leaving, STATION, ("final",))
        await book.drop(connection, leaving, duty.id, "")
        await book.choose(connection, spare, STATION, ("final",))

    at_once(database_url, early)
    assert states(crew, spare.person) == [(STATION, "final", "accepted")]


def test_nobody_touches_the_duties_of_another_person_or_network(crew: Connection, database_url: str) -> None:
    book = roster(database_url, WEEKS_BEFORE)
    mine, other = volunteer(crew), volunteer(crew)
    stranger = volunteer(crew, "sao", roles=(("organiser", None),))
    head = volunteer(crew, "ilaw", level=2, roles=(("head", "01-02"),))
    own = volunteer(crew, "ilaw", roles=(("organiser", None),))

    async def tries(connection: AsyncConnection) -> None:
        [duty] = await book.choose(connection, mine, STATION, ("final",))
        for wrong, expected in (
            (book.drop(connection, other, duty.id, ""), "duty.duty_unknown"),
            (book.answer(connection, other, duty.id, "done"), "duty.duty_unknown"),
            (book.replace(connection, stranger, duty.id, ""), "duty.duty_unknown"),
            (book.replace(connection, head, duty.id, ""), "duty.not_your_area"),
            (book.replace(connection, mine, duty.id, ""), "duty.not_your_area"),
            (book.give(connection, stranger, mine.person, NEXT, BOTH), "duty.person_unavailable"),
            (book.give(connection, head, mine.person, NEXT, BOTH), "duty.not_your_area"),
            (book.choose(connection, mine, "01-01", ("official",)), "duty.level_too_low"),
            (book.choose(connection, mine, "01-01", ("final",)), "duty.place_unknown"),
            (book.choose(connection, mine, "99", ("final",)), "duty.place_unknown"),
            (book.drop(connection, mine, 2**62, ""), "duty.duty_unknown"),
        ):
            with pytest.raises(Problem) as refused:
                await wrong
            assert refused.value.kind.code == expected
        assert (await book.replace(connection, own, duty.id, "on leave")).state == "replaced"
        assert [step.state for step in await store.steps(connection, duty.id)] == ["accepted", "replaced"]
        [official] = await book.choose(connection, head, "01-02", ("official",))
        assert official.state == "accepted"
        with pytest.raises(Problem, match="its own head"):
            await book.choose(connection, head, "01-01", ("official",))
        with pytest.raises(Problem, match="its own head"):
            await book.give(connection, own, head.person, "01-01", ("official",))

    at_once(database_url, tries)


def test_who_is_put_in_somebodys_place_by_hand_is_asked_and_nobody_else(crew: Connection, database_url: str) -> None:
    book = roster(database_url, ON_THE_DAY)
    one, other, spare = volunteer(crew), volunteer(crew), volunteer(crew, area="01-01-010111")
    head = volunteer(crew, level=2, roles=(("head", "01-01"),))

    async def change(connection: AsyncConnection) -> None:
        [duty] = await book.choose(connection, one, STATION, ("final",))
        assert next(each.id for each in await book.free(connection, "ilaw", STATION, "01-01")) == spare.person
        await book.replace(connection, head, duty.id, "", other.person)
        [second] = [each for each in await book.mine(connection, other) if each.state == "offered"]
        with pytest.raises(Problem) as refused:
            await book.replace(connection, head, second.id, "", volunteer(crew, "sao").person)
        assert refused.value.kind.code == "duty.person_unavailable"
        assert (await book.one(connection, second.id) or duty).state == "offered", "nothing of it was done"
        await book.replace(connection, head, second.id, "", "nobody")
        assert one.person not in [each.id for each in await book.free(connection, "ilaw", STATION, "01-01")]

    at_once(database_url, change)
    assert states(crew, one.person) == states(crew, other.person) == [(STATION, "final", "replaced")]
    assert states(crew, spare.person) == [], "on the day too"


def test_people_who_are_put_in_each_others_place_at_the_same_moment_do_not_wait_for_each_other_for_ever(
    crew: Connection, database_url: str
) -> None:
    book = roster(database_url, WEEKS_BEFORE, Terms(capacity=4, places=4))
    one, other = volunteer(crew), volunteer(crew)
    head = volunteer(crew, level=2, roles=(("head", "01-01"),))

    async def swap(opened: AsyncPool, number: int, person: UUID) -> Duty:
        async with opened.connection() as connection:
            return await book.replace(connection, head, number, "", person)

    async def both(opened: AsyncPool) -> list[Duty | BaseException]:
        async with opened.connection() as connection:
            [first] = await book.choose(connection, one, STATION, ("final",))
            [second] = await book.choose(connection, other, NEXT, ("final",))
        pairs = ((first.id, other.person), (second.id, one.person))
        return await asyncio.gather(*(swap(opened, *pair) for pair in pairs), return_exceptions=True)

    for answer in with_pool(database_url, both):
        assert isinstance(answer, Duty), answer
    assert states(crew, one.person) == [(STATION, "final", "replaced"), (NEXT, "final", "offered")]
    assert states(crew, other.person) == [(NEXT, "final", "replaced"), (STATION, "final", "offered")]


@given(st.sampled_from(sorted(rules.MOVES)), st.sampled_from(sorted(rules.MOVES)))
def test_only_the_moves_of_the_table_are_made(old: State, new: State) -> None:
    duty = Duty(1, "small", SOMEBODY, "ilaw", STATION, "final", old, WEEKS_BEFORE.now(), "chosen")
    if new in rules.MOVES[old]:
        assert rules.moved(duty, new) is duty
    else:
        with pytest.raises(Problem):
            rules.moved(duty, new)


SOMEBODY = UUID(int=7)


def test_a_person_may_be_at_as_many_stations_as_the_terms_say(crew: Connection, database_url: str) -> None:
    who = volunteer(crew)
    book = roster(database_url, WEEKS_BEFORE, Terms(places=2))

    async def two(connection: AsyncConnection) -> None:
        await book.choose(connection, who, STATION, BOTH)
        await book.choose(connection, who, NEXT, BOTH)
        with pytest.raises(Problem):
            await book.choose(connection, who, "01-01-010111-003", BOTH)

    at_once(database_url, two)
    assert len(states(crew, who.person)) == 4


def test_who_never_said_where_it_can_help_serves_where_its_first_station_is(
    crew: Connection, database_url: str
) -> None:
    silent, settled = volunteer(crew, area=None), volunteer(crew, "sao", "02-01")
    book = roster(database_url, WEEKS_BEFORE)

    async def both(connection: AsyncConnection) -> None:
        for who in (silent, settled):
            await book.choose(connection, who, STATION, BOTH)

    at_once(database_url, both)
    found = [
        crew.execute("SELECT area FROM people.persons WHERE id = %s", (who.person,)).fetchone()
        for who in (silent, settled)
    ]
    assert found == [("01-01-010111",), ("02-01",)]


def test_what_is_said_about_official_figures_names_the_constituency_once_and_sends_nobody_anywhere(
    crew: Connection, database_url: str
) -> None:
    organiser, head = volunteer(crew, roles=(("organiser", None),)), volunteer(crew, level=2)
    crew.execute(
        "INSERT INTO people.grants (person, role, area, granted_at) VALUES (%s, 'head', '01-02', now())", (head.person,)
    )
    crew.commit()
    book = roster(database_url, WEEKS_BEFORE)

    async def given(connection: AsyncConnection) -> str:
        [duty] = await book.give(connection, organiser, head.person, "01-02", ("official",))
        await book.replace(connection, organiser, duty.id, "ill", "nobody")
        return (await book.rolls.election()).areas["01-02"].name.th

    name = at_once(database_url, given)
    told = [text for (text,) in crew.execute("SELECT th FROM duty.messages ORDER BY id").fetchall()]
    assert len(told) == 2
    for text in told:
        assert text.count(name) == 1 and "ตัวเลขทางการ" in text and "ไปที่" not in text


def test_of_many_who_look_for_open_stations_at_once_one_reads_where_people_stand(
    defined: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_networks(defined)
    who, read = volunteer(defined), []

    async def manned(connection: AsyncConnection, election: str, job: Job) -> list[Manned]:
        read.append(job)
        return await real(connection, election, job)

    real = store.manned
    monkeypatch.setattr(store, "manned", manned)
    monkeypatch.setattr(nearby, "LOOKED_AT", 5)
    finder = nearby.Nearby(roster(database_url, ON_THE_DAY))

    async def look(opened: AsyncPool) -> list[nearby.OpenStation]:
        async with opened.connection() as connection:
            return (await finder.find(connection, who, (None, None), "final")).stations

    async def together(opened: AsyncPool) -> list[list[nearby.OpenStation]]:
        return await asyncio.gather(*(look(opened) for _ in range(8)))

    found = with_pool(database_url, together)
    assert read == ["final"]
    assert len(found[0]) == 5 and all(each == found[0] for each in found)
