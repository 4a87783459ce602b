"""The doors of organisers, of volunteers about themselves and of whoever looks at networks, over HTTP."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from sapparot import app
from sapparot.base.database import connect
from sapparot.base.text import Text
from sapparot.people import Network, add_network
from sapparot.people.facts import AREAS, Device
from sapparot.people.rules import enrolment_entry
from sapparot.verify.letters import ENROLMENT_TYPE, Enrolment, open_statement
from tests.databases import Databases
from tests.intake.phones import NETWORK, Front
from tests.people.arriving import found, web_side
from tests.people.cast import Browser, code_of, person, said, signed_in

OTHER = "teachers"
OWN = f"/v1/networks/{NETWORK}"


@pytest.fixture(scope="module")
def front(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The whole web side with a second network."""
    with web_side(databases, tmp_path_factory.mktemp("front"), senders=None) as running:
        found(running, OTHER)
        yield running


@pytest.fixture(scope="module")
def organiser(front: Front) -> Browser:
    return signed_in(front, person(front, roles=("organiser",), who=("ผู้จัด โหวต", "+66620000001")))


@pytest.fixture(scope="module")
def stranger(front: Front) -> Browser:
    """The organiser of the other network."""
    return signed_in(front, person(front, OTHER, roles=("organiser",)))


def test_anyone_sees_how_a_network_presents_itself_and_what_it_asks(front: Front) -> None:
    listed = said(Browser(front).get("/v1/networks"))["networks"]
    assert {each["id"] for each in listed} == {NETWORK, OTHER}
    shown = said(Browser(front).get(OWN))
    assert shown["terms"]["name"] == {"th": "โหวต62", "en": "Vote62"}
    assert [each["purpose"] for each in shown["consents"]] == ["duty", "head", "centre", "announcements", "rewards"]
    assert [each["required"] for each in shown["consents"]] == [True, False, False, False, False]
    assert all(each["text"]["th"] and each["text"]["en"] and each["version"] == 1 for each in shown["consents"])
    assert code_of(Browser(front).get("/v1/networks/nobody")) == (404, "people.network_unknown")


