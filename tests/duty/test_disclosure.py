"""What the log is told of duties, when, and that it is told neither twice nor too little, whatever dies in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical, outbox
from sapparot.base.clock import FixedClock
from sapparot.base.database import Connection, connect, pool
from sapparot.base.outbox import ENTRY_LIMIT
from sapparot.duty import worker as working
from sapparot.duty.assignments.facts import Job, Terms
from sapparot.duty.disclosure import discloser, store
from sapparot.duty.disclosure.discloser import Discloser
from sapparot.duty.disclosure.lists import duties_entries, untold
from sapparot.duty.rolls import Rolls
from sapparot.duty.worker import DutyWorker
from sapparot.people.signin.facts import Identity
from sapparot.verify.letters import DUTY_KEYS, DUTY_STATIONS, DutiesEntry, read
from tests.duty.crew import add_networks, interests, roster, volunteer

A, B, C = (f"01-01-010111-00{number}" for number in (1, 2, 3))
CLOSES = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
ON_SITE: tuple[Job, ...] = ("progress", "final")


@pytest.fixture
def town(defined: Connection, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """The small election with its networks; a worker looks whenever it steps."""
    monkeypatch.setattr(working, "LOOK_SECONDS", 0.0)
    add_networks(defined)
    return defined


class Desk:
    """Gives duties as people and organisers do, at a moment of the evening."""

    def __init__(self, url: str, now: datetime = CLOSES - timedelta(days=3)) -> None:
        self.clock = FixedClock(now)
        self._url, self._roster = url, roster(url, self.clock, Terms(places=3))

    def choose(self, who: Identity, place: str) -> list[int]:
        async def run() -> list[int]:
            async with pool(self._url, 2) as opened, opened.connection() as connection:
                return [one.id for one in await self._roster.choose(connection, who, place, ON_SITE)]

        return asyncio.run(run())

    def move(self, who: Identity, duties: Sequence[int], answer: Literal["drop", "done"]) -> None:
        async def run() -> None:
            async with pool(self._url, 2) as opened, opened.connection() as connection:
                for duty in duties:
                    if answer == "drop":
                        await self._roster.drop(connection, who, duty, "")
                    else:
                        await self._roster.answer(connection, who, duty, answer)

        asyncio.run(run())


def worker(now: datetime = CLOSES) -> DutyWorker:
    return DutyWorker(Rolls(), interests(), FixedClock(now), Terms())


def phone(connection: Connection, who: Identity, name: str, channel: str | None = None) -> str:
    """A key of a person, as enrolling it leaves it."""
    kid = name.ljust(43, "x")
    connection.execute(
        "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until, channel)"
        " VALUES (%s, '{}', %s, 1, %s, %s, %s, %s)",
        (kid, who.network, who.person, CLOSES, CLOSES + timedelta(days=60), channel),
    )
    connection.commit()
    return kid


def told(connection: Connection) -> list[dict[str, list[str]]]:
    """What waits for its place in the log, in order."""
    rows = connection.execute("SELECT body FROM base.outbox WHERE kind = 'duties' ORDER BY number").fetchall()
    connection.commit()
    entries = [canonical.decode(body) for (body,) in rows]
    assert all(entry["election"] == "small" and (entry["kind"], entry["v"]) == ("duties", 1) for entry in entries)
    return [entry["duties"] for entry in entries]


def test_nothing_is_said_before_the_stations_have_closed(town: Connection, database_url: str) -> None:
    who = volunteer(town)
    Desk(database_url).choose(who, A)
    kid = phone(town, who, "anna")
    for early in (timedelta(days=2), timedelta(minutes=20), timedelta(seconds=1)):
        worker(CLOSES - early).step(town)
        assert told(town) == []
    worker(CLOSES).step(town)
    assert told(town) == [{kid: [A]}]


def test_every_standing_key_of_who_serves_on_site_is_named_with_all_its_stations_in_order(
    town: Connection, database_url: str
) -> None:
    desk = Desk(database_url)
    anna, ben, idle = volunteer(town), volunteer(town, "sao"), volunteer(town, "pao")
    for place in (C, A):
        desk.choose(anna, place)
    desk.move(ben, desk.choose(ben, B), "drop")
    keys = [phone(town, anna, "anna"), phone(town, anna, "texts", "text")]
    lost = phone(town, anna, "lost")
    town.execute("UPDATE people.devices SET revoked_at = now() WHERE kid = %s", (lost,))
    for who in (ben, idle):
        phone(town, who, who.network)
    for job, state in (("official", "accepted"), ("reading", "accepted"), ("final", "offered"), ("final", "declined")):
        town.execute(
            "INSERT INTO duty.duties (election, person, network, place, job, state, slot, turn, how, since)"
            " VALUES ('small', %s, 'pao', %s, %s, %s, 9, 0, 'given', %s)",
            (idle.person, A, job, state, CLOSES),
        )
    worker().step(town)
    assert told(town) == [{kid: [A, C] for kid in keys}]


def test_a_duty_that_is_done_is_still_one(town: Connection, database_url: str) -> None:
    who, desk = volunteer(town), Desk(database_url)
    duties = desk.choose(who, A)
    kid = phone(town, who, "anna")
    desk.clock.moment = CLOSES
    first = worker()
    first.step(town)
    desk.move(who, duties, "done")
    assert first.step(town) == 0
    assert told(town) == [{kid: [A]}]


def test_what_changes_in_the_evening_is_said_again_and_nothing_else(town: Connection, database_url: str) -> None:
    desk, running = Desk(database_url), worker()
    anna, ben = volunteer(town), volunteer(town, "sao")
    given, _ = desk.choose(anna, A), desk.choose(ben, A)
    a, b = phone(town, anna, "anna"), phone(town, ben, "ben")
    running.step(town)
    desk.clock.moment = CLOSES + timedelta(minutes=20)
    desk.move(anna, given, "drop")
    running.step(town)
    desk.choose(anna, B)
    running.step(town)
    assert [running.step(town) for _ in range(3)] == [0, 0, 0]
    assert told(town) == [{a: [A], b: [A]}, {a: []}, {a: [B]}]


def test_a_worker_that_starts_again_says_only_what_is_new(
    town: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, anna = Desk(database_url), volunteer(town)
    desk.choose(anna, A)
    kid = phone(town, anna, "anna")
    assert [worker().step(town) for _ in range(3)][1:] == [0, 0]
    town.execute("DELETE FROM base.outbox")  # the log has it
    town.commit()
    assert worker().step(town) == 0 and told(town) == []
    ben = volunteer(town, "sao")
    desk.choose(ben, B)
    other = phone(town, ben, "ben")
    monkeypatch.setattr(discloser, "BATCH", 1)
    worker().step(town)
    assert told(town) == [{other: [B]}] and kid not in told(town)[0]


def test_a_phone_that_is_enrolled_later_is_named_a_minute_later_and_one_that_nobody_saw_with_everybody(
    town: Connection, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, look = volunteer(town), Discloser().look
    Desk(database_url).choose(anna, A)
    look(town, "small", CLOSES)
    late = phone(town, anna, "late")
    assert look(town, "small", CLOSES + timedelta(seconds=59)) == 0
    assert [look(town, "small", CLOSES + timedelta(minutes=1, seconds=at)) for at in (0, 5)] == [1, 0]
    unseen = phone(town, anna, "unseen")
    assert look(town, "small", CLOSES + timedelta(hours=1)) == 1, "what was enrolled since the last look"
    town.execute("DELETE FROM duty.disclosed WHERE kid = %s", (unseen,))
    town.commit()
    assert look(town, "small", CLOSES + timedelta(hours=2)) == 0
    monkeypatch.setattr(discloser, "WHOLE_SECONDS", 0.0)
    assert look(town, "small", CLOSES + timedelta(hours=2)) == 1
    assert told(town) == [{late: [A]}, {unseen: [A]}, {unseen: [A]}]


def test_a_change_that_is_seen_later_than_its_time_says_is_not_passed_over(town: Connection, database_url: str) -> None:
    anna, running, desk = volunteer(town), worker(), Desk(database_url, CLOSES - timedelta(seconds=90))
    kid = phone(town, anna, "anna")
    Desk(database_url).choose(anna, A)
    running.step(town)
    desk.choose(anna, B)
    running.step(town)
    assert told(town) == [{kid: [A]}, {kid: [A, B]}]


def test_of_whom_erased_everything_the_log_says_no_more(town: Connection, database_url: str) -> None:
    anna, running, desk = volunteer(town), worker(), Desk(database_url)
    kid, given = phone(town, anna, "anna"), desk.choose(anna, A)
    running.step(town)
    town.execute("UPDATE people.devices SET person = NULL WHERE kid = %s", (kid,))
    town.commit()
    desk.clock.moment = CLOSES + timedelta(minutes=1)
    desk.move(anna, given, "drop")
    assert running.step(town) == 0
    assert told(town) == [{kid: [A]}]


def test_a_day_after_closing_nothing_is_said_any_more(town: Connection, database_url: str) -> None:
    anna = volunteer(town)
    Desk(database_url).choose(anna, A)
    phone(town, anna, "anna")
    assert worker(CLOSES + timedelta(days=1, seconds=1)).step(town) == 0
    assert told(town) == []


def test_where_nobody_has_a_duty_no_election_is_read(town: Connection) -> None:
    rolls = Rolls()
    phone(town, volunteer(town), "anna")
    assert DutyWorker(rolls, interests(), FixedClock(CLOSES), Terms()).step(town) == 0
    assert not rolls._elections


class Killed(Exception):
    """Stands for kill -9: nothing after it runs, and the connection is gone."""


def _dying(work: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    def dies(*args: Any) -> None:
        if after:
            work(*args)
        raise Killed

    return dies


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", ["put", "tell", "commit"])
def test_a_worker_that_is_killed_between_two_steps_leaves_no_gap_and_nothing_said_twice(
    town: Connection, database_url: str, step: str, *, after: bool
) -> None:
    desk, crew = Desk(database_url), [volunteer(town, network) for network in ("ilaw", "sao", "pao")]
    keys = [phone(town, who, who.network) for who in crew]
    for who in crew:
        desk.choose(who, A if who.network == "ilaw" else B)
    for _ in crew:
        with connect(database_url) as connection, pytest.MonkeyPatch.context() as patch:
            patch.setattr(discloser, "BATCH", 1)
            where: Any = {"put": outbox, "tell": store, "commit": connection}[step]
            patch.setattr(where, step, _dying(getattr(where, step), after=after))
            with pytest.raises(Killed):
                Discloser().look(connection, "small", CLOSES)
            patch.undo()
            connection.rollback()
    worker().step(town)
    said = [pair for duties in told(town) for pair in duties.items()]
    assert sorted(said) == sorted(zip(keys, [[A], [B], [B]], strict=True))


KIDS = st.text("abc", min_size=1, max_size=3)
LISTS = st.dictionaries(KIDS, st.lists(st.sampled_from((A, B, C)), unique=True).map(sorted))


@given(LISTS, LISTS)
def test_what_is_told_brings_the_log_to_what_holds_and_telling_it_again_changes_nothing(
    holds: dict[str, list[str]], before: dict[str, list[str]]
) -> None:
    owners = {kid: UUID(int=number) for number, kid in enumerate(sorted(holds))}
    held = {owners[kid]: stations[::-1] for kid, stations in holds.items() if stations}
    new = untold(owners, held, before)
    after = before | new
    assert {kid: after.get(kid, []) for kid in holds} == holds
    assert untold(owners, held, after) == {}


def _entries(duties: Mapping[str, list[str]]) -> Iterator[DutiesEntry]:
    for kind, body in duties_entries("small", duties):
        assert kind == "duties" and len(body) <= ENTRY_LIMIT
        assert body == canonical.encode(canonical.decode(body))
        yield read(body, DutiesEntry)


@pytest.mark.parametrize("keys", [0, 1, DUTY_KEYS, DUTY_KEYS + 1, 5 * DUTY_KEYS - 1])
@pytest.mark.parametrize("stations", [0, 1, DUTY_STATIONS])
def test_every_key_stands_in_exactly_one_entry_that_the_log_and_its_readers_take(keys: int, stations: int) -> None:
    duties = {uuid4().hex.ljust(43, "k"): [f"{number:040}" for number in range(stations)] for _ in range(keys)}
    found = [pair for entry in _entries(duties) for pair in entry.duties.items()]
    assert dict(found) == duties and len(found) == keys


def test_who_serves_at_more_stations_than_an_entry_takes_is_named_with_the_first_of_them() -> None:
    who = uuid4()
    many = [f"{number:03}" for number in range(DUTY_STATIONS + 5)]
    assert untold({"k": who}, {who: many[::-1]}, {}) == {"k": many[:DUTY_STATIONS]}
