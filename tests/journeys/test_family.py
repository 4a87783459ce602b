"""A phone that several people of a family share, and people who want to see, take along or erase what is held about them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Route, expect

from sapparot.base.database import connect
from tests.intake.phones import NETWORK
from tests.journeys.conftest import Phones
from tests.journeys.phonewalk import NAME, Walk
from tests.journeys.sound import faults
from tests.people.arriving import code_for, forget_pace

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OTHER_STATION = "01-01-010111-002"
ITS_STATION = "ไปที่หน่วยนี้"
STORES = ("profiles", "settings", "outbox", "receipts", "kits", "kept", "errands", "drafts", "photographs")


TIRED = """async () => {
  const opened = indexedDB.open("sapparot-phone");
  await new Promise((heard) => { opened.onsuccess = heard; });
  const writing = opened.result.transaction("outbox", "readwrite"), store = writing.objectStore("outbox");
  const all = store.getAll();
  all.onsuccess = () => all.result.forEach((one) => store.put({ ...one, tries: 5, next_at: Date.now() + 3_000_000 }));
  await new Promise((heard) => { writing.oncomplete = heard; });
  opened.result.close();
}"""
"""Has every report wait for long, as after many tries: the next wait is half a minute at least."""


def everything(walk: Walk) -> str:
    """All that the phone keeps, as text."""
    return json.dumps({store: walk.kept(store) for store in STORES}, ensure_ascii=False)


def shared(phones: Phones) -> tuple[Walk, Walk]:
    """Two people on one phone, which has no network; the second has counted."""
    walk = phones()
    walk.arrive()
    walk.guard()
    other = Walk(walk.front, walk.context, "สมชาย ขยันดี")
    other.arrive()
    other.guard(OTHER_STATION)
    walk.page.close()
    other.cut()
    other.count(25, OTHER_STATION)
    other.wait_for("sent")
    return walk, other


def put_off_together(walk: Walk) -> None:
    """Where nobody answers one person's report, another's is put off with it: nobody's holds up the phone again and again."""
    walk.page.evaluate(TIRED)
    asked: list[str] = []
    walk.context.on("request", lambda one: asked.append(one.url) if one.url.endswith("/v1/reports") else None)
    walk.context.route("**/v1/reports", lambda route: route.abort())
    walk.context.set_offline(False)
    walk.until(lambda: all(one["tries"] == 6 for one in walk.reports()), "put off")
    assert len(asked) <= 1, "and none when the line changed once more before it"
    walk.context.unroute("**/v1/reports")
    walk.context.set_offline(True)


def test_two_people_share_a_phone_with_a_key_each_and_see_their_own_reports_only(walk: Walk, axe: str) -> None:
    walk.arrive()
    walk.guard()
    other = Walk(walk.front, walk.context, "สมชาย ขยันดี")
    other.arrive()
    other.guard(OTHER_STATION)
    page = other.page
    page.evaluate("navigator.serviceWorker.ready")
    walk.page.close()
    walk.context.set_offline(True)
    other.count(25, OTHER_STATION)
    other.wait_for("sent")
    page = other.go("me")
    assert faults(other.page, axe) == []
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("heading", name="เข้าใช้ด้วยเบอร์โทร")).to_be_visible()
    other.go("outbox")
    expect(page.get_by_text("ยังไม่มีรายงาน")).to_be_visible()
    expect(page.get_by_text("รอส่งอีก 1 ฉบับ")).to_be_visible()
    expect(page.locator("a.card")).to_have_count(0)
    [hidden] = other.reports()
    other.go(f"report/{hidden['id']}")
    expect(page.get_by_role("heading", name="ไม่มีรายงานนี้ในเครื่อง")).to_be_visible()
    walk.page = page
    walk.count(25)
    walk.wait_for("sent", 2)
    put_off_together(walk)
    walk.context.set_offline(False)
    walk.wait_for("accepted", 2)
    walk.judged()
    people = {one["person"]: one for one in walk.kept("profiles")}
    reports = walk.reports()
    assert len({one["kid"] for one in reports}) == len(people) == 2
    assert all(one["kid"] == people[one["person"]]["kid"] for one in reports)
    assert all(one["jws"].encode() in walk.front.logged() for one in reports)
    enrolled = [json.dumps(one) for one in walk.front.log("enrolment")]
    assert len(enrolled) >= 2


def test_the_one_who_comes_back_signs_in_again_and_has_the_same_key(walk: Walk) -> None:
    walk.arrive()
    [before] = walk.kept("profiles")
    other = Walk(walk.front, walk.context, "สมชาย ขยันดี")
    other.arrive()
    page = other.go("me")
    page.get_by_role("button", name=NAME).click()
    expect(page.locator("select")).not_to_have_value("")
    forget_pace(walk.front)
    page.locator("input[type=tel]").fill(walk.telephone.replace("+66", "0"))
    page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
    page.get_by_role("button", name="เปลี่ยนเบอร์").click()
    expect(page.locator("input[type=tel]")).to_have_value(walk.telephone.replace("+66", "0"))
    forget_pace(walk.front)
    page.get_by_role("button", name="ส่งรหัสให้ฉัน").click()
    expect(page.locator("code-form input")).to_be_visible()
    page.locator("code-form input").fill(code_for(walk.front, walk.telephone))
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    again = next(one for one in walk.kept("profiles") if one["person"] == before["person"])
    assert (again["kid"], again["token"]) == (before["kid"], before["token"])
    expect(page.get_by_text("ต้องเข้าใช้อีกครั้ง")).to_have_count(0)


