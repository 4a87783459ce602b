"""Odd, huge and hostile input at the doors of people is answered with a problem, never with an error, and opens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import web_side
from tests.people.cast import Browser, person, said, signed_in

NOBODY = UUID("82b968b1-51eb-4d28-b754-6f2d481a85a2")
"""An id that no person has; the same in every process, so that tests are named alike."""
OWN = f"/v1/networks/{NETWORK}"
BODIES: tuple[object, ...] = (
    b"", b"{", b"[]", b"null", b"\xff", b"[" * 3000, {}, [], "x", 7, None,
    {"people": ["x"]}, {"people": []}, {"people": [str(NOBODY)] * 501}, {"person": str(NOBODY), "role": "king"},
    {"person": str(NOBODY), "role": "head", "area": "../../etc"}, {"person": "0", "role": "head"}, {"version": 2**70},
    {"name": "\x00", "lang": "xx"}, {"name": "ก" * 121}, {"name": "\u202e"}, {"name": "\ud800"}, {"uses": 0}, {"uses": 10**9},
    {"uses": 1, "label": "\x00"}, {"state": "erased"}, {"state": "left", "branch": "yes"}, {"confirm": "\x00"},
    {"consents": [{"purpose": "duty", "th": "x", "en": "x"}]}, {"colour": "#00000g"}, {"welcome": {"th": "x"}}, {"unknown": 1},
)  # fmt: skip
PATHS: tuple[tuple[str, str], ...] = (
    ("PATCH", OWN), ("POST", f"{OWN}/approvals"), ("POST", f"{OWN}/people/{NOBODY}/end"), ("POST", f"{OWN}/imports"),
    ("POST", f"{OWN}/invites"), ("POST", f"{OWN}/leave"), ("POST", f"{OWN}/expel"), ("POST", "/v1/grants"), ("PATCH", "/v1/me"),
    ("PUT", "/v1/me/consents/duty"), ("POST", "/v1/me/invites"), ("POST", "/v1/areas/10-01/approvals"),
)  # fmt: skip
ODD_PATHS = (
    "/v1/networks/%00", "/v1/networks/..%2f..", "/v1/networks/" + "x" * 3000, f"{OWN}/people?q=%00", f"{OWN}/people?q=%ff",
    f"{OWN}/people?after=x", f"{OWN}/people?limit=x", f"{OWN}/people?limit=99999999999999999999", f"{OWN}/people?state=king",
    f"{OWN}/people?area=%25", f"{OWN}/people?area=%00", f"{OWN}/people?q=" + "%E0%B8%81" * 500, f"{OWN}/people?q=+66",
    f"{OWN}/people?after={NOBODY}", f"{OWN}/invites?before=x", f"{OWN}/invites?before=0001-01-01T00:00:00Z",
    "/v1/me/reads?before=99999999999999999999999", "/v1/me/reads?before=-1", "/v1/grants?before=9223372036854775808",
    "/v1/areas/%00/waiting", "/v1/areas/10-01/waiting?after=x",
)  # fmt: skip


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side."""
    with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as running:
        yield running


@pytest.fixture(scope="module")
def mighty(front: Front) -> Browser:
    """Somebody with every role, so that what is refused is refused for what it is."""
    return signed_in(front, person(front, roles=("organiser", "centre", "lead", "head:10-01")))


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_no_body_whatever_it_holds_is_answered_with_an_error(
    front: Front, mighty: Browser, method: str, path: str
) -> None:
    before = _people(front)
    for body in BODIES:
        answer = mighty.call(method, path, body)
        assert answer.status < 500, (body, answer.body)
        if answer.status >= 400:
            assert answer.problem["detail_th"] and answer.problem["detail"] and "." in answer.problem["code"]
    assert _people(front) == before


@pytest.mark.parametrize("path", ODD_PATHS)
def test_no_path_and_no_query_is_answered_with_an_error(mighty: Browser, path: str) -> None:
    answer = mighty.get(path)
    assert answer.status < 500, answer.body
    assert answer.status == 200 or answer.problem["detail_th"]


@pytest.mark.parametrize("number", ["0", "-1", "9223372036854775808", "x", "1.5"])
def test_no_number_of_a_grant_is_answered_with_an_error(mighty: Browser, number: str) -> None:
    assert mighty.call("DELETE", f"/v1/grants/{number}").status in (400, 404)


def test_another_sites_page_changes_nothing(front: Front) -> None:
    browser = signed_in(front, person(front))
    for site in ("cross-site", "same-site"):
        assert browser.call("DELETE", "/v1/me", None, sec_fetch_site=site).status == 403
    assert said(browser.get("/v1/me"))["state"] == "active"


def test_the_description_names_every_door_of_people(front: Front) -> None:
    described = said(Browser(front).get("/v1/openapi.json"))["paths"]
    assert {"/v1/networks", "/v1/me/data", "/v1/grants/{id}", "/v1/networks/{id}/people.csv"} <= set(described)


def _people(front: Front) -> list[tuple[object, ...]]:
    with connect(front.url) as connection:
        return connection.execute("SELECT id, network, state, area, level FROM people.persons ORDER BY id").fetchall()
