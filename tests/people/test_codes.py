"""Signing in with a one-time code: the same answer for every telephone, five tries, ten minutes, once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from uuid import UUID

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Answer, Front, Served
from tests.people.arriving import ask_code, code_for, forget_pace, outbox, try_code, web_side
from tests.people.cast import Browser, code_of, person, said, signed_in

_numbers = iter(range(1000, 9999))


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("codes")) as running:
        yield running


@pytest.fixture
def phone() -> str:
    """A telephone that no other test uses."""
    return f"+6681555{next(_numbers)}"


def known(front: Front, phone: str, state: str = "active") -> UUID:
    return person(front, who=("สมศรี มาดี", phone), state=state)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_on_the_telephone_signs_its_person_in(front: Front, phone: str) -> None:
    who, browser = known(front, phone), Browser(front)
    handle = ask_code(front, phone.replace("+66", "0"))
    answer = try_code(browser, handle, code_for(front, phone))
    assert said(answer) == {"person": str(who), "network": NETWORK, "state": "active"}
    assert said(browser.get("/v1/me"))["person"] == str(who)


def test_known_and_unknown_telephones_get_the_same_answer_and_the_same_work(front: Front, phone: str) -> None:
    known(front, phone)
    unknown = phone[:-5] + "00" + phone[-3:]
    answers = [Browser(front).post("/v1/sign-in", {"network": NETWORK, "phone": each}) for each in (phone, unknown)]
    assert {answer.status for answer in answers} == {202}
    assert {len(answer.body) for answer in answers} == {len(answers[0].body)}
    with connect(front.url) as connection:
        rows = connection.execute(
            "SELECT length(sealed), person IS NULL FROM people.messages ORDER BY made_at DESC LIMIT 2"
        ).fetchall()
    assert len({size for size, _ in rows}) == 1, "the sealed messages are equally long"
    assert {nobody for _, nobody in rows} == {True, False}
    assert unknown not in str(outbox(front)), "nothing is sent to a telephone that nobody has"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_sixth_finds_it_over(front: Front, phone: str) -> None:
    known(front, phone)
    handle, browser = ask_code(front, phone), Browser(front)
    code = code_for(front, phone)
    for left in (4, 3, 2, 1, 0):
        answer = try_code(browser, handle, wrong(code))
        assert code_of(answer) == (403, "people.code_wrong")
        assert answer.problem["tries_left"] == left
    assert code_of(try_code(browser, handle, code)) == (403, "people.code_ended"), "even the right one"


def test_an_unknown_telephone_is_not_told_by_its_tries(front: Front, phone: str) -> None:
    handle = ask_code(front, phone)
    answers = [try_code(Browser(front), handle, f"{number:06}") for number in range(6)]
    assert [code_of(answer)[1] for answer in answers] == ["people.code_wrong"] * 5 + ["people.code_ended"]


def test_a_code_is_used_once_even_by_many_at_the_same_moment(front: Front, phone: str) -> None:
    known(front, phone)
    handle = ask_code(front, phone)
    code, answers = code_for(front, phone), list[Answer]()
    threads = [
        threading.Thread(target=lambda: answers.append(try_code(Browser(front), handle, code))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200, 403, 403, 403, 403]
    assert code_of(try_code(Browser(front), handle, code)) == (403, "people.code_ended")


def test_a_code_is_over_after_ten_minutes(front: Front, phone: str) -> None:
    known(front, phone)
    handle = ask_code(front, phone)
    code = code_for(front, phone)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.codes SET until = until - interval '10 minutes'")
    assert code_of(try_code(Browser(front), handle, code)) == (403, "people.code_ended")


@pytest.mark.parametrize("handle", ["", "nobody gave me this", "x" * 43, "\u0000", "ก" * 40])
def test_a_handle_that_nobody_gave_opens_nothing(front: Front, handle: str) -> None:
    assert code_of(try_code(Browser(front), handle, "123456")) == (403, "people.code_ended")


@pytest.mark.parametrize("code", ["", "12345", "1234567", "๑๒๓๔๕๖", "12 345", "abcdef", "-12345", "\u0000"])
def test_what_is_no_code_is_wrong(front: Front, phone: str, code: str) -> None:
    known(front, phone)
    assert code_of(try_code(Browser(front), ask_code(front, phone), code)) == (403, "people.code_wrong")


def test_a_second_code_within_half_a_minute_is_refused_for_known_and_unknown_alike(front: Front, phone: str) -> None:
    known(front, phone)
    for each in (phone, phone[:-5] + "01" + phone[-3:]):
        ask_code(front, each)
        answer = Browser(front).post("/v1/sign-in", {"network": NETWORK, "phone": each})
        assert code_of(answer) == (429, "people.code_too_soon")
        assert answer.headers["retry-after"]


def test_five_codes_in_an_hour_are_enough_for_one_telephone(front: Front, phone: str) -> None:
    known(front, phone)
    for _ in range(5):
        ask_code(front, phone)
        with connect(front.url) as connection:
            connection.execute("UPDATE people.codes SET made_at = made_at - interval '31 seconds'")
    answer = Browser(front).post("/v1/sign-in", {"network": NETWORK, "phone": phone})
    assert code_of(answer) == (429, "people.code_too_soon")


def test_a_crowd_that_asks_for_one_telephone_gets_one_code(front: Front, phone: str) -> None:
    known(front, phone)
    statuses: list[int] = []
    ask = {"network": NETWORK, "phone": phone}
    threads = [
        threading.Thread(target=lambda: statuses.append(Browser(front).post("/v1/sign-in", ask).status))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [429] * 7


def test_an_address_and_the_whole_installation_have_limits(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with web_side(databases, tmp_path_factory.mktemp("few"), codes_per_address=3, codes_per_minute=5) as few:
        asked = [{"network": NETWORK, "phone": f"+6681666000{number}"} for number in range(6)]
        answers = [Browser(few).post("/v1/sign-in", ask) for ask in asked[:4]]
        assert [answer.status for answer in answers] == [202, 202, 202, 429]
        with connect(few.url) as connection:
            connection.execute("UPDATE people.codes SET origin = 'elsewhere'")
        answers = [Browser(few).post("/v1/sign-in", ask) for ask in asked[3:6]]
        assert [answer.status for answer in answers] == [202, 202, 503]
        assert code_of(answers[-1]) == (503, "people.codes_stopped")


def test_without_a_sender_nobody_is_promised_a_code(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with web_side(databases, tmp_path_factory.mktemp("none"), senders=None) as silent:
        answer = Browser(silent).post("/v1/sign-in", {"network": NETWORK, "phone": "0815550000"})
        assert code_of(answer) == (503, "people.codes_stopped")


@pytest.mark.parametrize("state", ["left", "expelled"])
def test_who_left_or_was_expelled_gets_no_code(front: Front, phone: str, state: str) -> None:
    known(front, phone, state)
    ask_code(front, phone)
    assert phone not in str(outbox(front))


def test_who_was_listed_takes_part_after_the_first_code(front: Front, phone: str) -> None:
    who, browser = known(front, phone, "listed"), Browser(front)
    assert said(try_code(browser, ask_code(front, phone), code_for(front, phone)))["state"] == "active"
    assert said(browser.get("/v1/me"))["person"] == str(who)


def test_two_persons_of_a_family_share_a_browser_one_after_the_other(front: Front, phone: str) -> None:
    other = f"+6681555{next(_numbers)}"
    mother, son, browser = known(front, phone), known(front, other), Browser(front)
    said(try_code(browser, ask_code(front, phone), code_for(front, phone)))
    first = Browser(front, browser.token)
    assert said(browser.get("/v1/me"))["person"] == str(mother)
    said(try_code(browser, ask_code(front, other), code_for(front, other)))
    assert said(browser.get("/v1/me"))["person"] == str(son)
    assert first.get("/v1/me").status == 401, "the session before ended: its cookie is gone from the browser"


def test_one_sees_and_ends_ones_own_sessions_and_nobody_elses(front: Front, phone: str) -> None:
    who = known(front, phone)
    here, lost, stranger = signed_in(front, who), signed_in(front, who), signed_in(front, person(front))
    listed = said(here.get("/v1/me/sessions"))["sessions"]
    assert [each["here"] for each in listed].count(True) == 1
    assert len(listed) == 2
    [away] = [each["session"] for each in listed if not each["here"]]
    assert stranger.call("DELETE", f"/v1/me/sessions/{away}").status == 204
    assert lost.get("/v1/me").status == 200
    assert here.call("DELETE", f"/v1/me/sessions/{away}").status == 204
    assert lost.get("/v1/me").status == 401
    assert here.get("/v1/me").status == 200


def test_erasing_oneself_ends_every_session_and_what_was_on_its_way(front: Front, phone: str) -> None:
    who = known(front, phone)
    here, there = signed_in(front, who), signed_in(front, who)
    ask_code(front, phone)
    assert here.call("DELETE", "/v1/me").status == 200
    assert there.get("/v1/me").status == 401
    with connect(front.url) as connection:
        left = connection.execute("SELECT count(*) FROM people.messages WHERE person = %s", (who,)).fetchone()
    assert left == (0,)


def test_nothing_in_the_tables_says_which_code_or_telephone_it_is(front: Front, phone: str) -> None:
    known(front, phone)
    handle = ask_code(front, phone)
    code = code_for(front, phone)
    with connect(front.url) as connection:
        rows = str(connection.execute("SELECT * FROM people.codes").fetchall())
        rows += str(connection.execute("SELECT * FROM people.messages").fetchall())
    assert handle not in rows
    assert phone not in rows
    assert f"'{code}'" not in rows


def test_the_newest_code_does_not_open_an_older_handle(front: Front, phone: str) -> None:
    known(front, phone)
    first = ask_code(front, phone)
    forget_pace(front)
    second = ask_code(front, phone)
    code = code_for(front, phone)
    if try_code(Browser(front), first, code).status == 200:
        pytest.skip("two codes were equal: once in a million")
    assert try_code(Browser(front), second, code).status == 200
