"""What stands between a phone and its server, and what comes late: a login page of some Wi-Fi, an answer about a key that is gone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.conftest import Phones
from tests.journeys.phonewalk import Walk
from tests.journeys.test_survival import logged_once

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LOGIN = "<!doctype html><title>Wi-Fi</title><h1>Welcome! Please sign in</h1>"
SHARED = "01-01-010111-002"


def asleep(walk: Walk) -> Walk:
    """A phone whose worker is not woken by the browser: only the window sends."""
    walk.page.add_init_script("delete SyncManager.prototype.register")
    return walk


def behind(walk: Walk, status: int, body: str, addresses: str = "**/{v1,log}/**") -> None:
    """Let somebody else answer for the server."""
    walk.context.route(addresses, lambda route: route.fulfill(status=status, content_type="text/html", body=body))


def send_now(walk: Walk) -> None:
    """Ask the outbox for a round, and wait until it has come to its end."""
    [before] = [one["at"] for one in walk.kept("settings") if one["name"] == "reached"]
    walk.go("outbox").get_by_role("button", name="ส่งตอนนี้").click()
    walk.until(lambda: any(one["name"] == "reached" and one["at"] > before for one in walk.kept("settings")), "tried")


@pytest.mark.parametrize(("status", "body"), [(200, LOGIN), (200, ""), (401, LOGIN), (403, LOGIN)])
def test_a_login_page_that_answers_for_everything_ends_nothing_that_waits(
    phones: Phones, status: int, body: str
) -> None:
    walk = asleep(phones())
    page = walk.arrive()
    walk.choose()
    expect(page.get_by_role("button", name="เช็กอิน", exact=True)).to_be_visible()
    behind(walk, status, body)
    page.get_by_role("button", name="เช็กอิน", exact=True).click()
    walk.count(25)
    walk.until(lambda: any(one["tries"] for one in walk.reports()), "tried")
    send_now(walk)
    assert [one["way"] for one in walk.reports()] == ["sent"]
    assert [one["done"] for one in walk.kept("errands") if one["kind"] == "check-in"] == [False]
    assert walk.kept("profiles")[0]["token"]
    walk.go("")
    expect(page.get_by_text("ต้องเข้าใช้อีกครั้ง")).to_have_count(0)
    walk.context.unroute("**/{v1,log}/**")
    send_now(walk)
    walk.wait_for("accepted")
    walk.until(lambda: all(one["done"] and not one.get("trouble") for one in walk.kept("errands")), "checked in")
    assert logged_once(walk)


@pytest.mark.parametrize("status", [200, 403])
def test_a_login_page_instead_of_a_receipt_or_of_the_logs_key_is_neither_believed_nor_held_against_the_server(
    phones: Phones, status: int
) -> None:
    walk = asleep(phones())
    walk.arrive()
    walk.count(25)
    walk.wait_for("accepted")
    walk.judged()
    for addresses in ("**/v1/receipts/**", "**/log/log.vkey"):
        behind(walk, status, LOGIN, addresses)
        send_now(walk)
        assert [(one["way"], one.get("trouble")) for one in walk.reports()] == [("accepted", None)]
        walk.context.unroute(addresses)
    send_now(walk)
    walk.wait_for("logged")


def test_an_answer_about_a_key_that_was_replaced_meanwhile_says_nothing_of_the_new_one(phones: Phones) -> None:
    walk = asleep(phones())
    page = walk.arrive()
    walk.guard()
    [before] = walk.kept("profiles")
    other = phones()
    other.sign_in(walk.telephone)
    other.lose(before["kid"])
    walk.count(25)
    walk.wait_for("refused")
    walk.sign_in(walk.telephone)
    late: list[Route] = []
    page.route("**/v1/reports", lambda route: route.continue_() if late else late.append(route))
    walk.count(25)
    walk.until(lambda: bool(late), "on its way")
    answer = late[0].fetch()
    walk.go("devices").get_by_role("button", name="ลงทะเบียนเครื่องนี้ด้วยกุญแจใหม่").click()
    walk.until(lambda: walk.kept("profiles")[0]["kid"] != before["kid"], "another key")
    late[0].fulfill(response=answer)
    walk.wait_for("refused", 2)
    [after] = walk.kept("profiles")
    assert after["token"] and not after["revoked"]
    walk.count(25)
    walk.wait_for("accepted")


def test_who_goes_back_while_a_count_is_being_opened_stays_there(walk: Walk) -> None:
    page = walk.arrive()
    late: list[Route] = []
    page.route(f"**/v1/sheets/{SHARED}", lambda route: late.append(route))
    walk.go(f"count/{SHARED}/constituency")
    walk.until(lambda: bool(late), "asked")
    walk.go("me")
    expect(page.get_by_role("heading", name=walk.name)).to_be_visible()
    with page.expect_response(f"**/v1/sheets/{SHARED}"):
        late[0].continue_()
    walk.until(lambda: any(one["station"] == SHARED for one in walk.kept("kits")), "kept")
    page.wait_for_timeout(300)
    expect(page.get_by_role("heading", name=walk.name)).to_be_visible()
    expect(page.locator("count-progress, count-final")).to_have_count(0)
