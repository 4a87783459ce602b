"""What may stop in the middle: a renewal that is killed, a photograph that hangs, a window that is frozen, a database that is closed.

Nothing stands still behind it, and what it left goes on by itself.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from sapparot.base.database import connect
from tests.journeys.phonewalk import STATION, Walk
from tests.journeys.test_family import everything
from tests.journeys.test_forms import shoot
from tests.journeys.test_survival import SENDING, logged_once
from tests.journeys.test_uploads import large

pytestmark = [pytest.mark.browser, pytest.mark.slow]


ONE_MORE = """(wanted) => {
  const total = Number(document.querySelector(".count-tabs [aria-pressed=true] b")?.textContent);
  if (total < wanted) document.querySelector("count-progress .count-option")?.click();
  return total;
}"""
"""Taps the first option until so many ballots are counted; a second tap that comes too soon is none (count/guard.ts)."""


def killed(walk: Walk, heard: bool) -> dict[str, Any]:
    """Ask for a new key in a window that dies before the answer comes, whether the server `heard` or not; return what is left."""
    window = walk.context.new_page()
    window.goto(f"{walk.base}/app#/devices")
    asked: list[Route] = []
    window.route("**/v1/me/devices", lambda one: asked.append(one) if one.request.method == "POST" else one.continue_())
    window.get_by_role("button", name="ลงทะเบียนเครื่องนี้ด้วยกุญแจใหม่").click()
    walk.until(lambda: bool(asked), "asked")
    if heard:
        assert asked[0].fetch().ok
    window.close()
    [left] = walk.kept("profiles")
    return left


@pytest.mark.parametrize("heard", [False, True], ids=["before the server heard of it", "before the phone heard of it"])
def test_a_renewal_that_is_killed_goes_on_by_itself_and_takes_along_what_is_being_counted(
    walk: Walk, heard: bool
) -> None:
    page = walk.arrive()
    walk.page.evaluate("navigator.serviceWorker.ready")
    walk.lose(walk.kept("profiles")[0]["kid"])
    walk.count(25)
    walk.wait_for("refused")
    left = killed(walk, heard)
    assert left["kid"] != left["next"]["kid"]
    again = walk.context.new_page()
    again.goto(f"{walk.base}/app")
    walk.until(lambda: walk.kept("profiles")[0]["kid"] == left["next"]["kid"], "enrolled with the key asked for")
    # Whoever taps while the screen takes the new key over sees that it did not count, and taps again.
    walk.until(lambda: page.evaluate(ONE_MORE, 26) == 26, "counted on")
    expect(page.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    walk.page = again
    page.close()
    again.goto(f"{walk.base}/app#/count/{STATION}/constituency")
    expect(again.locator(".count-tabs [aria-pressed=true] b")).to_have_text("26")
    again.locator(".count-done").click()
    walk.wait_for("accepted")
    [profile] = walk.kept("profiles")
    assert profile["token"] and not profile["revoked"] and not profile.get("next")
    assert [one["kid"] for one in walk.reports() if one["way"] == "accepted"] == [left["next"]["kid"]]


def test_a_photograph_that_hangs_holds_up_neither_a_check_in_nor_a_report(walk: Walk) -> None:
    page = walk.arrive()
    walk.choose()
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()
    walk.go(f"final/{STATION}/constituency")
    page.locator(".count-form").wait_for()
    hanging: list[Route] = []
    walk.context.route("**/v1/uploads/*", lambda one: hanging.append(one))
    shoot(page, "form", large(), 1)
    walk.until(lambda: bool(hanging), "on its way")
    walk.go(f"station/{STATION}").get_by_role("button", name="เช็กอิน", exact=True).click()
    walk.until(lambda: any(one["kind"] == "check-in" and one["done"] for one in walk.kept("errands")), "checked in")
    assert walk.kept("photographs")[0]["state"] == "sending", "it hangs as before"
    walk.count(25)
    walk.wait_for("accepted")
    walk.context.unroute("**/v1/uploads/*")
    walk.go("outbox").get_by_role("button", name="ส่งตอนนี้").click()
    walk.until(lambda: walk.kept("photographs")[0]["state"] == "done", "arrived")


def test_a_window_that_the_phone_has_frozen_while_it_sent_holds_up_no_other_one(walk: Walk) -> None:
    page = walk.page
    page.add_init_script("delete SyncManager.prototype.register")  # the worker does not help out
    walk.arrive()
    page.evaluate("navigator.serviceWorker.ready")
    devtools = walk.context.new_cdp_session(page)
    devtools.send("Debugger.enable")
    with connect(walk.front.url) as held:
        held.execute("LOCK TABLE intake.received")
        walk.count(25)
        walk.wait_for("sent")
        walk.page = walk.context.new_page()
        walk.page.goto(f"{walk.base}/healthz")
        assert walk.page.evaluate(SENDING)
        devtools.send("Debugger.pause")  # not one step more: as frozen as a window can be
    walk.go("")
    walk.wait_for("accepted")
    walk.page = page
    devtools.send("Debugger.resume")
    devtools.send("Debugger.disable")
    walk.count(25)
    walk.wait_for("accepted", 2)
    assert logged_once(walk)


SLOW_HAND = """() => {
  const sign = crypto.subtle.sign.bind(crypto.subtle);
  globalThis.signing = 0;
  globalThis.go = new Promise((on) => { globalThis.goOn = on; });
  crypto.subtle.sign = async (...given) => { signing += 1; await go; return sign(...given); };
}"""
"""Has a signature wait until `goOn` is called."""


def test_what_is_being_signed_while_another_window_empties_the_phone_leaves_nothing_on_it(walk: Walk) -> None:
    page = walk.arrive()
    walk.count(3)
    page.evaluate(SLOW_HAND)
    page.locator(".count-done").click()
    walk.until(lambda: page.evaluate("signing") == 1, "being signed")
    page.locator("#count-1").fill("212")
    expect(page.locator(".count-form")).to_have_attribute("data-saved", "saved")
    other = walk.context.new_page()
    other.goto(f"{walk.base}/app#/data")
    other.get_by_role("button", name="ออกจากเครือข่าย / ลบข้อมูล").click()
    other.get_by_role("button", name="ล้างเฉพาะข้อมูลในเครื่องนี้").click()
    expect(other.get_by_role("heading", name="มาช่วยกันนับคะแนน")).to_be_visible()
    page.evaluate("goOn()")
    page.locator("#count-2").fill("35")
    expect(page.locator(".count-form")).to_have_attribute("data-saved", "failed")
    expect(page.get_by_role("alert")).to_contain_text("ยังไม่มีใครเข้าใช้ในเครื่องนี้")
    shoot_in_vain(page)
    assert [walk.kept(store) for store in ("outbox", "drafts", "photographs", "profiles")] == [[], [], [], []]
    assert walk.name not in everything(walk)


def shoot_in_vain(page: Page) -> None:
    """Bring a photograph that belongs to nobody."""
    page.locator("li[data-page='1'] input[type=file]").set_input_files(large())
    expect(page.locator(".count-photos").get_by_role("alert")).to_be_visible()


CLOSING = """() => {
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...given) {
    const asked = open.apply(this, given);
    asked.addEventListener("success", () => { globalThis.opened ??= asked.result; });
    return asked;
  };
}"""
"""Remembers the database as the app has opened it, so that it can be closed under the app as browsers do it."""


def test_a_database_that_the_browser_closes_under_the_app_is_opened_again(walk: Walk) -> None:
    walk.context.add_init_script(f"({CLOSING})()")
    page = walk.arrive()
    walk.count(3)
    page.evaluate("opened.close()")
    page.locator("count-progress .count-option").first.click()
    expect(page.locator(".count-tabs [aria-pressed=true] b")).to_have_text("4")
    expect(page.locator(".count-safe")).to_have_attribute("data-saved", "saved")
    page.reload()
    expect(page.locator(".count-tabs [aria-pressed=true] b")).to_have_text("4")
