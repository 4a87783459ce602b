"""A session says who calls, until it is too old, unused for too long, ended, or its person is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import web_side
from tests.people.cast import Browser, code_of, person, said, signed_in


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side."""
    with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as running:
        yield running


def test_who_is_signed_in_is_told_who_they_are(front: Front) -> None:
    who = person(front, level=2, roles=("head:10-01", "organiser"))
    me = said(signed_in(front, who).get("/v1/me"))
    assert {name: me[name] for name in ("person", "network", "level")} == {
        "person": str(who), "network": NETWORK, "level": 2,
    }  # fmt: skip
    assert me["roles"] == [{"role": "head", "area": "10-01"}, {"role": "organiser", "area": None}]


def test_an_answer_about_somebody_is_kept_by_no_cache(front: Front) -> None:
    browser = signed_in(front, person(front))
    assert browser.get("/v1/me").headers["cache-control"] == "no-store"
    assert Browser(front).get("/v1/me").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "cookie",
    ["", "sapparot_session=", "sapparot_session=short", "sapparot_session=" + "A" * 43, "x=" + "A" * 43,
     "sapparot_session=" + "ก" * 3, "sapparot_session=" + "A" * 9000],
)  # fmt: skip
def test_without_a_session_nobody_is_known(front: Front, cookie: str) -> None:
    answer = front.call("GET", "/v1/me", cookie=cookie.encode().decode("latin-1"))
    assert code_of(answer) == (401, "people.sign_in_first")


def test_two_cookies_of_one_name_are_nobody(front: Front) -> None:
    own, other = signed_in(front, person(front)), signed_in(front, person(front))
    both = f"sapparot_session={own.token}; sapparot_session={other.token}"
    assert code_of(front.call("GET", "/v1/me", cookie=both)) == (401, "people.sign_in_first")


def test_signing_out_ends_the_session_at_once_and_takes_the_cookie(front: Front) -> None:
    browser = signed_in(front, person(front))
    copy = Browser(front, browser.token)
    answer = browser.post("/v1/sign-out")
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert code_of(copy.get("/v1/me")) == (401, "people.sign_in_first")


@pytest.mark.parametrize("state", ["listed", "applied", "left", "expelled", "erased"])
def test_who_is_not_active_is_not_signed_in(front: Front, state: str) -> None:
    assert code_of(signed_in(front, person(front, state=state)).get("/v1/me")) == (401, "people.sign_in_first")


def test_who_waits_for_approval_is_told_so_and_needs_no_new_session_afterwards(front: Front) -> None:
    who = person(front, state="waiting")
    browser = signed_in(front, who)
    assert said(browser.get("/v1/me"))["state"] == "waiting"
    assert code_of(browser.get("/v1/me/invites")) == (403, "people.not_yet_approved")
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET state = 'active' WHERE id = %s", (who,))
    assert browser.get("/v1/me/invites").status == 200


def test_who_waits_sees_everything_that_is_held_and_may_take_it_all_back(front: Front) -> None:
    browser = signed_in(front, person(front, state="waiting"))
    assert said(browser.get("/v1/me/data"))["me"]["state"] == "waiting"
    assert browser.get("/v1/me/reads").status == 200
    assert said(browser.call("DELETE", "/v1/me"))["persons"] == 1
    assert code_of(browser.get("/v1/me")) == (401, "people.sign_in_first")


DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("roles", "level", "ago", "seen", "stands"),
    [
        ((), 1, 89 * DAY, HOUR, True), ((), 1, 91 * DAY, HOUR, False), ((), 1, 40 * DAY, 29 * DAY, True),
        ((), 1, 40 * DAY, 31 * DAY, False), ((), 2, 2 * DAY, HOUR, True), ((), 2, 4 * DAY, HOUR, False),
        (("organiser",), 1, 2 * DAY, 11 * HOUR, True), (("organiser",), 1, 2 * DAY, 13 * HOUR, False),
        (("centre",), 1, 4 * DAY, HOUR, False),
    ],
)  # fmt: skip
def test_a_session_ends_by_age_and_by_silence_sooner_for_who_has_a_role(
    front: Front, roles: tuple[str, ...], level: int, ago: timedelta, seen: timedelta, stands: bool
) -> None:
    browser = signed_in(front, person(front, level=level, roles=roles), ago, seen)
    assert (browser.get("/v1/me").status == 200) is stands


