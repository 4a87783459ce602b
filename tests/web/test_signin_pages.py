"""Signing in by plain forms: network, telephone, code; the same answer for everybody, and no way to another site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from sapparot.base.database import connect
from sapparot.people import Vault
from sapparot.people.messages.facts import Letter
from sapparot.people.messages.worker import USE
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.cast import Browser, person, signed_in
from tests.web.leading import leading, send, words


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("signin"), senders="page") as running:
        yield running


def handle_in(body: bytes) -> str:
    found = re.search(rb'name="handle" value="([^"]+)"', body)
    assert found, body[-2000:]
    return found[1].decode()


def newest_code(front: Front) -> str:
    """The code in the newest message, as the telephone shows it."""
    with connect(front.url) as connection:
        row = connection.execute("SELECT person, sealed FROM people.messages ORDER BY made_at DESC LIMIT 1").fetchone()
    assert row
    letter = Vault(front.settings.data / "secrets").open(row[0], row[1], Letter, USE)
    code = re.search(r"\d{6}", letter.text)
    assert code
    return code[0]


def test_an_organiser_signs_in_with_the_code_and_out_again(front: Front) -> None:
    person(front, roles=("organiser",), who=("ผู้จัด หนึ่ง", "+66811110001"))
    browser = Browser(front)
    assert "There is no password" in words(browser.get("/en/sign-in"))
    asked = send(browser, "/en/sign-in", network=NETWORK, phone="081-111-0001", next="/en/organise/people")
    handle, code = handle_in(asked.body), newest_code(front)
    wrong = send(
        browser, "/en/sign-in/code", handle=handle, code="000000" if code != "000000" else "111111", network=NETWORK
    )
    assert wrong.status == 400 and handle_in(wrong.body) == handle
    typed = f"{code[:3]} {code[3:]}"
    done = send(browser, "/en/sign-in/code", handle=handle, code=typed, network=NETWORK, next="/en/organise/people")
    assert (done.status, done.headers["location"]) == (303, "/en/organise/people")
    assert "HttpOnly" in done.headers["set-cookie"]
    assert browser.get("/organise").status == 200
    assert browser.get("/en/sign-in/on").headers["location"] == "/en/organise"
    assert send(browser, "/en/sign-in/out").headers["location"] == "/en/sign-in"
    assert browser.get("/organise").status == 303


def test_a_telephone_that_nobody_has_hears_the_same(front: Front) -> None:
    person(front, who=("อาสา หนึ่ง", "+66811110002"))
    pages = []
    for phone in ("0811110002", "0899999999"):
        answer = send(Browser(front), "/en/sign-in", network=NETWORK, phone=phone)
        pages.append(words(answer).replace(phone, ""))
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    ("network", "phone"),
    [("", "0811110001"), (NETWORK, ""), (NETWORK, "12"), ("nowhere", "0811110001"), (NETWORK, "x" * 500)],
)
def test_what_is_missing_or_wrong_is_said_in_place(front: Front, network: str, phone: str) -> None:
    answer = send(Browser(front), "/en/sign-in", network=network, phone=phone)
    assert answer.status in (400, 404, 429)
    assert b'role="alert"' in answer.body and b'name="phone"' in answer.body


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil", "/organise?x=1", "/static/../x", "javascript:1"]
)
def test_nobody_is_led_to_another_place(front: Front, where: str) -> None:
    page = Browser(front).get(f"/sign-in?next={quote(where)}")
    assert b'name="next"' not in page.body
    assert b"evil" not in page.body


def test_each_role_is_led_to_its_work(front: Front) -> None:
    for roles, where in (
        ((), "/app#/signed-in"),
        (("head:10-01",), "/head"),
        (("organiser", "head:10-01"), "/organise"),
    ):
        assert signed_in(front, person(front, roles=roles)).get("/sign-in/on").headers["location"] == where


def test_who_waits_for_approval_is_told_so(front: Front) -> None:
    person(front, state="waiting", who=("รอ อนุมัติ", "+66811110003"))
    browser = Browser(front)
    asked = send(browser, "/en/sign-in", network=NETWORK, phone="0811110003")
    done = send(browser, "/en/sign-in/code", handle=handle_in(asked.body), code=newest_code(front), network=NETWORK)
    assert "has not approved you yet" in words(done, 403)


def test_no_telephone_stands_in_an_address(front: Front) -> None:
    browser = Browser(front)
    asked = send(browser, "/sign-in", network=NETWORK, phone="0811110001")
    assert not re.search(rb'(href|action)="[^"]*0811110001', asked.body)
