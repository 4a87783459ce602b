"""Coverage adds up, gaps come in the order in which they matter, announcements reach whom they are for, and networks stay apart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sapparot.base import canonical
from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, Connection, pool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.contests import Election
from sapparot.duty.announcements import store as messages
from sapparot.duty.announcements.facts import Chosen
from sapparot.duty.announcements.office import AnnouncementOffice
from sapparot.duty.assignments.facts import Duty
from sapparot.duty.assignments.terrain import terrain
from sapparot.duty.coverage.board import Board
from sapparot.duty.coverage.closeness import margins
from sapparot.people.signin.facts import Identity
from tests.duty.crew import add_networks, interests, roster, volunteer

NOW = datetime(2026, 2, 1, tzinfo=UTC)
STATION = "01-01-010111-001"
T = TypeVar("T")


def duty(number: int, place: str, network: str, state: str = "accepted") -> Duty:
    return Duty(number, "small", UUID(int=number), network, place, "final", state, NOW, "chosen")  # type: ignore[arg-type]


@given(
    st.lists(
        st.tuples(st.integers(0, 59), st.sampled_from(["ilaw", "sao", "pao"]), st.sampled_from(["accepted", "offered"]))
    )
)
def test_what_areas_inside_cover_adds_up_to_the_whole(small: Election, held: list[tuple[int, str, str]]) -> None:
    codes = small.stations.codes
    duties = [duty(n, codes[at], network, state) for n, (at, network, state) in enumerate(held)]
    board = Board(small, terrain(small), "final", interests()).fill(duties, {codes[0]}, "ilaw")
    whole = board.covered(None)
    assert [row.area for row in whole.inside] == ["01", "02"]
    for column in ("stations", "eligible", "covered", "covered_eligible", "independent", "offered", "arrived", "own"):
        assert getattr(whole.whole, column) == sum(getattr(row, column) for row in whole.inside)
    there = {one.place for one in duties if one.state == "accepted"}
    assert (whole.whole.covered, whole.whole.stations) == (len(there), 60)
    gaps = board.gaps(None, {}, 1000)
    assert {gap.station for gap in gaps if gap.why == "nobody"} == set(codes) - there
    assert [gap.weight for gap in gaps] == sorted((gap.weight for gap in gaps), reverse=True)
    assert len(gaps) == 60 - whole.whole.independent


def test_a_gap_matters_more_where_the_contest_is_close_and_where_nobody_is(small: Election) -> None:
    board = Board(small, terrain(small), "final", interests()).fill([duty(1, STATION, "ilaw")], (), None)
    weights = {gap.station: gap for gap in board.gaps(None, {"01-01": 5000, "01-02": 0}, 1000)}
    alike = [gap for gap in weights.values() if gap.eligible == 561 or gap.eligible == 564]
    assert weights[STATION].why == "one_group"
    assert weights[STATION].weight == 686 * 686 // 5686
    assert weights["01-02-010121-002"].weight == 2 * 680
    assert weights["02-01-020111-001"].margin is None and weights["02-01-020111-001"].weight == 2 * 708
    assert {gap.constituency for gap in alike} == {"01-01", "02-01"}


def test_officials_of_two_networks_are_one_group(small: Election) -> None:
    board = Board(small, terrain(small), "final", interests())
    same = board.fill([duty(1, STATION, "sao"), duty(2, STATION, "pao")], (), None).covered("01-01-010111")
    assert (same.whole.covered, same.whole.independent, same.inside) == (1, 0, ())


def test_margins_are_read_from_the_published_constituencies() -> None:
    ballot = {"columns": ["unlisted", "valid", "spoiled", "no_vote", "ballots_cast", 1, 2, 3]}
    areas = [
        {"area": "a", "ballots": {"constituency": {**ballot, "votes": {
            "live": [0, 9, 0, 0, 9, 1, 2, 6], "confirmed": [0, 9, 0, 0, 9, 7, 1, 1]}}}},
        {"area": "b", "ballots": {"constituency": {**ballot, "votes": {"live": [0, 0, 0, 0, 0, 0, 0, 0]}}}},
        {"area": "c", "ballots": {"constituency": {**ballot, "votes": {}}, "list": {"votes": {"live": [1] * 9}}}},
    ]  # fmt: skip
    assert margins(canonical.encode({"v": 1, "areas": areas})) == {"a": 1}


@pytest.fixture
def crew(defined: Connection) -> Connection:
    add_networks(defined)
    return defined


def at_once(url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    async def run() -> T:
        async with pool(url, 4) as opened, opened.connection() as connection:
            return await work(connection)

    return asyncio.run(run())


class Bureau:
    """An office and the people whom it reaches."""

    def __init__(self, url: str) -> None:
        self.roster = roster(url, FixedClock(NOW))
        self.office = AnnouncementOffice(self.roster, FixedClock(NOW))

    async def told(self, connection: AsyncConnection, who: Identity, chosen: Chosen) -> set[UUID]:
        made = await self.office.announce(connection, who, chosen, Text("ก", "a"))
        reached = {each.person for each in await messages.deliveries(connection, made.id, None, 100)}
        assert made.people == len(reached)
        return reached


def test_an_announcement_reaches_whom_it_is_for_and_nobody_of_another_network(
    crew: Connection, database_url: str
) -> None:
    bureau = Bureau(database_url)
    busy, idle, far = volunteer(crew), volunteer(crew, area="01-01-010111"), volunteer(crew, area="02-01")
    silent, stranger = volunteer(crew, consents=("duty",)), volunteer(crew, "sao")
    organiser = volunteer(crew, area="02", roles=(("organiser", None),), consents=())

    async def day(connection: AsyncConnection) -> None:
        await bureau.roster.choose(connection, busy, "01-02-010121-001", ("final",))
        for chosen, wanted in (
            (Chosen(), {busy.person, idle.person, far.person}),
            (Chosen(state="none"), {idle.person, far.person}),
            (Chosen(state="accepted"), {busy.person}),
            (Chosen(job="final"), {busy.person}),
            (Chosen(job="progress"), set()),
            (Chosen(area="01-02"), {busy.person}),
        ):
            assert await bureau.told(connection, organiser, chosen) == wanted
        assert len(await bureau.office.all(connection, organiser)) == 6
        mine = await messages.messages(connection, idle.person, 0, 10)
        await messages.seen(connection, idle.person, mine[0].id, NOW)
        again = await messages.messages(connection, idle.person, 0, 10)
        assert [one.seen_at is None for one in again] == [False, True]
        assert await messages.messages(connection, silent.person, 0, 10) == []
        assert await messages.messages(connection, stranger.person, 0, 10) == []

    at_once(database_url, day)


def test_a_head_announces_to_its_own_constituency_and_a_volunteer_to_nobody(
    crew: Connection, database_url: str
) -> None:
    bureau = Bureau(database_url)
    inside = volunteer(crew, area="01-01-010111")
    volunteer(crew, area="02-01")
    organiser = volunteer(crew, area="02", roles=(("organiser", None),), consents=())
    head = volunteer(crew, area="02", roles=(("head", "01-01"),), consents=())

    async def day(connection: AsyncConnection) -> None:
        assert await bureau.told(connection, head, Chosen(area="01-01")) == {inside.person}
        for who, chosen, code in (
            (head, Chosen(), "duty.not_your_area"),
            (head, Chosen(area="01-02"), "duty.not_your_area"),
            (inside, Chosen(), "people.not_for_you"),
            (organiser, Chosen(area="99"), "duty.place_unknown"),
        ):
            with pytest.raises(Problem) as refused:
                await bureau.told(connection, who, chosen)
            assert refused.value.kind.code == code
        assert len(await bureau.office.all(connection, head)) == 1

    at_once(database_url, day)
