"""What anybody may ask for has a bound, and nothing is written before the bound is asked."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from sapparot import app
from sapparot.base.database import AsyncConnection, connect, pool
from sapparot.base.problems import Problem
from sapparot.people.importing.rules import LONGEST_PHONES, covered, people_of
from sapparot.people.importing.table import read_table
from sapparot.people.joining.reception import SPARE
from sapparot.people.organising import store as organising
from sapparot.people.signin import store
from sapparot.people.signin.rules import PER_PHONE_HOUR, token_hash
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served
from tests.people.arriving import web_side
from tests.people.cast import Browser, code_of, fresh_number, person, signed_in
from tests.people.persons_cast import NOW, SOMYING, Town

DUTY = [{"purpose": "duty", "version": 1}]
OWN = f"/v1/networks/{NETWORK}"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("bounds"), codes_per_address=10_000) as running:
        yield running


def join(front: Front, phone: str) -> Answer:
    asked = {"network": NETWORK, "name": "มาลี มีใจ", "phone": phone, "consents": DUTY}
    return Browser(front).post("/v1/join", asked)


def typed(front: Front) -> int:
    with connect(front.url) as connection:
        row = connection.execute("SELECT count(*) FROM people.applications").fetchone()
    return int(row[0]) if row else 0


def test_a_sign_up_that_gets_no_code_leaves_nothing_behind(front: Front) -> None:
    phone = fresh_number()
    assert join(front, phone).status == 202
    before = typed(front)
    assert code_of(join(front, phone)) == (429, "people.code_too_soon")
    assert typed(front) == before


def test_a_rush_of_sign_ups_leaves_connections_to_everybody_else(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sapparot.people.joining.api.MOST_WAITING", 6)
    phones = [fresh_number() for _ in range(10)]
    with psycopg.connect(front.url) as slow, ThreadPoolExecutor(len(phones)) as hands:
        slow.execute("LOCK TABLE people.applications IN SHARE MODE")
        asked = [hands.submit(join, front, phone) for phone in phones]
        refused = 0
        while refused < 4:
            refused = sum(one.done() for one in asked)
        assert Browser(front).get("/v1/networks").status == 200
        slow.rollback()
        answers = [one.result() for one in asked]
    assert sorted(answer.status for answer in answers) == [202] * 6 + [503] * 4
    told = next(answer for answer in answers if answer.status == 503)
    assert code_of(told) == (503, "base.busy") and told.headers["retry-after"]


def test_people_of_another_network_are_no_place_in_a_list(town: Town) -> None:
    stranger, own = town.person(network="teachers"), town.person(who=SOMYING)
    town.sql("UPDATE people.persons SET joined_at = joined_at + interval '1 hour' WHERE id = %s", stranger)

    async def listed(connection: AsyncConnection) -> list[UUID]:
        query = organising.Query("vote62", after=stranger)
        return [row.person.id for row in await organising.page(connection, query)]

    assert town.run(listed) == [own], "nothing of when somebody elsewhere joined is told"


def test_browsers_that_are_signed_in_do_not_grow_without_end(town: Town) -> None:
    who = town.person()

    async def begin(connection: AsyncConnection) -> None:
        for number in range(store.MOST + 5):
            await store.begin(connection, who, "code", NOW + timedelta(minutes=number), str)

    town.run(begin)
    [(kept, oldest)] = town.sql("SELECT count(*), min(began_at) FROM people.sessions WHERE person = %s", who)
    assert (kept, oldest) == (store.MOST, NOW + timedelta(minutes=5))

    async def again(connection: AsyncConnection) -> None:
        await store.begin(connection, who, "code", NOW + timedelta(days=91), str)

    town.run(again)
    assert town.sql("SELECT count(*) FROM people.sessions WHERE person = %s", who) == [(1,)]


def test_a_volunteer_does_not_make_and_cancel_links_without_end(town: Town) -> None:
    who = town.person()
    town.sql("UPDATE people.networks SET own_invites = 3 WHERE id = 'vote62'")

    async def make(connection: AsyncConnection) -> None:
        one = await town.persons.get(connection, who)
        assert one
        await town.reception.own_invite(connection, one, 1)
        await connection.execute("UPDATE people.invite_links SET ended_at = now() WHERE made_by = %s", (who,))

    for _ in range(3 + SPARE):
        town.run(make)
    with pytest.raises(Problem, match="no invites left"):
        town.run(make)


def test_a_cell_of_telephones_has_an_end() -> None:
    rows = read_table(("name,phone\nสมชาย ใจดี," + "x/" * LONGEST_PHONES + "0812345678\n").encode())
    sheet = people_of(rows)
    assert [flaw.column for flaw in sheet.flaws] == ["phone"] and not sheet.people


@pytest.mark.parametrize("sign", "=+-@＝＋－＠")
def test_signs_of_any_width_begin_no_formula(sign: str) -> None:
    assert covered(f"{sign}cmd") == f"'{sign}cmd"


def test_every_cell_of_an_export_is_quoted_and_exports_at_once_are_whole(front: Front) -> None:
    for _ in range(3):
        person(front, who=("＝สมชาย ใจดี", fresh_number()))
    organiser = signed_in(front, person(front, roles=("organiser",)))
    with ThreadPoolExecutor(6) as hands:
        answers = list(hands.map(lambda _: organiser.get(f"{OWN}/people.csv"), range(6)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    text = answers[0].body.decode("utf-8-sig")
    assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'＝สมชาย ใจดี" in cells


def test_strangers_do_not_use_up_the_codes_of_a_browser_in_which_the_person_was(front: Front) -> None:
    phone = fresh_number()
    who, asked = person(front, who=("มาลี มีใจ", phone)), {"network": NETWORK, "phone": phone}
    own, idle = signed_in(front, who), signed_in(front, who, ago=timedelta(days=60), seen=timedelta(days=60))
    for _ in range(PER_PHONE_HOUR):
        assert Browser(front).post("/v1/sign-in", asked).status == 202
        with connect(front.url) as connection:
            connection.execute("UPDATE people.codes SET made_at = made_at - interval '31 seconds'")
    too_soon = (429, "people.code_too_soon")
    other = signed_in(front, person(front))
    assert code_of(other.post("/v1/sign-in", asked)) == too_soon, "somebody else's session is no key"
    assert idle.get("/v1/me").status == 401
    assert Browser(front, idle.token or "").post("/v1/sign-in", asked).status == 202, "also when the session is over"
    assert code_of(own.post("/v1/sign-in", asked)) == too_soon, "all browsers of the person have one room"
    assert code_of(own.post("/v1/join", asked | {"name": "ก", "consents": DUTY})) == too_soon


def test_sessions_that_stand_are_not_refused_for_guesses_of_the_same_address(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.base.guard.STRANGERS_PER_MINUTE", 3)
    with web_side(databases, tmp_path_factory.mktemp("guessed")) as running:
        own, phone = signed_in(running, person(running)), running.stranger()
        assert own.get("/v1/me").status == 200
        guesses = [Browser(running, f"{number:043}").get("/v1/me").status for number in range(20)]
        assert guesses[:3] == [401] * 3 and 429 in guesses
        assert own.get("/v1/me").status == 200
        assert running.post(phone, phone.report()).status == 202
        assert Browser(running, "x" * 43).get("/v1/me").status in (401, 429)


def test_a_session_that_was_not_seen_since_the_start_passes_guesses_of_the_same_address_until_it_ends(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sapparot.base.guard.STRANGERS_PER_MINUTE", 3)
    with web_side(databases, tmp_path_factory.mktemp("restarted")) as running:
        own, gone = (sealed(running, person(running)) for _ in range(2))
        with connect(running.url) as connection:
            connection.execute("DELETE FROM people.sessions WHERE token_hash = %s", (token_hash(gone.token),))
        for number in range(20):
            Browser(running, f"{number:043}").get("/v1/me")
        assert Browser(running, "x" * 43).get("/v1/me").status == 429
        assert own.get("/v1/me").status == 200
        assert [gone.get("/v1/me").status for _ in range(3)] == [401, 429, 429], "an ended one is looked for once"


def sealed(front: Front, who: UUID) -> Browser:
    """A browser in which somebody signed in, unknown to the process that runs now."""

    async def begin() -> str:
        async with pool(front.url, 1) as opened, opened.connection() as connection:
            return await store.begin(connection, who, "code", datetime.now(UTC), app.device_tokens(front.settings).seal)

    return Browser(front, asyncio.run(begin()))
