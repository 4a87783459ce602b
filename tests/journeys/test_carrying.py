"""Reports that another volunteer's phone brings to the server, as a file or as QR codes, while their own phone has no network."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from sapparot.base.database import connect
from tests.intake.phones import Served
from tests.journeys.conftest import FLAGS, Phones, chromium
from tests.journeys.phonewalk import PHONE, Walk
from tests.journeys.sound import faults
from tests.journeys.test_codes import FAKE, film

OTHER_STATION = "01-01-010111-002"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def without_network(walk: Walk) -> Page:
    """Get a phone ready, cut its network, and count and finish a station."""
    walk.arrive()
    walk.guard()
    walk.cut()
    walk.count(8)
    walk.finish()
    walk.wait_for("sent", 2)
    return walk.go("carry")


def carried(walk: Walk) -> list[str]:
    """The ways of what a phone carries for others."""
    return [one["way"] for one in walk.reports() if not one["person"]]


def test_a_file_of_reports_goes_by_another_phone_and_its_receipt_comes_to_the_first(
    phones: Phones, tmp_path: Path, axe: str
) -> None:
    first, other = phones(), phones()
    page = without_network(first)
    expect(page.get_by_text("มีรายงานที่ระบบยังไม่ได้รับ 2 ฉบับ")).to_be_visible()
    assert faults(first.page, axe) == []
    with page.expect_download() as told:
        page.get_by_role("button", name="ส่งเป็นไฟล์").click()
    told.value.save_as(tmp_path / "reports.txt")
    other.arrive()
    there = other.go("carry")
    files = there.locator("input[type=file]")
    files.set_input_files([tmp_path / "reports.txt", tmp_path / "reports.txt"])
    expect(there.get_by_text("มีอยู่แล้ว 2")).to_be_visible()
    other.until(lambda: carried(other) == ["accepted"] * 2, "carried")
    assert faults(other.page, axe) == []
    first.published()
    mine = sorted(one["jws"].encode() for one in first.reports())
    logged = first.front.logged()
    assert [logged.count(one) for one in mine] == [1, 1], "in the log before their own phone had a network"
    there = other.go("outbox")
    expect(there.get_by_text("รับฝากส่ง").first).to_be_visible()
    first.context.set_offline(False)
    first.wait_for("logged", 2)
    assert [first.front.logged().count(one) for one in mine] == [1, 1], "and once"
    [final] = [one for one in first.reports() if one["stage"] == "final"]
    expect(first.go(f"report/{final['id']}").get_by_role("heading", name="ใบรับ")).to_be_visible()


def test_reports_go_from_screen_to_camera(front: Served, browser: Browser, phones: Phones, tmp_path: Path) -> None:
    first = phones()
    page = without_network(first)
    page.get_by_role("button", name="แสดงเป็น QR").click()
    code, turn = page.locator(".codes svg.qr"), page.get_by_role("button", name="ภาพถัดไป")
    many = int(page.locator(".turning").inner_text().partition("/")[2].split()[0])
    assert many > 1
    page.get_by_role("button", name="หยุด").click()
    drawings = []
    for _ in range(many):
        drawings.append(code.evaluate("one => one.outerHTML"))
        turn.click()
    camera = f"{FAKE}{film(tmp_path / 'codes.y4m', drawings)}".split()
    watching = browser.browser_type.launch(executable_path=chromium(), args=[*FLAGS.split(), *camera])
    try:
        other = Walk(front, watching.new_context(**PHONE))
        other.arrive()
        there = other.go("carry")
        there.get_by_role("button", name="สแกน QR").click()
        expect(there.get_by_text("รับฝากรายงานไว้ 2 ฉบับ")).to_be_visible(timeout=30_000)
        expect(there.locator("video")).to_have_count(0)
        other.until(lambda: carried(other) == ["accepted"] * 2, "carried")
    finally:
        watching.close()
    first.judged()
    assert all(one["jws"].encode() in front.logged() for one in first.reports())


def test_ones_own_goes_first_and_forged_bytes_that_come_first_keep_the_true_ones_not_out(
    phones: Phones, tmp_path: Path
) -> None:
    first, other = phones(), phones()
    without_network(first)
    true = [one["jws"] for one in first.reports()]
    forged = [f"{jws.rsplit('.', 1)[0]}.{true[at - 1].rsplit('.', 1)[1]}" for at, jws in enumerate(true)]
    (tmp_path / "forged.txt").write_text("\n".join(forged))
    (tmp_path / "true.txt").write_text("\n".join(true))
    other.arrive()
    other.guard(OTHER_STATION)
    other.cut()
    there = other.go("carry")
    there.locator("input[type=file]").set_input_files([tmp_path / "forged.txt", tmp_path / "true.txt"])
    expect(there.get_by_text("รับฝากรายงานไว้ 4 ฉบับ")).to_be_visible()
    other.count(25, OTHER_STATION)
    other.wait_for("sent", 1)
    other.context.set_offline(False)
    other.until(lambda: "accepted" in {one["way"] for one in other.reports() if one["person"]}, "own accepted")
    other.until(lambda: set(carried(other)) <= {"accepted", "conflict"}, "carried")
    [own] = [one["jws"].encode() for one in other.reports() if one["person"]]
    with connect(other.front.url) as connection:
        rows = connection.execute(ARRIVED, ([own, *(one.encode() for one in true)],)).fetchall()
    assert bytes(rows[0][0]) == own and len(rows) == 3
    first.judged()
    logged = first.front.logged()
    assert all(one.encode() in logged for one in true) and not any(one.encode() in logged for one in forged)


def test_a_phone_that_carries_enough_says_so_and_still_keeps_its_own(walk: Walk, tmp_path: Path, axe: str) -> None:
    walk.arrive()
    walk.guard()
    walk.cut()
    page = walk.go("carry")
    for name in ("a", "b"):
        (tmp_path / f"{name}.txt").write_text("\n".join(invented(150)))
    files = page.locator("input[type=file]")
    files.set_input_files([tmp_path / "a.txt", tmp_path / "b.txt"])
    expect(page.get_by_text("ยังไม่ได้รับรายงานอีก 100 ฉบับ")).to_be_visible()
    assert len(carried(walk)) == 200
    assert faults(walk.page, axe) == []
    walk.count(25)
    walk.until(lambda: any(one["person"] for one in walk.reports()), "own report kept")
    page = walk.go("carry")
    files.set_input_files(tmp_path / "b.txt")
    (tmp_path / "large.txt").write_bytes(b"x" * 5_000_000)
    page.get_by_role("button", name="ทิ้งที่รับฝากไว้ทั้งหมด").click()
    # The next file is chosen while the screen is still at work: it waits its turn.
    files.set_input_files(tmp_path / "large.txt")
    expect(page.get_by_text("ไฟล์นี้ใหญ่เกินกว่าไฟล์รายงาน")).to_be_visible()
    assert carried(walk) == []
    assert len(walk.reports()) == 1


def invented(count: int) -> list[str]:
    """Lines that a phone cannot tell from reports: only the server knows whose key signed."""

    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    head = part({"alg": "ES256", "kid": "k" * 43, "typ": "sapparot-report+jwt"})
    said = {"sheet": f"{OTHER_STATION}/list", "stage": "final", "votes": {"1": 5}}
    return [f"{head}.{part({**said, 'id': str(uuid4())})}.{'A' * 86}" for _ in range(count)]


ARRIVED = "SELECT jws FROM intake.received WHERE jws = ANY(%s) ORDER BY flush, received_at"


def test_what_is_no_report_is_not_taken_in_and_a_changed_one_is_refused_at_the_server(
    phones: Phones, tmp_path: Path
) -> None:
    first, other = phones(), phones()
    without_network(first)
    reports = first.reports()
    head, payload, _ = reports[0]["jws"].split(".")
    forged = f"{head}.{payload}.{reports[1]['jws'].split('.')[2]}"
    (tmp_path / "mixed.txt").write_text(f"{forged}\nnot a report\n{'x' * 30_000}\n\0\n{'a.b.c'}\n")
    other.arrive()
    there = other.go("carry")
    there.locator("input[type=file]").set_input_files(tmp_path / "mixed.txt")
    expect(there.get_by_text("รับฝากรายงานไว้ 1 ฉบับ")).to_be_visible()
    other.until(lambda: carried(other) == ["accepted"], "carried")
    other.judged()
    assert forged.encode() not in other.front.logged()
    there.locator("input[type=file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(there.get_by_text("ไม่พบ QR ของรายงานในภาพ")).to_be_visible()
    first.context.set_offline(False)
    first.wait_for("accepted", 2)
    first.judged()
    logged = first.front.logged()
    assert all(one["jws"].encode() in logged for one in first.reports()), (
        "the forgery did not stand in the way of the report"
    )


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
