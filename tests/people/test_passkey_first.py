"""Who has a role and a passkey does the work of the role after signing in with the passkey; a code alone opens what a volunteer does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front, Phone, Served
from tests.people.arriving import found, web_side
from tests.people.authenticator import Authenticator
from tests.people.cast import Browser, code_of, person, said, signed_in
from tests.web.leading import send

FIRST = (403, "people.passkey_first")


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("first"), site="http://localhost") as running:
        yield running


def add(browser: Browser, device: Authenticator) -> int:
    wanted = browser.post("/v1/me/passkeys/options")
    if wanted.status != 200:
        return wanted.status
    credential = device.make(said(wanted)["publicKey"])
    return browser.post("/v1/me/passkeys", {"name": "มือถือ", "credential": credential}).status


def enter(front: Front, device: Authenticator) -> Browser:
    browser = Browser(front)
    wanted = said(browser.post("/v1/sign-in/passkey/options"))["publicKey"]
    assert browser.post("/v1/sign-in/passkey", {"credential": device.sign(wanted)}).status == 200
    return browser


def keyed(front: Front, *roles: str, level: int = 1) -> tuple[UUID, Authenticator]:
    """A person with roles and a passkey."""
    who, device = person(front, roles=roles, level=level), Authenticator()
    assert add(signed_in(front, who), device) == 201
    return who, device


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("organiser", f"/v1/networks/{NETWORK}/people"),
        ("head:10-01", "/v1/areas/10-01/waiting"),
        ("organiser", "/v1/duties/runs"),
        ("organiser", "/v1/announcements"),
    ],
)
def test_a_code_alone_opens_no_role_of_who_has_a_passkey(front: Front, role: str, path: str) -> None:
    who, device = keyed(front, role)
    by_code = signed_in(front, who)
    assert code_of(by_code.get(path)) == FIRST
    assert enter(front, device).get(path).status != 403
    assert by_code.get("/v1/me/invites").status == 200, "what volunteers do stays open"


def test_nobody_gives_roles_by_a_code_alone_who_has_a_passkey(front: Front) -> None:
    who, device = keyed(front, "centre")
    wanted = {"person": str(person(front)), "role": "organiser"}
    assert code_of(signed_in(front, who).post("/v1/grants", wanted)) == FIRST
    assert enter(front, device).post("/v1/grants", wanted).status == 201


def test_a_role_without_a_passkey_opens_by_a_code_as_before(front: Front) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    assert organiser.get(f"/v1/networks/{NETWORK}/people").status == 200


def test_the_browser_that_adds_the_passkey_goes_on_with_its_work(front: Front) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    assert add(organiser, Authenticator()) == 201
    assert organiser.get(f"/v1/networks/{NETWORK}/people").status == 200
    here = [one for one in said(organiser.get("/v1/me/sessions"))["sessions"] if one["here"]]
    assert [one["method"] for one in here] == ["passkey"]


def test_who_came_by_a_code_adds_and_removes_no_passkey_of_who_has_a_role(front: Front) -> None:
    who, device = keyed(front, "organiser")
    thief = signed_in(front, who)
    assert code_of(thief.post("/v1/me/passkeys/options")) == FIRST
    [passkey] = said(thief.get("/v1/me/passkeys"))["passkeys"]
    assert code_of(thief.call("DELETE", f"/v1/me/passkeys/{passkey['id']}")) == FIRST
    page = thief.call(
        "POST", f"/me/passkeys/{passkey['id']}/remove", b"", content_type="application/x-www-form-urlencoded"
    )
    assert page.status == 400 and "พาสคีย์" in page.body.decode()
    assert enter(front, device).call("DELETE", f"/v1/me/passkeys/{passkey['id']}").status == 204


def test_the_page_of_ones_ways_in_promises_of_a_code_only_what_it_opens(front: Front) -> None:
    page = signed_in(front, keyed(front, "organiser")[0])
    thai, english = (page.get(path).body.decode() for path in ("/me", "/en/me"))
    assert "ใช้ได้เสมอ" not in thai and "always" not in english
    assert "เปิดด้วยพาสคีย์เท่านั้น" in thai and "only the passkey opens that work" in english


def test_a_volunteer_who_has_a_passkey_needs_it_for_nothing(front: Front) -> None:
    who, _ = keyed(front)
    browser = signed_in(front, who)
    assert add(browser, Authenticator()) == 201
    browser = signed_in(front, who)
    for passkey in said(browser.get("/v1/me/passkeys"))["passkeys"]:
        assert browser.call("DELETE", f"/v1/me/passkeys/{passkey['id']}").status == 204


def enrol(front: Front, browser: Browser, who: UUID) -> Any:
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET trained_at = now() WHERE id = %s", (who,))
    return said(browser.call("POST", "/v1/me/devices", Phone().ask(""), content_type="application/jose"))["level"]


def test_a_phone_that_is_enrolled_after_a_code_alone_reports_as_a_volunteers(front: Front) -> None:
    who, device = keyed(front, "lead", level=3)
    by_code, by_passkey = signed_in(front, who), enter(front, device)
    assert enrol(front, by_code, who) == 1 == said(by_code.get("/v1/me"))["level"], "and nothing higher is offered"
    assert enrol(front, by_passkey, who) == 3 == said(by_passkey.get("/v1/me"))["level"]


def test_a_passkey_from_before_devices_found_them_holds_no_role_back_until_somebody_signs_in_with_it(
    front: Front,
) -> None:
    who, device = keyed(front, "organiser")
    with connect(front.url) as connection:
        connection.execute("UPDATE people.passkeys SET resident = false WHERE person = %s", (who,))
    by_code, path = signed_in(front, who), f"/v1/networks/{NETWORK}/people"
    assert by_code.get(path).status == 200
    assert enter(front, device).get(path).status == 200
    assert code_of(by_code.get(path)) == FIRST


@pytest.mark.parametrize(("page", "next"), [("/organise", "/organise"), ("/en/organise/people", "/organise/people")])
def test_a_page_says_which_way_in_is_missing_and_leads_there(front: Front, page: str, next: str) -> None:
    who, _ = keyed(front, "organiser")
    answer = signed_in(front, who).get(page)
    text = answer.body.decode()
    assert answer.status == 403 and "people.passkey_first" in text
    assert "/sign-in?next=" in text and next in text


def test_after_a_code_who_leads_is_led_to_the_page_that_asks_for_the_passkey(front: Front) -> None:
    who, _ = keyed(front, "organiser")
    answer = signed_in(front, who).get("/sign-in/on")
    assert (answer.status, answer.headers["location"]) == (303, "/organise")


def ways(front: Front, who: UUID) -> int:
    with connect(front.url) as connection:
        cursor = connection.execute(
            "SELECT (SELECT count(*) FROM people.passkeys WHERE person = %s) + (SELECT count(*) FROM people.sessions WHERE person = %s)"
            " + (SELECT count(*) FROM people.devices WHERE person = %s AND revoked_at IS NULL)",
            (who, who, who),
        )
        row = cursor.fetchone()
    assert row
    return int(row[0])


@pytest.mark.parametrize(
    ("whose", "by", "code"),
    [
        ((), "organiser", 200), (("head:10-01",), "organiser", 200), (("head:10-01",), "centre", 200),
        (("organiser",), "centre", 200), (("lead",), "centre", 200), (("reviewer",), "lead", 200),
        (("reviewer",), "centre", 200), (("lead",), "organiser", 403), (("organiser",), "organiser", 403),
        (("organiser",), "lead", 403), (("centre",), "centre", 403), (("head:10-01", "reviewer"), "organiser", 403),
        ((), "lead", 403), ((), "head:10-01", 403),
    ],
)  # fmt: skip
def test_whoever_is_above_somebody_closes_the_ways_in_of_a_lost_phone(
    front: Front, whose: tuple[str, ...], by: str, code: int
) -> None:
    who, device = keyed(front, *whose)
    enrol(front, enter(front, device), who)
    before, browser = ways(front, who), signed_in(front, person(front, roles=(by,)))
    answer = browser.call("DELETE", f"/v1/people/{who}/ways")
    assert answer.status == code, answer.body
    assert ways(front, who) == (0 if code == 200 else before)
    if code == 200:
        assert said(answer) == {"devices": 1}
        assert signed_in(front, who).get("/v1/me").status == 200, "the telephone number stays"


def test_nobody_closes_their_own_ways_and_none_of_another_network(front: Front) -> None:
    who = person(front, roles=("organiser", "centre"))
    assert code_of(signed_in(front, who).call("DELETE", f"/v1/people/{who}/ways")) == (403, "people.not_to_yourself")
    found(front, "teachers")
    other = person(front, "teachers")
    organiser = signed_in(front, person(front, roles=("organiser",)))
    assert code_of(organiser.call("DELETE", f"/v1/people/{other}/ways")) == (403, "people.not_yours_to_grant")


@pytest.mark.parametrize("path", ["/v1/people/{who}/ways", f"/v1/networks/{NETWORK}/people/{{who}}/devices"])
def test_a_lost_phone_takes_the_chat_account_along_and_leaves_the_key_of_text_messages(front: Front, path: str) -> None:
    who = person(front)
    enrol(front, signed_in(front, who), who)
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until, channel)"
            " SELECT %s, key, network, level, person, enrolled_at, until, 'text' FROM people.devices WHERE person = %s",
            (f"text-{who}", who),
        )
        connection.execute(
            "INSERT INTO texting.accounts (account, person, at) VALUES (%s, %s, now())", (who.bytes * 2, who)
        )
    organiser = signed_in(front, person(front, roles=("organiser",)))
    assert said(organiser.call("DELETE", path.format(who=who))) == {"devices": 1}
    with connect(front.url) as connection:
        left = connection.execute(
            "SELECT kid FROM people.devices WHERE person = %s AND revoked_at IS NULL", (who,)
        ).fetchall()
        bound = connection.execute("SELECT 1 FROM texting.accounts WHERE person = %s", (who,)).fetchall()
    assert (left, bound) == ([(f"text-{who}",)], [])


AGAIN = (403, "people.sign_in_again")


def test_what_is_grave_needs_a_sign_in_a_short_while_ago(front: Front) -> None:
    late = signed_in(front, person(front, roles=("organiser", "centre")), ago=timedelta(minutes=16))
    who = person(front)
    own = f"/v1/networks/{NETWORK}"
    assert code_of(late.get(f"{own}/people.csv")) == AGAIN
    assert code_of(late.post(f"{own}/leave", {"confirm": NETWORK})) == AGAIN
    assert code_of(late.post(f"{own}/expel", {"confirm": NETWORK})) == AGAIN
    assert code_of(late.post("/v1/grants", {"person": str(who), "role": "organiser"})) == AGAIN
    assert code_of(late.call("DELETE", f"/v1/people/{who}/ways")) == AGAIN
    page = send(late, f"/organise/people/{who}/head", area="10-01")
    assert page.status == 403 and "people.sign_in_again" in page.body.decode() and "/sign-in" in page.body.decode()
    assert "people.csv" not in late.get("/organise/people").body.decode()
    fresh = signed_in(front, person(front, roles=("organiser", "centre")))
    assert fresh.get(f"{own}/people.csv").status == 200
    assert "people.csv" in fresh.get("/organise/people").body.decode()
    assert fresh.post("/v1/grants", {"person": str(who), "role": "head", "area": "10-01"}).status == 201


def test_an_organiser_closes_the_ways_of_a_head_on_a_page(front: Front) -> None:
    who, _ = keyed(front, "head:10-01")
    organiser = signed_in(front, person(front, roles=("organiser",)))
    assert "โทรศัพท์หรือพาสคีย์หาย" in organiser.get(f"/organise/people/{who}").body.decode()
    assert "ปิดทางเข้าทั้งหมดแล้ว" in send(organiser, f"/organise/people/{who}/lost").body.decode()
    assert ways(front, who) == 0


@pytest.mark.parametrize("role", ["lead", "centre", "organiser", "reviewer"])
def test_devices_of_who_is_above_are_not_revoked_from_below(front: Front, role: str) -> None:
    who = person(front, roles=(role,))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET area = '10-01' WHERE id = %s", (who,))
    enrol(front, signed_in(front, who), who)
    with connect(front.url) as connection:
        row = connection.execute("SELECT kid FROM people.devices WHERE person = %s", (who,)).fetchone()
    assert row
    organiser, head = (signed_in(front, person(front, roles=(one,))) for one in ("organiser", "head:10-01"))
    above = (403, "people.above_you")
    assert code_of(organiser.call("DELETE", f"/v1/networks/{NETWORK}/people/{who}/devices")) == above
    assert code_of(head.call("DELETE", f"/v1/areas/10-01/people/{who}/devices")) == above
    assert send(organiser, f"/organise/people/{who}/phone", kid=row[0]).status == 400
    assert ways(front, who) == 2, "the device and the session stand"