def test_using_a_session_keeps_it_awake(front: Front) -> None:
    who = person(front)
    signed_in(front, who, 20 * DAY, 20 * DAY).get("/v1/me")
    with connect(front.url) as connection:
        [(idle,)] = connection.execute(
            "SELECT now() - seen_at FROM people.sessions WHERE person = %s", (who,)
        ).fetchall()
    assert idle < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({"sec_fetch_site": "same-origin"}, True), ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False), ({"sec_fetch_site": "cross-site", "origin": "http://localhost"}, False),
        ({"origin": "http://localhost"}, True), ({"origin": "https://LOCALHOST"}, True), ({"origin": "null"}, False),
        ({"origin": "http://localhost.evil.example"}, False), ({"origin": "http://evil.example/localhost"}, False),
        ({"origin": "http://[::"}, False), ({"origin": ""}, False), ({}, False),
    ],
)  # fmt: skip
def test_only_pages_of_this_host_can_change_something_with_a_session(
    front: Front, headers: dict[str, str], passes: bool
) -> None:
    browser = signed_in(front, person(front))
    answer = front.call(
        "POST", "/v1/sign-out", None, host="localhost", cookie=f"sapparot_session={browser.token}", **headers
    )
    assert (answer.status == 204) is passes
    assert (browser.get("/v1/me").status == 200) is not passes
    if not passes:
        assert code_of(answer) == (403, "base.cross_origin")


@pytest.mark.parametrize(("host", "secure"), [("localhost:8000", False), ("127.0.0.1", False), ("[::1]:80", False),
                                              ("count.example", True), ("localhost.example", True)])  # fmt: skip
def test_the_cookie_travels_in_the_clear_on_this_machine_only(front: Front, host: str, secure: bool) -> None:
    browser = signed_in(front, person(front))
    name = "__Host-sapparot_session" if secure else "sapparot_session"
    cookie = browser.call("POST", "/v1/sign-out", host=host, cookie=f"{name}={browser.token}").headers["set-cookie"]
    assert cookie.startswith(f"{name}=;") and "Path=/;" in cookie and "Domain" not in cookie
    assert ("Secure" in cookie) is secure
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_what_a_neighbour_of_the_host_could_have_set_is_no_session(front: Front) -> None:
    own = signed_in(front, person(front)).token
    for name, host, status in [
        ("sapparot_session", "count.example", 401), ("__Host-sapparot_session", "count.example", 200),
        ("__Host-sapparot_session", "localhost", 401), ("sapparot_session", "localhost", 200),
    ]:  # fmt: skip
        assert front.call("GET", "/v1/me", host=host, cookie=f"{name}={own}").status == status
    both = f"sapparot_session={'A' * 43}; __Host-sapparot_session={own}"
    assert front.call("GET", "/v1/me", host="count.example", cookie=both).status == 200


def test_what_is_asked_for_somebody_else_than_who_is_signed_in_is_refused_and_changes_nobody(front: Front) -> None:
    mother, son = person(front), person(front)
    browser = signed_in(front, son)
    for method, path in (("GET", "/v1/me"), ("DELETE", "/v1/me"), ("POST", "/v1/me/devices")):
        answer = browser.call(method, path, x_sapparot_person=str(mother))
        assert code_of(answer) == (401, "people.other_person") and answer.problem["detail_th"]
    assert said(browser.call("GET", "/v1/me", x_sapparot_person=str(son)))["person"] == str(son)
    assert said(signed_in(front, mother).get("/v1/me"))["person"] == str(mother)
