"""What a phone lives through on such a day: an empty battery, a full disk, a closed app, a clock that is hours off.

Nothing is lost, and nothing comes twice.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Error, Page, Route, expect

from sapparot.base.database import connect
from tests.intake.phones import Served, eventually
from tests.journeys.conftest import Phones
from tests.journeys.phonewalk import PHONE, STATION, Walk
from tests.journeys.sound import faults
from tests.journeys.test_counting import Battery

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOM = 50_000_000
"""Bytes that the disk has for the app at first."""
TOO_MUCH = """async (size) => {
  const opening = indexedDB.open("somebody else's", 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore("all", { autoIncrement: true });
  await new Promise((heard) => { opening.onsuccess = heard; });
  const writing = opening.result.transaction("all", "readwrite");
  writing.objectStore("all").put(new Blob([new Uint8Array(size)]));
  const refused = await new Promise((heard) => { writing.onabort = () => heard(true); writing.oncomplete = () => heard(false); });
  opening.result.close();
  return refused;
}"""
"""Writes what cannot fit; tells whether it was refused."""


def in_log(walk: Walk, report: dict[str, Any]) -> bool:
    """Tell whether a report stands in the log."""
    walk.judged()
    return report["jws"].encode() in walk.front.logged()


def logged_once(walk: Walk) -> bool:
    """Tell whether every report of a phone stands in the log exactly once."""
    walk.judged()
    logged = walk.front.logged()
    return [logged.count(one["jws"].encode()) for one in walk.reports()] == [1] * len(walk.reports())


@pytest.mark.parametrize("moment", ["before anything was sent", "after the server had it and before the phone heard"])
def test_a_battery_that_dies_loses_no_report_and_sends_none_twice(
    front: Served, browser: Browser, tmp_path: Path, moment: str
) -> None:
    battery = Battery(browser, tmp_path / "profile")
    walk = Walk(front, battery.start(**PHONE))
    page = walk.arrive()
    walk.guard()
    page.evaluate("navigator.serviceWorker.ready")
    if moment.startswith("before"):
        walk.context.set_offline(True)
    else:
        walk.context.route("**/v1/reports", lambda route: route.fetch() and None)
    walk.count(25)
    walk.wait_for("sent")
    [before] = walk.reports()
    if moment.startswith("after"):
        walk.until(lambda: in_log(walk, before), "at the server")
    battery.die()
    with contextlib.suppress(Error):
        walk.context.close()
    walk.context = battery.start(**PHONE)
    walk.page = walk.context.pages[0]
    walk.go("outbox")
    expect(walk.page.locator("a.card")).to_have_count(1)
    walk.wait_for("accepted")
    assert [one["jws"] for one in walk.reports()] == [before["jws"]], "the same bytes, signed once"
    assert logged_once(walk)
    walk.go(f"count/{before['sheet']}")
    expect(walk.page.locator(".count-tabs [aria-pressed=true] b")).to_have_text("25")
    battery.die()


def test_a_closed_app_is_woken_by_the_browser_and_what_waits_goes_out(walk: Walk) -> None:
    page = walk.arrive()
    walk.guard()
    walk.cut()
    walk.count(25)
    walk.wait_for("sent")
    [report] = walk.reports()
    page.close()
    walk.context.set_offline(False)
    walk.page = walk.context.new_page()
    walk.page.goto(f"{walk.base}/healthz")
    devtools = walk.context.new_cdp_session(walk.page)
    wake(devtools, walk.page, walk.base)
    walk.wait_for("accepted")
    assert walk.reports()[0]["jws"] == report["jws"]
    assert logged_once(walk)


def wake(devtools: CDPSession, page: Page, base: str) -> None:
    """Let the browser tell the worker of the app that there is a network again."""
    workers: dict[str, str] = {}

    def told(event: dict[str, list[dict[str, str]]]) -> None:
        workers.update({one["scopeURL"]: one["registrationId"] for one in event["registrations"]})

    devtools.on("ServiceWorker.workerRegistrationUpdated", told)
    devtools.send("ServiceWorker.enable")
    for _ in range(300):
        if f"{base}/app" in workers:
            break
        page.wait_for_timeout(100)
    asked = {"origin": base, "registrationId": workers[f"{base}/app"], "tag": "outbox", "lastChance": True}
    devtools.send("ServiceWorker.dispatchSyncEvent", asked)


SENDING = "navigator.locks.query().then(({ held }) => held.some(({ name }) => name === 'sapparot-send'))"


@contextmanager
def hanging(walk: Walk) -> Iterator[None]:
    """A report is on its way to a server that gives no answer: 45 seconds, if nobody stops it."""
    walk.page.add_init_script("delete SyncManager.prototype.register")  # the worker wakes when a test says so
    walk.arrive()
    walk.guard()
    walk.page.evaluate("navigator.serviceWorker.ready")
    with connect(walk.front.url) as held:
        held.execute("LOCK TABLE intake.received")
        walk.count(25)
        walk.wait_for("sent")
        yield


def sent_by_the_worker(walk: Walk) -> int:
    """Leave the app, let its worker send, and come back to the outbox; return how often the report was tried before."""
    page = walk.page
    page.goto(f"{walk.base}/healthz")
    wake(walk.context.new_cdp_session(page), page, walk.base)
    walk.until(lambda: bool(page.evaluate(SENDING)), "sent by the worker")
    tries: int = walk.reports()[0]["tries"]
    walk.go("outbox")
    return tries


def test_what_hangs_is_given_up_when_the_network_goes_or_comes_back_in_the_app_and_in_its_worker(walk: Walk) -> None:
    page = walk.page
    with hanging(walk):
        walk.context.set_offline(True)
        walk.until(lambda: walk.reports()[0]["tries"] > 0, "given up by the app")
        walk.context.set_offline(False)
        tries = sent_by_the_worker(walk)
        expect(page.get_by_text("รายงานรอส่ง 1 ฉบับ")).to_be_visible()
        walk.context.set_offline(True)
        walk.until(lambda: walk.reports()[0]["tries"] > tries, "given up by the worker")
    walk.context.set_offline(False)
    walk.wait_for("accepted")
    assert logged_once(walk)


def test_who_asks_to_send_now_gets_a_new_attempt_instead_of_one_that_hangs_in_the_app_or_in_its_worker(
    walk: Walk,
) -> None:
    page = walk.page
    with hanging(walk):
        walk.go("outbox")
        page.get_by_role("button", name="ส่งตอนนี้").click()
        walk.until(lambda: walk.reports()[0]["tries"] > 0, "given up by the app")
        tries = sent_by_the_worker(walk)
        page.get_by_role("button", name="ส่งตอนนี้").click()
        walk.until(lambda: walk.reports()[0]["tries"] > tries, "given up by the worker")
    page.get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("accepted")
    assert logged_once(walk)


def test_a_full_disk_is_said_before_anything_is_lost_and_stops_no_report_that_is_kept(walk: Walk, axe: str) -> None:
    devtools = walk.context.new_cdp_session(walk.page)
    room(devtools, walk, ROOM)
    page = walk.arrive()
    walk.guard()
    walk.cut()
    walk.count(25)
    walk.wait_for("sent")
    walk.until(lambda: any("reserve" in one["name"] for one in walk.kept("settings")), "room kept for later")
    shrunk(devtools, walk, page.evaluate("navigator.storage.estimate().then((found) => found.usage)") + 100)
    walk.count(3)
    expect(page.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    assert not any("reserve" in one["name"] for one in walk.kept("settings")), "the room that was kept has taken it"
    walk.go("")
    expect(page.get_by_text("พื้นที่ในเครื่องใกล้เต็ม")).to_be_visible()
    assert faults(page, axe) == []
    shrunk(devtools, walk, 1)
    walk.go("final/01-01-010111-001/constituency")
    page.locator("#count-1").fill("212")
    page.locator(".count-form > .count-main").click()
    page.get_by_role("button", name="ส่งผลนี้").click()
    expect(page.get_by_role("alert").first).to_contain_text("บันทึกไม่ได้")
    page.locator(".count-back").click()
    expect(page.locator("#count-1")).to_have_value("212")
    kept, asked = walk.reports(), []
    walk.context.on("request", lambda one: asked.append(one.url) if one.url.endswith("/v1/reports") else None)
    walk.context.set_offline(False)
    assert eventually(lambda: all(in_log(walk, one) for one in kept), 30), "what was kept goes out all the same"
    page.wait_for_timeout(6_000)
    assert len(asked) <= 2, "what the disk cannot note is not sent again and again"
    room(devtools, walk, 1_000_000_000)
    page.locator(".count-form > .count-main").click()
    page.get_by_role("button", name="ส่งผลนี้").click()
    expect(page.get_by_role("heading", name="ผลสุดท้าย", exact=True)).to_be_visible()
    arrived = ("accepted", "logged")  # receipts of the first ones may have come meanwhile
    walk.until(lambda: sum(one["way"] in arrived for one in walk.reports()) == len(kept) + 1, "arrived")
    assert logged_once(walk)


def room(devtools: CDPSession, walk: Walk, quota: int) -> None:
    """Let the disk have so much room for the app, used and free."""
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": walk.base, "quotaSize": quota})


def shrunk(devtools: CDPSession, walk: Walk, quota: int) -> None:
    """Let the disk have less room than before. Chromium looks again when somebody wants more than it remembers."""
    room(devtools, walk, quota)
    assert walk.page.evaluate(TOO_MUCH, ROOM)


CLOCK = """() => {
  const hours = Number(localStorage.getItem("hours") ?? "0");
  const Real = Date;
  if (hours) globalThis.Date = class extends Real {
    constructor(...given) { given.length ? super(...given) : super(Real.now() + hours * 3600000); }
    static now() { return Real.now() + hours * 3600000; }
  };
}"""


@pytest.mark.parametrize("hours", [5, -9])
def test_a_phone_whose_clock_is_hours_off_is_told_and_reports_as_well(phones: Phones, hours: int, axe: str) -> None:
    walk = phones()
    walk.context.add_init_script(f"({CLOCK})()")
    walk.page.goto(f"{walk.base}/app")
    walk.page.evaluate("(hours) => localStorage.setItem('hours', hours)", str(hours))
    page = walk.arrive()
    walk.guard()
    way = "เร็วไป 5 ชั่วโมง" if hours > 0 else "ช้าไป 9 ชั่วโมง"
    walk.go("")
    expect(page.get_by_text(way)).to_be_visible()
    assert faults(walk.page, axe) == []
    walk.count(25)
    walk.wait_for("accepted")
    walk.go(f"report/{walk.reports()[0]['id']}")
    expect(page.get_by_text("ยังไม่เข้าบันทึกสาธารณะตามคำสัญญา")).to_have_count(0)
    walk.judged()
    walk.go("outbox").get_by_role("button", name="ส่งตอนนี้").click()
    walk.wait_for("logged")
    assert logged_once(walk)


def test_a_clock_that_is_found_out_while_a_thumb_is_on_a_button_moves_nothing(walk: Walk) -> None:
    walk.context.add_init_script(f"({CLOCK})()")
    walk.page.add_init_script("delete SyncManager.prototype.register")  # the clock of the worker is right
    page = walk.arrive()
    walk.choose()
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()
    page.evaluate("localStorage.setItem('hours', '5')")
    page.goto(f"{walk.base}/healthz")
    held: list[Route] = []
    walk.context.route("**/v1/**", lambda one: held.append(one))
    walk.go(f"station/{STATION}")
    button = page.get_by_role("button", name="เช็กอิน", exact=True)
    expect(button).to_be_visible()
    walk.until(lambda: bool(held), "asked")
    with walk.thumb_on(button) as place:
        for one in held:
            one.continue_()
        walk.context.unroute("**/v1/**")
        expect(page.get_by_text("เร็วไป 5 ชั่วโมง")).to_be_visible()
        assert button.bounding_box() == place
    expect(page.get_by_text("เช็กอินแล้ว")).to_be_visible()
    walk.go("me")
    warning, name = page.get_by_text("เร็วไป 5 ชั่วโมง"), page.get_by_role("heading", name=walk.name)
    expect(name).to_be_visible()
    above, below = warning.bounding_box(), name.bounding_box()
    assert above is not None and below is not None and above["y"] < below["y"], "on the next screen it comes first"


def ahead(walk: Walk, hours: int) -> Walk:
    """A phone at a station without a network, whose clock is ahead until `hours` is taken from its storage."""
    walk.context.add_init_script(f"({CLOCK})()")
    walk.page.goto(f"{walk.base}/app")
    walk.page.evaluate(f"localStorage.setItem('hours', '{hours}')")
    walk.arrive()
    walk.guard()
    walk.cut()
    return walk


def test_a_clock_that_is_put_right_does_not_hold_back_what_waits(phones: Phones) -> None:
    walk = ahead(phones(), 1)
    page = walk.page
    walk.count(25)
    walk.until(lambda: any(one["next_at"] for one in walk.reports()), "put off until later")
    [kept] = walk.reports()
    assert kept["next_at"] > page.evaluate("performance.timeOrigin + performance.now()") + 3_000_000
    page.evaluate("localStorage.removeItem('hours')")
    page.reload()
    walk.context.set_offline(False)
    walk.wait_for("accepted")
    assert logged_once(walk)


def test_a_correction_after_a_clock_was_put_back_takes_the_place_of_what_was_written_before(phones: Phones) -> None:
    walk = ahead(phones(), 5)
    page = walk.page
    form = f"{walk.base}/app#/final/{STATION}/constituency"
    for typed in ("10", "11", "12"):
        page.goto(form)
        page.reload()
        expect(page.locator("#count-1")).to_have_value("" if typed == "10" else str(int(typed) - 1))
        page.locator("#count-1").fill(typed)
        page.locator(".count-form > .count-main").click()
        page.locator(".count-choices .count-main").click()
        expect(page.get_by_role("heading", name="ผลสุดท้าย", exact=True)).to_be_visible()
        page.evaluate("localStorage.removeItem('hours')")
    written = sorted(walk.reports(), key=lambda one: int(one["seq"]))
    assert written[0]["made_at"] > written[2]["made_at"], "by the clock the first one is the newest"
    assert [one["draft"].get("replaces") for one in written[1:]] == [one["id"] for one in written[:2]]
    walk.context.set_offline(False)
    walk.wait_for("accepted", 3)
    assert logged_once(walk)


def test_a_station_that_the_network_kept_away_comes_when_there_is_one_again(walk: Walk) -> None:
    walk.arrive()
    walk.guard()
    walk.cut()
    page = walk.go("station/01-01-010111-002")
    expect(page.get_by_text("ตอนนี้ไม่มีสัญญาณ").first).to_be_visible()
    walk.context.set_offline(False)
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()


SIGNED_OUT = """async () => {
  const opened = indexedDB.open("sapparot-phone");
  await new Promise((heard) => { opened.onsuccess = heard; });
  const writing = opened.result.transaction("profiles", "readwrite");
  const store = writing.objectStore("profiles");
  const all = store.getAll();
  all.onsuccess = () => all.result.forEach((one) => store.put({ ...one, token: null }));
  await new Promise((heard) => { writing.oncomplete = heard; });
  opened.result.close();
}"""
"""Takes the phone's token away, as the server does with one that has run out."""


def test_what_waits_for_its_owner_to_sign_in_is_not_said_to_wait_for_a_network(walk: Walk) -> None:
    walk.arrive()
    walk.guard()
    walk.cut()
    walk.page.evaluate(SIGNED_OUT)
    walk.count(25)
    [kept] = walk.reports()
    walk.page.reload()
    walk.until(
        lambda: any(one["name"] == "reached" and one["at"] > kept["made_at"] for one in walk.kept("settings")), "tried"
    )
    assert [(one["way"], one["tries"], one["next_at"]) for one in walk.reports()] == [("kept", 0, 0)]