def test_an_organiser_changes_the_look_of_its_network_and_pale_colours_are_refused_with_a_darker_one(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    change = {
        "colour": "#B00020",
        "short": {"th": "โหวต", "en": "Vote"},
        "own_invites": 3,
        "welcome": {"th": "สวัสดี", "en": "Hi"},
    }
    terms = said(organiser.call("PATCH", OWN, change))["terms"]
    assert (terms["colour"], terms["short"], terms["own_invites"]) == ("#b00020", {"th": "โหวต", "en": "Vote"}, 3)
    pale = organiser.call("PATCH", OWN, {"colour": "#ffee00"})
    assert code_of(pale) == (400, "people.colour_too_pale")
    assert organiser.call("PATCH", OWN, {"colour": pale.problem["suggestion"]}).status == 200
    for body in (
        {"colour": "red"},
        {"name": {"th": "x", "en": "x"}},
        {"short": {"th": "x" * 25, "en": "x"}},
        {"own_invites": 101},
    ):
        assert code_of(organiser.call("PATCH", OWN, body)) == (400, "base.invalid")
    assert code_of(organiser.call("PATCH", OWN, {"welcome": {"th": "\u202eกลับ", "en": "x"}})) == (
        400,
        "people.text_unclear",
    )
    assert code_of(stranger.call("PATCH", OWN, {"open": False})) == (403, "people.not_for_you")


def rows(front: Front, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with connect(front.url) as connection:
        return connection.execute(query.encode(), values).fetchall()


def names(browser: Browser, query: str = "") -> list[str]:
    return [each["name"] for each in said(browser.get(f"{OWN}/people{query}"))["people"]]


def test_people_are_found_by_part_of_a_name_or_a_whole_telephone_in_the_own_network_only(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    who = person(front, who=("กานดา พบง่าย", "+66899990001"))
    person(front, OTHER, who=("กานดา คนอื่น", "+66899990001"))
    assert names(organiser, "?q=%E0%B8%81%E0%B8%B2%E0%B8%99%E0%B8%94%E0%B8%B2") == ["กานดา พบง่าย"]
    assert names(organiser, "?q=089-999-0001") == ["กานดา พบง่าย"]
    assert names(organiser, "?q=nobody") == []
    assert code_of(stranger.get(f"{OWN}/people?q=089-999-0001")) == (403, "people.not_for_you")
    reads = said(signed_in(front, who).get("/v1/me/reads"))["reads"]
    assert [(each["read"]["role"], each["read"]["network"], each["read"]["purpose"]) for each in reads] == [
        ("organiser", NETWORK, "search")
    ], "two searches right after each other are one look"
    assert code_of(organiser.get(f"{OWN}/people?q=99999999999999")) == (400, "people.phone_invalid")


def test_a_list_is_read_in_pages_without_gap_or_double(front: Front, organiser: Browser) -> None:
    for number in range(7):
        person(front, who=(f"หน้า {number}", f"+6689777000{number}"))
    seen: list[str] = []
    after = ""
    while True:
        page = said(organiser.get(f"{OWN}/people?limit=3{after}"))
        seen += [each["id"] for each in page["people"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert len(seen) == len(set(seen)) == sum(page["counts"].values())
    assert names(organiser, "?limit=1000000") and names(organiser, "?limit=-5")


def test_who_waits_is_approved_and_who_is_of_another_network_is_not(front: Front, organiser: Browser) -> None:
    waits, active, other = person(front, state="waiting"), person(front), person(front, OTHER, state="waiting")
    asked = {"people": [str(waits), str(active), str(other)]}
    assert said(organiser.post(f"{OWN}/approvals", asked)) == {"approved": [str(waits)]}
    assert rows(front, "SELECT state FROM people.persons WHERE id = %s", other) == [("waiting",)]


def test_a_head_approves_who_waits_in_its_own_area_and_network_only(front: Front) -> None:
    head = signed_in(front, person(front, roles=("head:10-01",)))
    here, below, beside = (person(front, state="waiting") for _ in range(3))
    other = person(front, OTHER, state="waiting")
    with connect(front.url) as connection:
        for who, area in ((here, "10-01"), (below, "10-01-100101"), (beside, "10-011"), (other, "10-01")):
            connection.execute("UPDATE people.persons SET area = %s WHERE id = %s", (area, who))
    shown = said(head.get("/v1/areas/10-01/waiting"))["people"]
    assert {each["id"] for each in shown} == {str(here), str(below)}
    assert all(each["name"] and each["phone"] for each in shown)
    asked = {"people": [str(each) for each in (here, below, beside, other)]}
    assert set(said(head.post("/v1/areas/10-01/approvals", asked))["approved"]) == {str(here), str(below)}
    assert code_of(head.get("/v1/areas/10-02/waiting")) == (403, "people.not_for_you")
    assert code_of(head.post("/v1/areas/10/approvals", asked)) == (403, "people.not_for_you")
    assert code_of(signed_in(front, person(front)).get("/v1/areas/10-01/waiting")) == (403, "people.not_for_you")


def test_an_organiser_ends_people_of_its_own_network_but_neither_itself_nor_who_stands_above(
    front: Front, organiser: Browser
) -> None:
    who, other = person(front), person(front, OTHER)
    browser = signed_in(front, who)
    assert said(organiser.post(f"{OWN}/people/{who}/end", {"state": "expelled"})) == {"persons": 1, "devices": 0}
    assert code_of(browser.get("/v1/me")) == (401, "people.sign_in_first")
    assert code_of(organiser.post(f"{OWN}/people/{other}/end", {"state": "left"})) == (404, "people.person_unknown")
    above = person(front, roles=("decider",))
    assert code_of(organiser.post(f"{OWN}/people/{above}/end", {"state": "left"})) == (403, "people.above_you")
    [(me,)] = rows(front, "SELECT person FROM people.sessions WHERE token_hash = sha256(%s)", organiser.token.encode())
    assert code_of(organiser.post(f"{OWN}/people/{me}/end", {"state": "left"})) == (403, "people.above_you")


def test_an_export_is_no_formula_and_comes_back_as_an_import(front: Front, organiser: Browser) -> None:
    evil = ['=HYPERLINK("http://x")ก', "+สมชาย", "@สมหญิง", "-สมศรี"]
    for number, name in enumerate(evil):
        person(front, who=(name, f"+6689666000{number}"))
    answer = organiser.get(f"{OWN}/people.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    cells = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert not [cell for row in cells for cell in row if cell[:1] in set("=+-@\t\r")]
    back = said(organiser.call("POST", f"{OWN}/imports?dry_run=true", answer.body, content_type="text/csv"))
    assert (back["added"], back["flaw_count"]) == (0, len([row for row in cells if not row[0]]))


LIST = "ลำดับ,ชื่อ-นามสกุล,เบอร์โทร,เลขบัตรประชาชน\n1,นำเข้า หนึ่ง,895550001,1100\n2,นำเข้า สอง,'0895550002,1100\n3,,x,\n"


def test_a_list_is_tried_then_brought_and_bringing_it_again_changes_nothing(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    def bring(browser: Browser, more: str = "") -> Any:
        return browser.call("POST", f"{OWN}/imports{more}", LIST.encode("cp874"), content_type="text/csv")

    tried = said(bring(organiser, "?dry_run=true"))
    assert (tried["added"], tried["merged"], tried["flaw_count"], tried["ignored_columns"]) == (
        2, 0, 1, ["ลำดับ", "เลขบัตรประชาชน"],
    )  # fmt: skip
    assert tried["encoding"] == "cp874"
    assert names(organiser, "?q=%E0%B8%99%E0%B8%B3%E0%B9%80%E0%B8%82%E0%B9%89%E0%B8%B2") == []
    assert (said(bring(organiser))["added"], said(bring(organiser))["again"]) == (2, True)
    assert len(names(organiser, "?state=listed")) == 2
    assert code_of(bring(stranger)) == (403, "people.not_for_you")
    assert code_of(organiser.call("POST", f"{OWN}/imports", b"PK\x03\x04xlsx", content_type="text/csv")) == (
        400, "people.file_unreadable",
    )  # fmt: skip
    assert organiser.call("POST", f"{OWN}/imports", b"x" * 8_000_001, content_type="text/csv").status == 413


def test_invites_are_made_listed_and_cancelled_by_their_network_only(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    made = said(organiser.post(f"{OWN}/invites", {"uses": 5, "days": 3, "vouched": True, "label": "กลุ่มไลน์"}))
    assert made["code"] not in json.dumps(said(organiser.get(f"{OWN}/invites")))
    [link] = [each for each in said(organiser.get(f"{OWN}/invites"))["invites"] if each["id"] == made["id"]]
    assert (link["uses"], link["used"], link["label"], link["ended_at"]) == (5, 0, "กลุ่มไลน์", None)
    calls: list[tuple[str, str, object]] = [
        ("GET", f"{OWN}/invites", None), ("POST", f"{OWN}/invites", {}), ("DELETE", f"{OWN}/invites/{made['id']}", None),
    ]  # fmt: skip
    for method, path, body in calls:
        assert code_of(stranger.call(method, path, body)) == (403, "people.not_for_you")
    assert code_of(stranger.call("DELETE", f"/v1/networks/{OTHER}/invites/{made['id']}")) == (
        404,
        "people.link_unknown",
    )
    assert said(organiser.call("DELETE", f"{OWN}/invites/{made['id']}")) == {"persons": 0, "devices": 0}


def test_a_volunteer_brings_others_and_takes_an_invite_back(front: Front, organiser: Browser) -> None:
    organiser.call("PATCH", OWN, {"own_invites": 1})
    browser, other = signed_in(front, person(front)), signed_in(front, person(front))
    made = said(browser.post("/v1/me/invites", {}))
    assert code_of(browser.post("/v1/me/invites", {})) == (403, "people.invites_spent")
    assert code_of(other.call("DELETE", f"/v1/me/invites/{made['id']}")) == (404, "people.link_unknown")
    assert browser.call("DELETE", f"/v1/me/invites/{made['id']}").status == 204
    assert len(said(browser.get("/v1/me/invites"))["invites"]) == 1


def test_a_person_changes_itself_agrees_and_takes_back(front: Front) -> None:
    browser = signed_in(front, person(front, who=("สมชาย เดิม", "+66812340001")))
    me = said(
        browser.call("PATCH", "/v1/me", {"name": " สมชาย   ใหม่ ", "mail": "a@b.th", "area": "10-01", "lang": "en"})
    )
    assert (me["name"], me["phone"], me["mail"], me["area"], me["lang"]) == (
        "สมชาย ใหม่", "081-234-0001", "a@b.th", "10-01", "en",
    )  # fmt: skip
    agreed = said(browser.call("PUT", "/v1/me/consents/centre", {"version": 1}))["consents"]
    assert [(each["purpose"], each["agreed"]) for each in agreed if each["agreed"]] == [("centre", 1)]
    assert code_of(browser.call("PUT", "/v1/me/consents/centre", {"version": 2})) == (409, "people.consent_outdated")
    assert browser.call("PUT", "/v1/me/consents/everything", {"version": 1}).status == 400
    assert not any(each["agreed"] for each in said(browser.call("DELETE", "/v1/me/consents/centre"))["consents"])
    assert code_of(browser.call("DELETE", "/v1/me/consents/duty")) == (409, "people.consent_required")
    assert code_of(browser.call("PATCH", "/v1/me", {"phone": "0810000000"})) == (400, "base.invalid")


def test_roles_are_given_by_somebody_above_and_end_the_same_way(
    front: Front, organiser: Browser, stranger: Browser
) -> None:
    who, centre = person(front), signed_in(front, person(front, roles=("centre",)))
    wanted = {"person": str(who), "role": "head", "area": "10-01"}
    made = said(organiser.post("/v1/grants", wanted))
    assert said(organiser.post("/v1/grants", wanted))["id"] == made["id"]
    assert rows(front, "SELECT level FROM people.persons WHERE id = %s", who) == [(2,)]
    assert code_of(stranger.call("DELETE", f"/v1/grants/{made['id']}")) == (403, "people.not_yours_to_grant")
    assert code_of(organiser.post("/v1/grants", {"person": str(who), "role": "organiser"})) == (
        403,
        "people.not_yours_to_grant",
    )
    assert code_of(centre.post("/v1/grants", {"person": str(who), "role": "centre"})) == (
        403,
        "people.not_yours_to_grant",
    )
    assert code_of(signed_in(front, who).post("/v1/grants", wanted)) == (403, "people.not_for_you")
    assert code_of(organiser.post("/v1/grants", {"person": str(who), "role": "head"})) == (
        400,
        "people.head_needs_area",
    )
    ended = said(organiser.call("DELETE", f"/v1/grants/{made['id']}"))
    assert ended["ended_at"] and ended["granted_by"] == ended["ended_by"]
    assert made["id"] in [each["id"] for each in said(organiser.get("/v1/grants"))["grants"]]
    assert made["id"] not in [each["id"] for each in said(stranger.get("/v1/grants"))["grants"]]


def test_nobody_heads_more_constituencies_than_the_log_can_say(front: Front, organiser: Browser) -> None:
    areas = [f"20-{number:02}" for number in range(1, AREAS + 1)]
    who = person(front, level=2, roles=tuple(f"head:{area}" for area in areas))
    full = organiser.post("/v1/grants", {"person": str(who), "role": "head", "area": "21-01"})
    assert code_of(full) == (409, "people.head_full")
    assert str(AREAS) in full.problem["detail"] and str(AREAS) in full.problem["detail_th"]
    again = said(organiser.post("/v1/grants", {"person": str(who), "role": "head", "area": areas[0]}))
    said(organiser.call("DELETE", f"/v1/grants/{again['id']}"))
    said(organiser.post("/v1/grants", {"person": str(who), "role": "head", "area": "21-01"}))
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    device = Device("k", {}, NETWORK, 2, moment, moment, areas=tuple(areas))
    _, body = enrolment_entry(device, app.keyring(front.settings)[NETWORK])
    assert open_statement(body, ENROLMENT_TYPE, Enrolment)[1].areas == areas, "so many a reader takes"


def test_a_network_leaves_only_by_its_own_word_and_is_expelled_by_the_centre_only(
    front: Front, organiser: Browser, tmp_path: Path
) -> None:
    with connect(front.url) as connection:
        for name in ("leavers", "outlaws"):
            key = app.keyring(front.settings).make(name).jwk
            add_network(connection, Network(name, Text("จะไป", "Going"), key))
    boss, centre = (
        signed_in(front, person(front, "leavers", roles=("organiser",))),
        signed_in(front, person(front, roles=("centre",))),
    )
    person(front, "leavers")
    assert code_of(boss.post("/v1/networks/leavers/leave", {"confirm": "leaver"})) == (400, "people.not_confirmed")
    assert code_of(organiser.post("/v1/networks/leavers/leave", {"confirm": "leavers"})) == (403, "people.not_for_you")
    assert said(boss.post("/v1/networks/leavers/leave", {"confirm": "leavers"}))["persons"] == 2
    assert code_of(boss.get("/v1/me")) == (401, "people.sign_in_first")
    assert code_of(organiser.post("/v1/networks/outlaws/expel", {"confirm": "outlaws"})) == (403, "people.not_for_you")
    assert centre.post("/v1/networks/outlaws/expel", {"confirm": "outlaws"}).status == 200
    listed = {each["id"] for each in said(Browser(front).get("/v1/networks"))["networks"]}
    assert not listed & {"leavers", "outlaws"}


def test_the_whole_account_is_exported_and_then_erased(front: Front, organiser: Browser) -> None:
    who: UUID = person(front, who=("ลบ ฉันที", "+66898887777"))
    browser = signed_in(front, who)
    names(organiser, "?q=089-888-7777")
    data = said(browser.get("/v1/me/data"))
    assert (data["me"]["name"], data["me"]["phone"], len(data["reads"]), len(data["sessions"])) == (
        "ลบ ฉันที", "089-888-7777", 1, 1,
    )  # fmt: skip
    assert said(browser.call("DELETE", "/v1/me")) == {"persons": 1, "devices": 0}
    assert code_of(browser.get("/v1/me")) == (401, "people.sign_in_first")
    assert names(organiser, "?q=089-888-7777") == []