def test_a_person_takes_a_copy_of_what_is_held_and_withdraws_a_consent(walk: Walk, axe: str) -> None:
    walk.arrive()
    page = walk.go("data")
    expect(page.get_by_text(walk.telephone[-4:])).to_be_visible()
    assert faults(walk.page, axe) == []
    with page.expect_download() as told:
        page.get_by_role("button", name="ดาวน์โหลดทุกอย่าง").click()
    copy = told.value.path().read_text()
    assert NAME in copy and walk.telephone[3:] in re.sub(r"\D", "", copy)
    assert isinstance(json.loads(copy), dict)
    free = page.get_by_role("switch", disabled=False).first
    was = free.is_checked()
    free.click()
    expect(free).to_be_checked(checked=not was)
    page.reload()
    expect(page.get_by_role("switch", disabled=False).first).to_be_checked(checked=not was)


def test_who_is_erased_leaves_nothing_on_the_phone_and_what_others_keep_there_stays(phones: Phones, axe: str) -> None:
    walk, other = shared(phones)
    page = other.go("data")
    page.get_by_role("button", name="ออกจากเครือข่าย / ลบข้อมูล").click()
    expect(page.get_by_text("ยังมีรายงานที่ไม่ได้ส่ง 1 ฉบับ")).to_be_visible()
    page.get_by_role("button", name="ลบเลย").click()
    expect(page.get_by_text("ตอนนี้ไม่มีสัญญาณ")).to_be_visible()
    assert other.name in everything(other), "nothing is erased here before the network has erased it"
    walk.context.set_offline(False)
    other.wait_for("accepted")
    page = other.go("data")
    page.reload()
    page.get_by_role("button", name="ออกจากเครือข่าย / ลบข้อมูล").click()
    assert faults(other.page, axe) == []
    page.get_by_role("button", name="ลบเลย").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    left = everything(other)
    assert other.name not in left and other.telephone not in left and other.telephone[3:] not in left
    [kept] = other.kept("profiles")
    assert kept["name"] == NAME and other.reports() == []
    with connect(walk.front.url) as connection:
        query = "SELECT state, sealed, phone FROM people.persons WHERE state = 'erased' AND network = %s"
        assert connection.execute(query, (NETWORK,)).fetchall() == [("erased", None, None)]
    assert page.evaluate("fetch('/v1/me').then((answer) => answer.status)") == 401


def test_who_is_chosen_on_the_screen_sees_and_does_nothing_as_whoever_is_signed_in(walk: Walk) -> None:
    walk.arrive()
    walk.guard()
    walk.go("")
    expect(walk.page.get_by_role("link", name=ITS_STATION)).to_be_visible()
    other = Walk(walk.front, walk.context, "สมชาย ขยันดี")
    other.arrive()
    page = other.go("me")
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("heading", name="เข้าใช้ด้วยเบอร์โทร")).to_be_visible()
    other.go("data")
    expect(page.get_by_text("มีคนอื่นเข้าใช้อยู่").first).to_be_visible()
    assert other.telephone[-4:] not in page.locator("main").inner_text()
    page = other.go("")
    expect(page.get_by_text("ต้องเข้าใช้อีกครั้ง").first).to_be_visible()
    page.get_by_role("link", name=ITS_STATION).click()
    page.get_by_role("link", name="ผลสุดท้าย").first.click()
    expect(page.locator(".count-form")).to_be_visible()
    assert page.evaluate("fetch('/v1/me').then((answer) => answer.status)") == 200, (
        "the other one is signed in as before"
    )


def test_who_empties_a_shared_phone_takes_nothing_of_the_others_along(phones: Phones, axe: str) -> None:
    _, other = shared(phones)
    [report] = other.reports()
    page = other.go("me")
    page.get_by_role("button", name=NAME).click()
    expect(page.get_by_role("heading", name="เข้าใช้ด้วยเบอร์โทร")).to_be_visible()
    other.go("data")
    page.get_by_role("button", name="ออกจากเครือข่าย / ลบข้อมูล").click()
    expect(page.get_by_text("มีคนอื่นใช้เครื่องนี้อีก 1 คน")).to_be_visible()
    assert faults(other.page, axe) == []
    page.get_by_role("button", name="ล้างเฉพาะข้อมูลของฉันในเครื่องนี้").click()
    expect(page.get_by_role("heading", name="สมชาย")).to_be_visible()
    assert NAME not in everything(other)
    assert [one["jws"] for one in other.reports()] == [report["jws"]]
    other.context.set_offline(False)
    other.wait_for("accepted")
    assert page.evaluate("fetch('/v1/me').then((answer) => answer.status)") == 200, "the other one stays signed in"


def test_a_phone_that_is_given_away_is_emptied_and_signed_out(walk: Walk) -> None:
    page = walk.arrive()
    late: list[Route] = []
    page.route("**/v1/me", lambda route: route.continue_() if late else late.append(route))
    walk.go("")
    walk.until(lambda: bool(late), "asked")
    answer = late[0].fetch()
    walk.go("data")
    page.get_by_role("button", name="ออกจากเครือข่าย / ลบข้อมูล").click()
    page.get_by_role("button", name="ล้างเฉพาะข้อมูลในเครื่องนี้").click()
    expect(page.get_by_role("heading", name="มาช่วยกันนับคะแนน")).to_be_visible()
    assert NAME in answer.text(), "an answer that was on its way"
    with page.expect_response("**/v1/me"):
        late[0].fulfill(response=answer)
    page.wait_for_timeout(300)
    assert NAME not in everything(walk)
    assert page.evaluate("fetch('/v1/me').then((answer) => answer.status)") == 401
