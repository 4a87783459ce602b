"""The volunteer's phone: from the link to the receipt, without a network in between, and after it was lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Page, Route, expect

from sapparot.base import canonical
from sapparot.base.database import connect
from sapparot.base.jws import parse
from sapparot.base.problems import TOO_MANY, Problem, ProblemKind
from sapparot.people.devices.problems import DEVICE_TAKEN, DEVICES_FULL
from tests.intake.phones import NETWORK, Served
from tests.journeys.conftest import FLAGS, Phones, chromium
from tests.journeys.phonewalk import COURSE, OTHER, RIGHT, STATION, WRONG, Walk, scanned
from tests.journeys.sound import faults
from tests.journeys.test_forms import shoot
from tests.journeys.test_survival import wake
from tests.journeys.test_uploads import large

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SHARED = "01-01-010111-002"
"""A station that two people of different networks watch."""
MUST = next(question.ask.th for question in COURSE.questions if question.must)
"""A question that every try has."""


@pytest.fixture(scope="module")
def browser(browser: Browser) -> Iterator[Browser]:
    """The whole Chromium: it alone can wake the app once there is a network (Background Sync)."""
    running = browser.browser_type.launch(executable_path=chromium(whole=True), args=FLAGS.split())
    yield running
    running.close()


def test_a_volunteer_goes_from_the_link_to_the_receipt_with_the_network_cut_in_the_middle(walk: Walk, axe: str) -> None:
    walk.context.add_init_script(SENSES)
    page = walk.arrive()
    station = nearby(walk, axe)
    walk.cut()
    page.get_by_role("button", name="เช็กอิน", exact=True).click()
    expect(page.get_by_text("จะส่งเองเมื่อมีสัญญาณ")).to_be_visible()
    walk.context.clear_permissions()  # while one is granted, this browser refuses all others, to be woken too
    assert faults(walk.page, axe) == []
    walk.tap(25, station)
    walk.wait_for("sent")
    walk.until(lambda: bool(page.evaluate(TAGS) == ["outbox"]), "to be woken by the browser for what waits")
    [kept] = walk.reports()
    page.locator(".count-voice").click()
    walk.until(lambda: chosen(walk, "spoken") is True, "the voice kept")
    assert page.evaluate("felt.filter((beat) => beat === 18).length") == 25
    page.reload()
    expect(page.locator(".count-voice")).to_have_attribute("aria-pressed", "true")
    stays_awake(walk)
    page.goto(f"{walk.base}/app#/outbox")
    expect(page.get_by_text("รายงานรอส่ง 1 ฉบับ")).to_be_visible()
    assert faults(walk.page, axe) == []
    walk.context.set_offline(False)
    walk.wait_for("accepted")
    walk.until(lambda: arrivals(walk, station) == [(1524, 10113)], "checked in about there")
    walk.judged()
    assert kept["jws"].encode() in walk.front.logged()
    page.get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("logged")
    page.locator("a.card").first.click()
    expect(page.get_by_role("heading", name="ใบรับ")).to_be_visible()
    assert faults(walk.page, axe) == []
    shared(walk)
    speaks_without_a_beat(walk, station)


SENSES = """(() => {
  Object.assign(globalThis, { felt: [], said: [], locks: [] });
  Navigator.prototype.vibrate = (beat) => felt.push(beat) > 0;
  SpeechSynthesis.prototype.speak = (words) => said.push(words.text);
  const ask = WakeLock.prototype.request;
  WakeLock.prototype.request = async function (kind) {
    const lock = await ask.call(this, kind);
    locks.push(lock);
    return lock;
  };
})()"""
"""Writes down what the phone would let its owner feel and hear, and each lock that keeps the screen on."""
TAGS = "navigator.serviceWorker.ready.then((worker) => worker.sync.getTags())"
SHARES = """() => {
  navigator.canShare = ({ files }) => files.length === 1;
  navigator.share = async ({ files, text }) => { globalThis.handed = [files[0].name, files[0].type, text]; };
}"""


def nearby(walk: Walk, axe: str) -> str:
    """Let the phone find stations near it, touch one on the map and take it; return its code."""
    page = walk.page
    walk.context.grant_permissions(["geolocation"])
    walk.context.set_geolocation({"latitude": 15.2439, "longitude": 101.1343})
    walk.go("places").get_by_role("button", name="หาใกล้ฉัน").click()
    page.locator("svg.near g").last.click()
    touched = page.locator("li.open-station[data-chosen=true]")
    expect(touched.locator(".place-number")).to_have_text(
        page.locator("svg.near g[data-chosen=true] text").text_content() or ""
    )
    assert faults(page, axe) == []
    station = (touched.get_attribute("id") or "").removeprefix("open-")
    touched.get_by_role("button").click()
    expect(page).to_have_url(f"{walk.base}/app#/station/{station}")
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()
    return station


def arrivals(walk: Walk, station: str) -> list[tuple[int, int]]:
    """Where people said they were when they came to a station, in hundredths of a degree."""
    with connect(walk.front.url) as connection:
        found = connection.execute("SELECT lat, lon FROM duty.check_ins WHERE station = %s", (station,)).fetchall()
    return [(int(lat), int(lon)) for lat, lon in found]


def chosen(walk: Walk, name: str) -> object:
    """What its owner chose on this phone."""
    return next((one["value"] for one in walk.kept("settings") if one["name"] == name), None)


def stays_awake(walk: Walk) -> None:
    """The screen is kept on, again after the browser took that back, and no longer once the count is left."""
    page = walk.page
    walk.until(lambda: page.evaluate("locks.length") == 1, "asked to stay awake")
    page.evaluate("locks[0].release().then(() => document.dispatchEvent(new Event('visibilitychange')))")
    walk.until(lambda: page.evaluate("locks.length") == 2, "asked again")
    page.locator(".count-back").click()
    walk.until(lambda: page.evaluate("locks.every((lock) => lock.released)"), "released")


def shared(walk: Walk) -> None:
    """The receipt is handed over as two files, and as a picture where the browser can share."""
    page, files = walk.page, list[Download]()
    page.on("download", lambda file: files.append(file))
    share = page.get_by_role("button", name="แบ่งปันใบรับ")
    share.click()
    walk.until(lambda: len(files) == 2, "both files")
    picture, proof = (file.path() for file in files)
    assert Image.open(picture).size == (1080, 1350)
    assert proof.read_text().startswith("c2sp.org/tlog-proof@v1\n")
    page.evaluate(SHARES)
    share.click()
    walk.until(lambda: page.evaluate("Boolean(globalThis.handed)"), "handed over")
    name, kind, text = page.evaluate("handed")
    assert (name, kind) == (files[0].suggested_filename, "image/png") and text.startswith(f"{walk.base}/check#entry=")


def speaks_without_a_beat(walk: Walk, station: str) -> None:
    """Who turned the voice on and the vibration off hears each number and feels nothing."""
    page = walk.go("me")
    expect(page.get_by_role("switch", name="อ่านออกเสียงเมื่อนับ")).to_be_checked()
    page.get_by_role("switch", name="สั่นเมื่อแตะ").uncheck()
    walk.until(lambda: chosen(walk, "haptic") is False, "the choice kept")
    page.goto(f"{walk.base}/app#/count/{station}/constituency")
    page.reload()
    page.locator("count-progress .count-option").first.click()
    assert page.evaluate("[said, felt]") == [["หนึ่ง"], []]


def test_who_fails_the_quiz_hears_what_is_right_and_after_three_tries_when_to_come_back(walk: Walk, axe: str) -> None:
    page = walk.join()
    for tries in (1, 2, 3):
        walk.learn(WRONG)
        expect(page.get_by_role("heading", name="เกือบผ่านแล้ว")).to_be_visible()
        expect(page.get_by_text(RIGHT[MUST], exact=True)).to_be_visible()
        assert faults(walk.page, axe) == []
        if tries < 3:
            page.get_by_role("button", name="ลองอีกครั้ง").click()
    page.get_by_role("button", name="ลองอีกครั้ง").click()
    expect(page.get_by_role("heading", name="พักสักครู่แล้วลองใหม่")).to_be_visible()
    expect(page.get_by_text("ลองใหม่ได้เวลา")).to_be_visible()
    assert walk.reports() == []


def test_a_quiz_answered_without_a_network_is_marked_later_and_its_owner_hears_of_it(walk: Walk, axe: str) -> None:
    page = walk.join()
    for answers in (WRONG, RIGHT):
        expect(page.get_by_role("button", name="ต่อไป")).to_be_visible()
        walk.cut()
        walk.learn(answers)
        expect(page.get_by_role("heading", name="เก็บคำตอบไว้แล้ว")).to_be_visible()
        walk.context.set_offline(False)
        page.get_by_role("link", name="หน้าแรก").first.click()
        if answers is WRONG:
            expect(page.get_by_text("แต่ยังไม่ผ่าน")).to_be_visible()
            assert faults(walk.page, axe) == []
            page.get_by_role("link", name="เริ่มเรียน").click()
    walk.enrolled()


def test_a_station_on_the_phone_opens_while_its_duty_is_on_the_way_and_does_not_move_under_a_thumb(walk: Walk) -> None:
    page = walk.arrive()
    walk.choose()
    expect(page.get_by_text("หน้าที่ของคุณ")).to_be_visible()
    walk.go("")
    held: list[Route] = []
    page.route("**/v1/me/duties", lambda route: held.append(route))
    with page.expect_request("**/v1/me/duties"):
        walk.go(f"station/{STATION}")
    button = page.get_by_role("button", name="เช็กอิน", exact=True)
    expect(button).to_be_visible()
    walk.until(lambda: bool(held), "asked")
    with walk.thumb_on(button):
        for route in held:
            route.continue_()
        page.unroute("**/v1/me/duties")
        expect(page.get_by_text("หน้าที่ของคุณ")).to_be_visible()
    expect(page.get_by_text("เช็กอินแล้ว")).to_be_visible()


def test_for_a_photograph_alone_the_browser_wakes_the_app_too_and_again_until_it_has_arrived(walk: Walk) -> None:
    page = walk.arrive()
    walk.choose()
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()
    walk.go(f"final/{STATION}/constituency")
    page.locator(".count-form").wait_for()
    page.evaluate("navigator.serviceWorker.ready")
    walk.context.set_offline(True)
    shoot(page, "form", large(), 1)
    walk.until(lambda: bool(page.evaluate(TAGS) == ["outbox"]), "to be woken for the photograph")
    page.close()
    with connect(walk.front.url, autocommit=True) as database:
        database.execute("ALTER TABLE evidence.uploads RENAME TO away")
        walk.context.set_offline(False)
        walk.page = page = walk.context.new_page()
        page.goto(f"{walk.base}/healthz")  # only the worker of the app goes on
        walk.until(lambda: bool(walk.kept("photographs")[0]["tries"]), "tried by the worker")
        tags = "navigator.serviceWorker.getRegistration('/app').then((worker) => worker.sync.getTags())"
        assert page.evaluate(tags) == ["outbox"], "it is woken again"
        database.execute("ALTER TABLE evidence.away RENAME TO uploads")
    wake(walk.context.new_cdp_session(page), page, walk.base)
    walk.until(lambda: walk.kept("photographs")[0]["state"] == "done", "arrived")


def test_lessons_that_met_a_dead_network_come_by_themselves_when_it_is_back_or_when_they_are_asked_for(
    walk: Walk, axe: str
) -> None:
    page = walk.page
    page.route("**/v1/me/training", lambda route: route.abort())
    walk.join()
    expect(page.get_by_text("ตอนนี้ไม่มีสัญญาณ")).to_be_visible()
    assert faults(page, axe) == []
    again = page.get_by_role("button", name="ลองอีกครั้ง")
    with page.expect_request("**/v1/me/training"):
        again.click()
    expect(page.get_by_text("ตอนนี้ไม่มีสัญญาณ")).to_be_visible()
    page.unroute("**/v1/me/training")
    walk.context.set_offline(True)
    walk.context.set_offline(False)
    expect(page.get_by_role("button", name="ต่อไป")).to_be_visible()
    expect(again).to_have_count(0)


def test_two_people_of_two_networks_go_from_the_code_to_the_receipt_and_confirm_a_station(
    front: Served, browser: Browser, phones: Phones
) -> None:
    first, second = phones(), phones()
    for walk, network in ((first, NETWORK), (second, OTHER)):
        walk.arrive(scanned(front, browser, network))
        walk.guard(SHARED)
        walk.cut()
        walk.tap(8, SHARED)
        walk.finish()
        assert {one["way"] for one in walk.reports()} <= {"kept", "sent"}, "no network to go out"
        walk.context.set_offline(False)
        walk.wait_for("accepted", 2)
        walk.published()
        walk.look("reported" if walk is first else "confirmed")
    first.look("confirmed")
    moves = [one for one in front.log("move") if one["sheet"] == f"{SHARED}/constituency"]
    assert [one["state"] for one in moves if one["state"] != "live"] == ["reported", "confirmed"]
    for walk in (first, second):
        [final] = [one for one in walk.reports() if one["stage"] == "final"]
        assert (final["way"], final["draft"]["votes"]) == ("confirmed", {"1": 3, "2": 3, "3": 2, "4": 0})
        assert final["jws"].encode() in front.logged()
        walk.page.goto(f"{walk.base}/app#/report/{final['id']}")
        expect(walk.page.get_by_role("heading", name="ใบรับ")).to_be_visible()
        expect(walk.page.locator(".receipt")).to_contain_text("ไม่ได้กำหนดให้มีผู้ร่วมลงนาม")
        expect(walk.page.get_by_text("มีแหล่งอิสระยืนยันตรงกัน")).to_be_visible()


def answer_lost(route: Route) -> None:
    """Let the server hear an enrolment, and the phone nothing of it."""
    if route.request.method == "POST":
        route.fetch()
        route.abort()
    else:
        route.continue_()


@contextmanager
def answered(page: Page, problem: ProblemKind) -> Iterator[None]:
    """Let every enrolment be answered with a problem."""

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(status=problem.status, json=Problem(problem).body())
        else:
            route.continue_()

    page.route("**/v1/me/devices", answer)
    yield
    page.unroute("**/v1/me/devices")


def renew(walk: Walk, page: Page) -> None:
    """Get a new key, in spite of lost answers and of refusals: only one that is about the key makes the phone ask for another."""
    anew = page.get_by_role("button", name="ลงทะเบียนเครื่องนี้ด้วยกุญแจใหม่")
    [before] = walk.kept("profiles")
    page.route("**/v1/me/devices", answer_lost)
    anew.click()
    walk.until(lambda: "next" in walk.kept("profiles")[0] and anew.is_enabled(), "answer lost")
    [still] = walk.kept("profiles")
    assert (still["kid"], still["token"]) == (before["kid"], before["token"]) and still["token"]
    for problem in (TOO_MANY, DEVICES_FULL, DEVICE_TAKEN):
        with answered(page, problem):
            anew.click()
            expect(page.get_by_text(problem.title.th)).to_be_visible()
        [kept] = walk.kept("profiles")
        assert (kept["kid"], kept["token"]) == (before["kid"], before["token"])
        assert (kept.get("next") or {}).get("kid") == (None if problem is DEVICE_TAKEN else still["next"]["kid"])
    page.route("**/v1/me/devices", answer_lost)
    anew.click()
    walk.until(
        lambda: bool(walk.kept("profiles")[0].get("next")) and anew.is_enabled(), "another key, and its answer lost"
    )
    [still] = walk.kept("profiles")
    page.unroute("**/v1/me/devices")
    anew.click()
    walk.until(lambda: walk.kept("profiles")[0]["kid"] == still["next"]["kid"], "enrolled with the key asked for")


def test_a_lost_phone_is_revoked_from_another_and_its_later_report_is_refused_with_the_reason(
    walk: Walk, phones: Phones
) -> None:
    page = walk.arrive()
    walk.count(25)
    walk.wait_for("accepted")
    walk.judged()
    [first] = walk.reports()
    other = phones()
    other.sign_in(walk.telephone)
    other.lose(first["kid"])
    walk.count(25)
    page.goto(f"{walk.base}/app#/outbox")
    walk.wait_for("refused")
    expect(page.get_by_text("เพิกถอนแล้ว").first).to_be_visible()
    walk.judged()
    logged = walk.front.logged()
    assert first["jws"].encode() in logged
    assert all(one["jws"].encode() not in logged for one in walk.reports() if one["way"] == "refused")
    revoked = [canonical.decode(parse(one["jws"]).payload)["kid"] for one in walk.front.log("revocation")]
    assert revoked == [first["kid"]], "the log says so, and of no other phone"
    walk.go("").get_by_role("link", name="เข้าใช้", exact=True).wait_for()
    walk.sign_in(walk.telephone)
    page.goto(f"{walk.base}/app#/devices")
    renew(walk, page)
    walk.count(25)
    walk.wait_for("accepted")
