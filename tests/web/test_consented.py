"""Who agreed to be seen by heads of other networks, or by the centre, is seen by them while that stands; others never are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from sapparot.base.database import connect
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import define_small
from tests.people.cast import Browser, code_of, fresh_number, person, said, signed_in
from tests.web.leading import OTHER, leading, words

AREA, STATION = "01-01", "01-01-010111-001"
NAME = "วาสนา ยินยอมแล้ว"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with leading(databases, tmp_path_factory.mktemp("consented")) as running:
        define_small(running)
        yield running


@pytest.fixture
def guard(front: Front) -> Iterator[tuple[UUID, Browser, str]]:
    """Somebody of another network who guards the station: the person, her browser, and her device."""
    who, kid = person(front, OTHER, who=(NAME, fresh_number())), uuid4().hex + "a" * 11
    browser = signed_in(front, who)
    duties = said(browser.post("/v1/me/duties", {"place": STATION}))["duties"]
    with connect(front.url) as connection:
        connection.execute(
            "INSERT INTO people.devices (kid, key, network, level, person, enrolled_at, until)"
            " VALUES (%s, '{}', %s, 1, %s, now(), now() + interval '1 day')", (kid, OTHER, who),
        )  # fmt: skip
    yield who, browser, kid
    for duty in duties:
        browser.post(f"/v1/me/duties/{duty['id']}/drop", {"reason": ""})


def agree(browser: Browser, purpose: str) -> None:
    said(browser.call("PUT", f"/v1/me/consents/{purpose}", {"version": 1}))


def test_a_head_of_another_network_reads_the_name_from_the_consent_to_its_end(
    front: Front, guard: tuple[UUID, Browser, str]
) -> None:
    who, browser, _ = guard
    head = signed_in(front, person(front, NETWORK, level=2, roles=(f"head:{AREA}",)))
    page = f"/en/head/{AREA}/stations/{STATION}"
    before = words(head.get(page))
    assert NAME not in before and "1 person of another network guards it too" in before
    agree(browser, "head")
    assert f"{NAME} of another network; agreed to be seen by you" in words(head.get(page))
    assert "of another network guards it too" not in words(head.get(page))
    elsewhere = signed_in(front, person(front, NETWORK, level=2, roles=("head:01-02",)))
    assert elsewhere.get(page).status == 403, "only where she guards"
    assert ("head", NETWORK) in [
        (one["read"]["role"], one["read"]["network"]) for one in said(browser.get("/v1/me/reads"))["reads"]
    ]
    with connect(front.url) as connection:
        connection.execute("UPDATE duty.duties SET state = 'offered' WHERE person = %s", (who,))
    assert NAME not in words(head.get(page)), "who was only asked has said nothing yet"
    with connect(front.url) as connection:
        connection.execute("UPDATE duty.duties SET state = 'accepted' WHERE person = %s", (who,))
    assert browser.call("DELETE", "/v1/me/consents/head").status < 300
    assert NAME not in words(head.get(page))
    assert str(who) not in head.get(page).body.decode()


def test_the_centre_learns_who_reports_with_a_device_while_she_agrees(
    front: Front, guard: tuple[UUID, Browser, str]
) -> None:
    _, browser, kid = guard
    path = f"/v1/devices/{kid}/contact"
    who = person(front, roles=("centre",))
    centre = signed_in(front, who)
    assert code_of(centre.get(path)) == (404, "people.person_unknown")
    agree(browser, "head")
    assert centre.get(path).status == 404, "that is another consent"
    agree(browser, "centre")
    assert said(centre.get(path))["name"] == NAME
    assert code_of(signed_in(front, who, ago=timedelta(hours=1)).get(path)) == (403, "people.sign_in_again")
    for roles in ((), ("organiser",), (f"head:{AREA}",), ("reviewer",), ("lead",)):
        assert code_of(signed_in(front, person(front, roles=roles)).get(path)) == (403, "people.not_for_you")
    assert "centre" in {one["read"]["role"] for one in said(browser.get("/v1/me/reads"))["reads"]}
    assert browser.call("DELETE", "/v1/me/consents/centre").status < 300
    assert centre.get(path).status == 404
    assert (
        centre.get("/v1/devices/nobody/contact").status == centre.get(f"/v1/devices/{'x' * 43}/contact").status == 404
    )


def test_reading_from_afar_is_no_job_for_who_cannot_sign_a_reading(front: Front) -> None:
    volunteer = signed_in(front, person(front, level=2))
    refused = volunteer.post("/v1/me/duties", {"place": STATION, "jobs": ["reading"]})
    assert code_of(refused) == (403, "duty.level_too_low") and "war room" in refused.problem["detail"]
