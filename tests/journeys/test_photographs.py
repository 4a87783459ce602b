"""Photographs with a final: from the camera's file to the receipt in the log, small first, through a cut in the middle of the original."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
from playwright.sync_api import Route, expect

from tests.journeys.phonewalk import STATION, Walk
from tests.journeys.sound import faults
from tests.journeys.test_forms import shoot
from tests.journeys.test_uploads import PIECE, large

pytestmark = pytest.mark.browser


@pytest.fixture
def cut_in_the_middle(walk: Walk) -> Iterator[list[int]]:
    """A phone on its form, whose network goes in the second piece of an original; the offsets of all pieces that were asked for."""
    walk.arrive()
    walk.guard()
    walk.page.evaluate("navigator.serviceWorker.ready")
    walk.go(f"final/{STATION}/constituency")
    walk.page.locator(".count-form").wait_for()
    offsets: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method != "PATCH":
            return route.continue_()
        offsets.append(int(route.request.headers.get("upload-offset", "-1")))
        if offsets[-1] < PIECE or sum(one >= PIECE for one in offsets) > 1:
            return route.continue_()
        walk.context.set_offline(True)
        route.abort("connectionreset")

    walk.context.route("**/v1/uploads/*", cut)
    yield offsets


def hurried(walk: Walk) -> None:
    """Ask the phone to send now."""
    walk.go("outbox").get_by_role("button", name="ส่งตอนนี้").click()


def test_photographs_go_out_small_first_and_their_receipts_are_proved_on_the_phone(
    walk: Walk, cut_in_the_middle: list[int], axe: str
) -> None:
    page, offsets, photograph = walk.page, cut_in_the_middle, large()
    original = sha256(photograph["buffer"]).hexdigest()
    assert len(photograph["buffer"]) > 2 * PIECE
    shoot(page, "form", photograph, 1)
    page.locator("#count-1").fill("212")
    walk.until(lambda: max(offsets, default=0) >= PIECE, "cut")
    walk.until(lambda: walk.kept("photographs")[0]["journeys"]["original"]["offset"] >= PIECE, "noted")
    walk.judged()
    [photo] = walk.kept("photographs")
    assert (photo["sha256"], photo["state"]) == (original, "small")
    kept = [one["original"] for one in walk.front.log("evidence")]
    assert photo["small_sha256"] in kept and original not in kept, "the small copy is in the log, the original is not"
    page.locator(".count-form > .count-main").click()
    page.get_by_role("button", name="ส่งผลนี้").click()
    expect(page.get_by_role("heading", name="ภาพถ่าย ถึงแล้ว 0 จาก 1 รูป")).to_be_visible()
    assert faults(walk.page, axe) == []
    page.reload()
    walk.context.set_offline(False)
    hurried(walk)
    walk.until(lambda: walk.kept("photographs")[0]["state"] == "done", "arrived")
    walk.wait_for("accepted")
    assert offsets.count(0) == 2, "one first piece of the small copy, one of the original: nothing began anew"
    [report] = walk.reports()
    named = {"page": 1, "role": "form", "sha256": original, "small": photo["small_sha256"]}
    assert report["draft"]["evidence"] == [named]
    walk.judged()
    hurried(walk)
    walk.wait_for("logged")
    walk.until(lambda: walk.kept("photographs")[0].get("proved") is not None, "its receipt proved")
    walk.go(f"report/{report['id']}")
    expect(page.get_by_role("heading", name="ภาพถ่าย ถึงแล้ว 1 จาก 1 รูป")).to_be_visible()
    expect(page.get_by_text("อยู่ในบันทึกสาธารณะ รายการที่").first).to_be_visible()
    [receipt] = [one for one in walk.kept("receipts") if one["id"] == original]
    answer = walk.front.call("GET", f"/v1/receipts/photographs/{original}")
    assert f"index {receipt['index']}\n" in answer.body.decode()
