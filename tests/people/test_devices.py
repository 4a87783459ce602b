"""A person's phones: enrolled after the training, several of them, and a lost one reports no more from the moment it is declared lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.duty import rolls
from sapparot.people.devices.store import MOST
from tests.databases import Databases
from tests.intake.phones import Front, Phone, Served, payload, unpadded
from tests.people.arriving import define_small, web_side
from tests.people.cast import Browser, code_of, person, said, signed_in

NOWHERE = (404, "people.no_constituency")
SECONDS = 2.0
"""Within which every door refuses a revoked carrier."""


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with web_side(databases, tmp_path_factory.mktemp("devices")) as running:
        yield running


def trained(front: Front, **named: object) -> UUID:
    """A person who passed the training."""
    who = person(front, **named)  # type: ignore[arg-type]
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET trained_at = now() WHERE id = %s", (who,))
    return who


def ask(browser: Browser, phone: Phone) -> int:
    """Enrol a phone; it keeps its token."""
    answer = browser.call("POST", "/v1/me/devices", phone.ask(""), content_type="application/jose")
    if answer.status == 201:
        phone.token = said(answer)["token"]
    return answer.status


def enrolled(browser: Browser) -> Phone:
    phone = Phone()
    assert ask(browser, phone) == 201
    return phone


def refused_in_time(front: Front, phone: Phone) -> bool:
    """Tell whether the reports door refuses the phone within the time it has; a report that is still taken costs nothing."""
    until = time.monotonic() + SECONDS + 2  # machines of tests are slow
    while time.monotonic() < until:
        answer = front.post(phone, phone.report())
        if answer.status == 403:
            return bool(answer.problem["code"] == "people.device_revoked" and answer.problem["detail_th"])
        time.sleep(0.1)
    return False


def test_a_person_enrols_a_phone_and_reports_at_once(front: Front) -> None:
    browser = signed_in(front, trained(front, level=2))
    phone = enrolled(browser)
    assert front.post(phone, phone.report()).outcomes == ["accepted"]
    [device] = said(browser.get("/v1/me/devices"))["devices"]
    assert (device["kid"], device["level"], device["revoked_at"]) == (phone.key.kid, 2, None)


def test_the_log_says_nothing_about_whose_phone_it_is(front: Front) -> None:
    who = trained(front)
    phone = enrolled(signed_in(front, who))
    front.sequence()
    told = [canonical.decode(unpadded(entry["jws"].split(".")[1])) for entry in front.log("enrolment")]
    [mine] = [each for each in told if each["kid"] == phone.key.kid]
    assert set(mine) == {"from", "key", "kid", "level", "network", "until", "v"}
    assert str(who) not in str(told)


def test_the_log_tells_which_devices_of_the_war_room_are_of_one_person(front: Front) -> None:
    who = trained(front, level=2)
    old = enrolled(signed_in(front, who))
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET level = 3 WHERE id = %s", (who,))
    first, second, third = (enrolled(signed_in(front, who)) for _ in range(3))
    front.sequence()
    told = [canonical.decode(unpadded(entry["jws"].split(".")[1])) for entry in front.log("enrolment")]
    same = {each["kid"]: each.get("same") for each in told}
    assert [same[phone.key.kid] for phone in (old, first, second, third)] == [None, None, first.key.kid, first.key.kid]


def enrolments(front: Front, phone: Phone) -> list[dict[str, Any]]:
    """What the log says of a phone, one after the other."""
    front.sequence()
    told = [canonical.decode(unpadded(entry["jws"].split(".")[1])) for entry in front.log("enrolment")]
    return [each for each in told if each["kid"] == phone.key.kid]


def test_the_log_says_of_which_constituencies_a_heads_phone_may_bring_official_figures(front: Front) -> None:
    organiser = signed_in(front, person(front, roles=("organiser",)))
    who = trained(front, level=2, roles=("head:01-02",))
    phone, lost = (enrolled(signed_in(front, who)) for _ in range(2))
    signed_in(front, who).call("DELETE", f"/v1/me/devices/{lost.key.kid}")
    granted = said(organiser.post("/v1/grants", {"person": str(who), "role": "head", "area": "01-01"}))
    assert said(organiser.post("/v1/grants", {"person": str(who), "role": "head", "area": "01-01"})) == granted
    organiser.call("DELETE", f"/v1/grants/{granted['id']}")
    told = enrolments(front, phone)
    assert [each["areas"] for each in told] == [["01-02"], ["01-01", "01-02"], ["01-02"]], "only what changed is said"
    assert all(each | {"areas": None} == told[0] | {"areas": None} for each in told), "and nothing else changes"
    assert len(enrolments(front, lost)) == 1
    assert "areas" not in enrolments(front, enrolled(signed_in(front, trained(front))))[0]


def test_a_head_has_a_constituency_of_the_election(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "FRESH_SECONDS", 0.0)
    organiser, who = signed_in(front, person(front, roles=("organiser",))), str(person(front))
    assert organiser.post("/v1/grants", {"person": who, "role": "head", "area": "99-9"}).status == 201, (
        "none is known yet"
    )
    define_small(front)
    for area, wanted in (("01-02", (201, None)), ("99-9", NOWHERE), ("SM", NOWHERE), ("01-01-010111", NOWHERE)):
        answer = organiser.post("/v1/grants", {"person": who, "role": "head", "area": area})
        assert (answer.status, json.loads(answer.body).get("code")) == wanted, area


def test_the_training_comes_first(front: Front) -> None:
    who = person(front)
    browser, phone = signed_in(front, who), Phone()
    answer = browser.call("POST", "/v1/me/devices", phone.ask(""), content_type="application/jose")
    assert code_of(answer) == (403, "people.training_first")
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET trained_at = now() WHERE id = %s", (who,))
    assert ask(browser, phone) == 201


def test_without_the_rule_of_training_a_phone_is_enrolled_at_once(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with web_side(databases, tmp_path_factory.mktemp("untrained"), training_first=False) as open_house:
        assert ask(signed_in(open_house, person(open_house)), Phone()) == 201


def test_asking_again_gives_the_same_device_and_a_key_of_somebody_else_is_refused(front: Front) -> None:
    own, other = signed_in(front, trained(front)), signed_in(front, trained(front))
    phone = enrolled(own)
    token = phone.token
    assert ask(own, phone) == 201
    assert phone.token == token
    answer = other.call("POST", "/v1/me/devices", phone.ask(""), content_type="application/jose")
    assert code_of(answer) == (409, "people.device_taken")
    invited = front.phone()
    answer = own.call("POST", "/v1/me/devices", invited.ask(""), content_type="application/jose")
    assert code_of(answer) == (409, "people.device_taken"), "nor one that came by a bare invite"


def test_a_person_has_as_many_devices_as_the_limit_even_when_asked_at_once(front: Front) -> None:
    browser, statuses = signed_in(front, trained(front)), list[int]()
    phones = [Phone("EdDSA") for _ in range(MOST + 4)]
    threads = [
        threading.Thread(target=lambda phone=phone: statuses.append(ask(Browser(front, browser.token), phone)))
        for phone in phones
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201] * MOST + [409] * 4
    kid = said(browser.get("/v1/me/devices"))["devices"][0]["kid"]
    assert browser.call("DELETE", f"/v1/me/devices/{kid}").status == 204
    assert ask(browser, Phone()) == 201, "a revoked one makes room"


def test_a_lost_phone_is_refused_at_once_at_every_door_and_by_the_log(front: Front) -> None:
    who = trained(front)
    browser, finder = signed_in(front, who), signed_in(front, who)
    lost, other = enrolled(finder), enrolled(browser)
    before = lost.report()
    assert front.post(lost, before).outcomes == ["accepted"]
    assert browser.call("DELETE", f"/v1/me/devices/{lost.key.kid}").status == 204
    assert refused_in_time(front, lost)
    assert code_of(finder.call("GET", "/v1/me")) == (401, "people.sign_in_first")
    answer = front.call("PUT", f"/v1/evidence/{'0' * 64}", b"x", authorization=f"Bearer {lost.token}")
    assert code_of(answer) == (403, "people.device_revoked")
    later = lost.report()
    assert front.post(other, later).outcomes == ["accepted"], "carried by another it is looked at by the log"
    front.sequence()
    assert before in front.logged()
    assert later not in front.logged()
    assert front.post(other, later).outcomes == ["intake.device_revoked"]
    answer = browser.call("POST", "/v1/me/devices", lost.ask(""), content_type="application/jose")
    assert code_of(answer) == (403, "people.device_revoked"), "its key never comes back"
    assert browser.call("DELETE", f"/v1/me/devices/{lost.key.kid}").status == 204, "saying so twice is no mistake"
    revoked = [canonical.decode(unpadded(entry["jws"].split(".")[1])) for entry in front.log("revocation")]
    assert [each["kid"] for each in revoked].count(lost.key.kid) == 1


def test_nobody_revokes_the_phone_of_somebody_else(front: Front) -> None:
    owner, other = signed_in(front, trained(front)), signed_in(front, trained(front))
    phone = enrolled(owner)
    for kid in (phone.key.kid, "x", "A" * 43, "%00"):
        assert code_of(other.call("DELETE", f"/v1/me/devices/{kid}"))[0] == 404
    assert front.post(phone, phone.report()).outcomes == ["accepted"]


def test_an_organiser_and_the_head_of_the_area_revoke_all_phones_of_a_person(front: Front) -> None:
    who = trained(front)
    with connect(front.url) as connection:
        connection.execute("UPDATE people.persons SET area = '10-01-100101' WHERE id = %s", (who,))
    organiser = signed_in(front, person(front, roles=("organiser",)))
    head = signed_in(front, person(front, level=2, roles=("head:10-01",)))
    elsewhere = signed_in(front, person(front, level=2, roles=("head:10-0",)))
    path = f"/v1/areas/10-01/people/{who}/devices"
    assert code_of(elsewhere.call("DELETE", path)) == (403, "people.not_for_you")
    assert code_of(elsewhere.call("DELETE", path.replace("10-01", "10-0"))) == (404, "people.person_unknown")
    for by, where in ((head, path), (organiser, f"/v1/networks/vote62/people/{who}/devices")):
        browser = signed_in(front, who)
        phones = [enrolled(browser), enrolled(browser)]
        assert said(by.call("DELETE", where)) == {"devices": 2}
        assert all(refused_in_time(front, phone) for phone in phones)
        assert code_of(browser.call("GET", "/v1/me/devices")) == (401, "people.sign_in_first")
    assert code_of(organiser.call("DELETE", f"/v1/networks/other/people/{who}/devices")) == (403, "people.not_for_you")


def test_no_device_stays_without_a_person_when_its_owner_is_erased(front: Front) -> None:
    browser = signed_in(front, trained(front))
    phone = enrolled(browser)
    assert said(browser.call("DELETE", "/v1/me?devices=keep")) == {"persons": 1, "devices": 1}
    assert refused_in_time(front, phone)


def test_two_persons_in_one_browser_have_a_device_each(front: Front) -> None:
    mother, son = trained(front), trained(front)
    phones = {who: enrolled(signed_in(front, who)) for who in (mother, son)}
    assert phones[mother].key.kid != phones[son].key.kid
    carried = [phone.sign(canonical.encode(payload())) for phone in phones.values()]
    assert front.post(phones[son], carried).outcomes == ["accepted", "accepted"], "each carries the other's reports"
    assert signed_in(front, mother).call("DELETE", f"/v1/me/devices/{phones[mother].key.kid}").status == 204
    assert refused_in_time(front, phones[mother])
    assert front.post(phones[son], phones[son].report()).outcomes == ["accepted"]


@pytest.mark.parametrize("body", [b"x", b"a.b.c", b"{}"])
def test_what_is_no_request_of_a_device_is_a_problem(front: Front, body: bytes) -> None:
    browser = signed_in(front, trained(front))
    answer = browser.call("POST", "/v1/me/devices", body, content_type="application/jose")
    assert code_of(answer) == (400, "people.enrolment_unreadable")
