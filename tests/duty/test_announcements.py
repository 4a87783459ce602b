"""Announcements reach whom they are for, once, and networks stay apart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest

from sapparot.base.clock import FixedClock
from sapparot.base.database import AsyncConnection, Connection, pool
from sapparot.base.problems import Problem
from sapparot.base.text import Text
from sapparot.duty.announcements import store as messages
from sapparot.duty.announcements.facts import Announcement, Chosen
from sapparot.duty.announcements.office import AnnouncementOffice, Draft
from sapparot.people.messages import Mailings
from sapparot.people.signin.facts import Identity
from tests.duty.crew import add_networks, roster, volunteer

NOW = datetime(2026, 2, 1, tzinfo=UTC)
T = TypeVar("T")
SAID = Text("ก", "a")


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

    def __init__(self, url: str, per_day: tuple[int, int] = (1000, 3)) -> None:
        self.roster = roster(url, FixedClock(NOW))
        self.office = AnnouncementOffice(self.roster, FixedClock(NOW), Mailings(FixedClock(NOW), per_day, ready=True))

    async def told(self, connection: AsyncConnection, who: Identity, chosen: Chosen) -> set[UUID]:
        seen = await self.office.preview(connection, who, chosen, SAID)
        made = await self.announce(connection, who, chosen)
        assert (seen.people, made.sent) == (made.people, {"in_app": made.people} if made.people else {})
        reached = {each.person for each in await messages.deliveries(connection, made.id, None, 100)}
        assert made.people == len(reached)
        return reached

    async def announce(
        self, connection: AsyncConnection, who: Identity, chosen: Chosen, draft: UUID | None = None, **more: Any
    ) -> Announcement:
        return await self.office.announce(connection, who, Draft(draft or uuid4(), chosen, SAID, **more))


def test_an_announcement_reaches_whom_it_is_for_and_nobody_of_another_network(
    crew: Connection, database_url: str
) -> None:
    bureau = Bureau(database_url)
    busy, idle, far = volunteer(crew), volunteer(crew, area="01-01-010111"), volunteer(crew, area="02-01")
    silent, stranger = volunteer(crew, consents=("duty",)), volunteer(crew, "sao")
    organiser = volunteer(crew, area="02", roles=(("organiser", None),), consents=())
    crew.execute("UPDATE people.persons SET trained_at = %s WHERE id = %s", (NOW, idle.person))
    crew.commit()

    async def day(connection: AsyncConnection) -> None:
        await bureau.roster.choose(connection, busy, "01-02-010121-001", ("final",))
        for chosen, wanted in (
            (Chosen(), {busy.person, idle.person, far.person}),
            (Chosen(state="none"), {idle.person, far.person}),
            (Chosen(state="accepted"), {busy.person}),
            (Chosen(job="final"), {busy.person}),
            (Chosen(job="progress"), set()),
            (Chosen(area="01-02"), {busy.person}),
            (Chosen(trained=True), {idle.person}),
            (Chosen(trained=False), {busy.person, far.person}),
            (Chosen(trained=True, area="02"), set()),
        ):
            assert await bureau.told(connection, organiser, chosen) == wanted
        assert len(await bureau.office.all(connection, organiser)) == 9
        mine = await messages.messages(connection, idle.person, 0, 10)
        await messages.seen(connection, idle.person, mine[0].id, NOW)
        again = await messages.messages(connection, idle.person, 0, 10)
        assert [one.seen_at is None for one in again] == [False, True, True]
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


def test_a_draft_is_announced_once_however_often_and_at_once_it_is_sent(crew: Connection, database_url: str) -> None:
    bureau = Bureau(database_url)
    reader = volunteer(crew)
    organiser = volunteer(crew, roles=(("organiser", None),), consents=())
    draft = uuid4()

    async def together() -> list[Announcement]:
        async with pool(database_url, 8) as opened:

            async def once() -> Announcement:
                async with opened.connection() as connection:
                    return await bureau.announce(connection, organiser, Chosen(), draft, mailed=True)

            return await asyncio.gather(*(once() for _ in range(8)))

    made = asyncio.run(together())
    assert {one.id for one in made} == {made[0].id}
    assert made[-1].sent == {"waiting": 1}

    async def after(connection: AsyncConnection) -> None:
        assert len(await messages.messages(connection, reader.person, 0, 10)) == 1
        assert len(await bureau.office.all(connection, organiser)) == 1

    at_once(database_url, after)
    crew.rollback()
    assert crew.execute("SELECT count(*) FROM people.messages").fetchone() == (1,)


def test_a_draft_of_one_network_is_nothing_to_another(crew: Connection, database_url: str) -> None:
    bureau = Bureau(database_url)
    volunteer(crew)
    organiser = volunteer(crew, roles=(("organiser", None),), consents=())
    stranger = volunteer(crew, "sao", roles=(("organiser", None),), consents=())

    async def day(connection: AsyncConnection) -> None:
        draft = uuid4()
        made = await bureau.announce(connection, organiser, Chosen(), draft, mailed=True)
        for refused in (
            bureau.announce(connection, stranger, Chosen(), draft),
            bureau.office.one(connection, stranger, made.id),
            bureau.office.stop(connection, stranger, made.id),
        ):
            with pytest.raises(Problem) as problem:
                await refused
            assert problem.value.kind.code == "duty.announcement_unknown"
        assert await bureau.office.all(connection, stranger) == []
        assert (await bureau.office.one(connection, organiser, made.id)).stopped_at is None

    at_once(database_url, day)


def test_what_costs_too_much_is_announced_to_nobody_and_who_did_not_agree_is_counted(
    crew: Connection, database_url: str
) -> None:
    bureau = Bureau(database_url)
    volunteer(crew)
    volunteer(crew, consents=("duty",))
    organiser = volunteer(crew, roles=(("organiser", None),), consents=())

    async def day(connection: AsyncConnection) -> None:
        seen = await bureau.office.preview(connection, organiser, Chosen(), SAID)
        assert (seen.people, seen.not_agreed, seen.parts, seen.left, seen.text.en) == (1, 1, 1, 1000, "k: a")
        with pytest.raises(Problem) as refused:
            await bureau.announce(connection, organiser, Chosen(), mailed=True, most=0)
        assert refused.value.kind.code == "people.mailing_costlier"
        assert await bureau.office.all(connection, organiser) == []
        made = await bureau.announce(connection, organiser, Chosen(), mailed=True, most=1)
        assert (made.sent, made.parts) == ({"waiting": 1}, 1)
        stopped = await bureau.office.stop(connection, organiser, made.id)
        assert (stopped.sent, stopped.reasons) == ({"failed": 1}, {"stopped": 1})
        assert stopped.stopped_at is not None
        [one] = await bureau.office.reached(connection, stopped, None, 10)
        assert (one.sent, one.reason and one.reason.en) == ("failed", "Stopped")

    at_once(database_url, day)


def test_a_head_has_a_bound_of_its_own_within_that_of_the_network(crew: Connection, database_url: str) -> None:
    bureau, chosen = Bureau(database_url), Chosen(area="01-01")
    for _ in range(2):
        volunteer(crew, area="01-01")
    organiser = volunteer(crew, roles=(("organiser", None),), consents=())
    one, other = (volunteer(crew, roles=(("head", "01-01"),), consents=()) for _ in range(2))

    async def day(connection: AsyncConnection) -> None:
        assert (await bureau.office.preview(connection, one, chosen, SAID)).left == 3
        await bureau.announce(connection, one, chosen, mailed=True)
        assert (await bureau.office.preview(connection, one, chosen, SAID)).left == 1
        with pytest.raises(Problem) as refused:
            await bureau.announce(connection, one, chosen, mailed=True)
        assert refused.value.kind.code == "people.mailing_head_full"
        assert (await bureau.announce(connection, one, chosen)).sent == {"in_app": 2}, "in the app it costs nothing"
        await bureau.announce(connection, other, chosen, mailed=True)
        assert (await bureau.office.preview(connection, organiser, chosen, SAID)).left == 1000 - 4
        await bureau.announce(connection, organiser, chosen, mailed=True)

    at_once(database_url, day)


def test_all_heads_together_leave_half_of_a_networks_day_to_its_organisers(crew: Connection, database_url: str) -> None:
    bureau, chosen = Bureau(database_url, (9, 3)), Chosen(area="01-01")
    for _ in range(2):
        volunteer(crew, area="01-01")
    organiser = volunteer(crew, roles=(("organiser", None),), consents=())
    one, second, third = (volunteer(crew, roles=(("head", "01-01"),), consents=()) for _ in range(3))

    async def day(connection: AsyncConnection) -> None:
        for head, left in ((one, 3), (second, 2), (third, 0)):
            assert (await bureau.office.preview(connection, head, chosen, SAID)).left == left
            if left:
                await bureau.announce(connection, head, chosen, mailed=True)
        with pytest.raises(Problem) as refused:
            await bureau.announce(connection, third, chosen, mailed=True)
        assert refused.value.kind.code == "people.mailing_head_full"
        assert (await bureau.office.preview(connection, organiser, chosen, SAID)).left == 5
        for _ in range(2):
            await bureau.announce(connection, organiser, chosen, mailed=True)
        with pytest.raises(Problem) as refused:
            await bureau.announce(connection, organiser, chosen, mailed=True)
        assert refused.value.kind.code == "people.mailing_day_full"

    at_once(database_url, day)
